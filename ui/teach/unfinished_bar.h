#pragma once
// A quiet line on Teach: a tuning that a crash or a power cut ended can be gone on with, or thrown away.

#include <QFrame>
#include <memory>

#include "prompts/tuning_checkpoint.h"
#include "ui/shell/app_context.h"

class QLabel;
class QPushButton;

namespace hearsay::ui {

class UnfinishedBar : public QFrame {
  Q_OBJECT
 public:
  explicit UnfinishedBar(AppContext& app, QWidget* parent = nullptr);
  /// Looks in the background for the newest unfinished tuning of this window with the model in use; shows itself when
  /// there is one.
  void refresh();
  void setWanted(bool wanted);  ///< false while a tuning runs: then it stays hidden

 Q_SIGNALS:
  void goOnWanted(const UnfinishedTuning& tuning);

 private:
  void offer(const std::shared_ptr<const UnfinishedTuning>& tuning);
  void askDiscard();
  void discard(const std::filesystem::path& file);

  AppContext& app_;
  QLabel* text_ = nullptr;
  QPushButton* goOn_ = nullptr;
  QPushButton* discard_ = nullptr;
  std::shared_ptr<const UnfinishedTuning> offered_;
  bool wanted_ = true;
  int asked_ = 0;  ///< number of the newest search
};

}  // namespace hearsay::ui
