#pragma once
// How often the names are right, for files that bring labels along: all kinds of score side by side, which class was
// taken for which, how far probabilities can be trusted, and every class by itself.

#include <QWidget>
#include <memory>
#include <vector>

#include "classify/evaluate.h"

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableWidget;

namespace hearsay::ui {

class AppContext;
class ConfusionView;
class ReliabilityView;

/// A file that has both a result and labels.
struct LabelledResult {
  std::shared_ptr<const FileResult> result;
  std::vector<int> labels;  ///< indices into the prompt set's classes, at least one
};

/// How many files there are, and of those that are in no figure, why.
struct FileCounts {
  int all = 0;
  int unknown = 0;   ///< their labels are no classes of the list
  int waiting = 0;   ///< labelled, without a result yet
  int failed = 0;    ///< labelled, but failed or stopped
  int outdated = 0;  ///< labelled, with a result of other prompts
};

/// The figures of every kind of score the prompt set has; one after another in the order they are shown.
std::vector<std::pair<ScoreKind, ScoreMetrics>> evaluateResults(const std::vector<LabelledResult>& results,
                                                                const PromptSet& prompts);

class EvaluationView : public QWidget {
  Q_OBJECT
 public:
  explicit EvaluationView(AppContext& app, QWidget* parent = nullptr);
  /// Counts in the background; the newest call wins.
  void setResults(std::vector<LabelledResult> results, const FileCounts& files,
                  const std::shared_ptr<const PromptSet>& prompts);
  [[nodiscard]] int labelled() const { return labelled_; }

 Q_SIGNALS:
  void nameAgain();  ///< wanted, since the results are of other prompts
  /// Of the confusions by this kind of score.
  void cellChosen(const QString& label, const QString& named, hearsay::ScoreKind kind);

 private:
  using Figures = std::vector<std::pair<ScoreKind, ScoreMetrics>>;
  QWidget* buildEmpty();
  QWidget* buildFigures();
  QWidget* buildTables();
  QWidget* buildPictures();
  void take(Figures figures);
  void showWhy();  ///< there are no figures
  [[nodiscard]] QString filesInWords() const;
  void fillSummary();
  void showKind();

  AppContext& app_;
  std::shared_ptr<const PromptSet> prompts_;
  Figures figures_;
  FileCounts files_;
  int labelled_ = 0;
  int generation_ = 0;
  QStackedWidget* stack_ = nullptr;
  QLabel* empty_ = nullptr;
  QPushButton* again_ = nullptr;
  QLabel* sentence_ = nullptr;
  QTableWidget* summary_ = nullptr;
  QComboBox* kind_ = nullptr;
  ConfusionView* confusion_ = nullptr;
  ReliabilityView* reliability_ = nullptr;
  QLabel* calibration_ = nullptr;
  QTableWidget* classes_ = nullptr;
};

}  // namespace hearsay::ui
