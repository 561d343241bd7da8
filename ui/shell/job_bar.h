#pragma once
// The bottom line: the running job with its progress, pause and cancel; the microphone's level while it listens.

#include <QFrame>

#include "ui/shell/app_context.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace hearsay::ui {

/// "12 s left", "3 min left"; empty when it is not known.
QString timeLeftText(double seconds);

class LevelStrip;

class JobBar : public QFrame {
  Q_OBJECT
 public:
  explicit JobBar(AppContext& app, QWidget* parent = nullptr);

 private:
  void jobStarted(const QString& title);
  void jobEnded();
  void progressed(const QString& stage, double fraction, double secondsLeft);
  void pausedChanged(bool paused);
  void showLeft();  ///< the time, or that it is paused, and how many wait behind it
  void heard(double levelDb, bool listening);
  QWidget* makeJob();
  QWidget* makeMicrophone();

  AppContext& app_;
  QLabel* title_ = nullptr;
  QLabel* left_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QToolButton* pause_ = nullptr;
  QToolButton* cancel_ = nullptr;
  QLabel* microphone_ = nullptr;
  LevelStrip* level_ = nullptr;
  QString job_;
  QString timeLeft_;
};

/// A level meter of one line: RMS in dBFS from -60 to 0.
class LevelStrip : public QWidget {
  Q_OBJECT
 public:
  explicit LevelStrip(QWidget* parent = nullptr);
  void setLevel(double db, bool listening);
  [[nodiscard]] QSize sizeHint() const override { return {96, 12}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  double share_ = 0.0;  ///< 0..1
  bool listening_ = false;
};

}  // namespace hearsay::ui
