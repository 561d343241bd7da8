#pragma once
// How to tune: a recipe, and what can be changed about it.

#include <QWidget>

#include "prompts/tuner.h"
#include "ui/shell/app_context.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QToolButton;

namespace hearsay::ui {

class RecipePanel : public QWidget {
  Q_OBJECT
 public:
  explicit RecipePanel(AppContext& app, QWidget* parent = nullptr);
  /// What is set. Error: Usage, for settings out of range.
  [[nodiscard]] TunerOptions options() const;
  /// Shows the settings of a tuning that is gone on with.
  void setOptions(const TunerOptions& options, const QString& textTemplate);
  [[nodiscard]] QString textTemplate() const;
  [[nodiscard]] QString problem() const;  ///< a sentence when something here is wrong

 Q_SIGNALS:
  void changed();

 private:
  QWidget* makeAdvanced();
  void makeUnseen(class QFormLayout* form);
  void makeNumbers(class QFormLayout* form);
  void remember();
  void restore();
  void explain();      ///< the recipe in a few words
  void offerUnseen();  ///< whether anything can be held out, by the number of classes
  void proposeUnseen();
  [[nodiscard]] QString unseenProblem(const std::vector<std::string>& unseen) const;
  void templateEdited();

  AppContext& app_;
  QComboBox* recipe_ = nullptr;
  QLabel* explanation_ = nullptr;
  QToolButton* more_ = nullptr;
  QWidget* advanced_ = nullptr;
  QSpinBox* context_ = nullptr;
  QSpinBox* seed_ = nullptr;
  QComboBox* labels_ = nullptr;
  QCheckBox* holdOut_ = nullptr;
  QLineEdit* unseen_ = nullptr;
  QLineEdit* template_ = nullptr;
  QSpinBox* steps_ = nullptr;
};

}  // namespace hearsay::ui
