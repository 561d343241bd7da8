#pragma once
// Teach: sounds on the left; on the right the sentences, the recipe, the tuning and what came of it.

#include <memory>

#include "ui/shell/page.h"
#include "ui/teach/tuning_run.h"

class QFrame;
class QLabel;
class QPushButton;
class QSplitter;
class QTabWidget;

namespace hearsay {
struct UnfinishedTuning;
}

namespace hearsay::ui {

class CaptionPanel;
class ClassEditor;
class RecipePanel;
class ResultView;
class SimilarityView;
class TuningView;
class UnfinishedBar;
enum class TextFileKind;

class TeachPage : public Page {
  Q_OBJECT
 public:
  explicit TeachPage(AppContext& app, QWidget* parent = nullptr);
  ~TeachPage() override;

  /// Captions (.csv, .tsv, .txt), or a class list (.txt); asks where the lines do not say which (text_file_kind.h).
  bool openPaths(const QStringList& paths) override;
  void startMainAct() override { start(); }
  void shutDown() override;

  void start();  ///< tunes with what is set; says why when that cannot be
  void tuneAgain();
  [[nodiscard]] bool tuning() const { return job_ >= 0; }

 private:
  QWidget* makeWelcome();
  void closeWelcome();
  QWidget* makeWork();
  QWidget* makeStartRow();
  void connectAll();
  void takeText(const QString& path, TextFileKind kind);
  void begin(const std::optional<StartingContexts>& from);
  void goOn(const UnfinishedTuning& unfinished);
  void launch(const TuningRequest& request);
  void finished(const std::shared_ptr<TuningOutcome>& outcome, const JobService::Outcome& how);
  void takeResult(const TuningOutcome& outcome);
  void updateStart();
  void promptsChanged();
  [[nodiscard]] QString obstacle() const;  ///< why Start cannot be pressed; empty: it can

  QFrame* welcome_ = nullptr;
  UnfinishedBar* unfinished_ = nullptr;
  QSplitter* splitter_ = nullptr;
  ClassEditor* classes_ = nullptr;
  CaptionPanel* captions_ = nullptr;
  RecipePanel* recipe_ = nullptr;
  TuningView* tuning_ = nullptr;
  ResultView* result_ = nullptr;
  SimilarityView* similarity_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QPushButton* start_ = nullptr;
  QLabel* summary_ = nullptr;
  std::shared_ptr<TuningFeed> feed_;
  int job_ = -1;
};

}  // namespace hearsay::ui
