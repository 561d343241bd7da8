#pragma once
// The line above the pages: the model and the prompt set in use, and the device they run on.

#include <QFrame>

#include "ui/shell/app_context.h"

class QLabel;
class QMenu;
class QToolButton;

namespace hearsay::ui {

class TopBar : public QFrame {
  Q_OBJECT
 public:
  explicit TopBar(AppContext& app, QWidget* parent = nullptr);

 private:
  void showModel();
  void showLoading(double fraction);
  void showPrompts();
  void fillModels();
  void fillPrompts();

  AppContext& app_;
  QToolButton* model_ = nullptr;
  QToolButton* prompts_ = nullptr;
  QLabel* device_ = nullptr;
  QMenu* models_ = nullptr;
  QMenu* sets_ = nullptr;
};

/// "Tuned, 10 classes: kitchen.safetensors"; `edited`: the list is another than that file's.
QString promptsInWords(const PromptSet& prompts, const QString& file, bool unsaved, bool edited);

}  // namespace hearsay::ui
