#pragma once
// What is seen while a tuning runs: loss and accuracy on held-out sentences, growing; and how far it is.

#include <QWidget>

#include "prompts/tuner.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace hearsay::ui {

class CurvePlot;

class TuningView : public QWidget {
  Q_OBJECT
 public:
  explicit TuningView(QWidget* parent = nullptr);
  void begin();    ///< it waits for its turn, and cannot be paused yet
  void itsTurn();  ///< it runs
  void add(const TunerUpdate& update);
  void showCurves(const PromptSet& prompts);  ///< of a set that was tuned earlier
  void end(const QString& sentence);
  void setPaused(bool paused);

 Q_SIGNALS:
  void pauseWanted();
  void stopWanted();

 private:
  void addLoss(const CurvePoint& point);
  void addHeldOut(const HeldOutPoint& point);
  QWidget* makeLine();

  CurvePlot* loss_ = nullptr;
  CurvePlot* accuracy_ = nullptr;
  QLabel* status_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QPushButton* pause_ = nullptr;
  QPushButton* stop_ = nullptr;
};

}  // namespace hearsay::ui
