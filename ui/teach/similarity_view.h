#pragma once
// The similarity map with a choice of which prompts it is drawn from.

#include <QWidget>
#include <memory>

#include "ui/shell/app_context.h"

class QComboBox;
class QLabel;

namespace hearsay::ui {

class SimilarityMap;

class SimilarityView : public QWidget {
  Q_OBJECT
 public:
  explicit SimilarityView(AppContext& app, QWidget* parent = nullptr);
  void showPrompts(const std::shared_ptr<const PromptSet>& prompts);

 private:
  void draw();

  std::shared_ptr<const PromptSet> prompts_;
  QComboBox* kind_ = nullptr;
  QLabel* words_ = nullptr;
  SimilarityMap* map_ = nullptr;
};

}  // namespace hearsay::ui
