#pragma once
// How listening works: score, hop, smoothing, hold, threshold, noise correction; remembered.

#include "classify/stream_classifier.h"
#include "ui/shell/option_row.h"

class QSpinBox;

namespace hearsay::ui {

class ListenControls : public OptionRow {
  Q_OBJECT
 public:
  explicit ListenControls(QSettings& settings, QWidget* parent = nullptr);
  /// All but the thresholds, which are kept a class each.
  [[nodiscard]] StreamOptions options() const;
  /// Shows a threshold that is the same for all classes, or "mixed" (negative).
  void showThreshold(double threshold);

 Q_SIGNALS:
  void optionsChanged();
  void thresholdForAll(double threshold);

 private:
  void addThreshold();

  QDoubleSpinBox* hop_ = nullptr;
  QDoubleSpinBox* smoothing_ = nullptr;
  QDoubleSpinBox* hold_ = nullptr;
  QSpinBox* threshold_ = nullptr;
};

}  // namespace hearsay::ui
