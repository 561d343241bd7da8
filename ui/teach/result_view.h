#pragma once
// What a tuning brought: the four accuracies, whether it helped, class by class, and what to do with it.

#include <QWidget>
#include <memory>

#include "ui/shell/app_context.h"
#include "ui/teach/tuning_run.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableWidget;

namespace hearsay::ui {

class AccuracyBars;

/// "Tuning helped: 91.2 % of the held-out sentences are named right, 80.0 % with the template."
QString verdict(const PromptSet& prompts);

class ResultView : public QWidget {
  Q_OBJECT
 public:
  explicit ResultView(AppContext& app, QWidget* parent = nullptr);

  /// Of a tuning that just ended; `report` may be null (a set that was opened).
  void showResult(const std::shared_ptr<const PromptSet>& prompts, const std::vector<ClassGain>& gains,
                  const TunerReport* report);
  [[nodiscard]] std::shared_ptr<const PromptSet> shown() const { return prompts_; }

 Q_SIGNALS:
  void tuneAgainWanted();

 private:
  QWidget* makeButtons();
  void makeGains();
  QPushButton* addButton(QLayout* row, const QString& name, const QString& picture, const QString& text,
                         const QString& tip, std::function<void()> act);
  void fillGains(const std::vector<ClassGain>& gains);
  void setGainRow(int row, std::size_t label, const ClassGain& gain);
  void paintGains();  ///< in the colours of the list on the left, where a class is in it
  void updateButtons();
  void save();
  void exportAs(const QString& format);
  [[nodiscard]] bool inUse() const;

  AppContext& app_;
  std::shared_ptr<const PromptSet> prompts_;
  QStackedWidget* stack_ = nullptr;
  QLabel* other_ = nullptr;
  QLabel* verdict_ = nullptr;
  QLabel* details_ = nullptr;
  AccuracyBars* bars_ = nullptr;
  QLabel* gainsTitle_ = nullptr;
  QTableWidget* gains_ = nullptr;
  QPushButton* use_ = nullptr;
  QPushButton* again_ = nullptr;
};

}  // namespace hearsay::ui
