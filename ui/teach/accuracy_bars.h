#pragma once
// Zero-shot, coarse, fine and fused accuracy under each other, as bars with numbers.

#include <QWidget>

#include "prompts/prompt_set.h"

namespace hearsay::ui {

class AccuracyBars : public QWidget {
  Q_OBJECT
 public:
  explicit AccuracyBars(QWidget* parent = nullptr);
  void setAccuracy(const TextAccuracy& accuracy, ScoreKind inUse);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  TextAccuracy accuracy_;
  ScoreKind inUse_ = ScoreKind::ZeroShot;
};

}  // namespace hearsay::ui
