#pragma once
// How loud the microphone is: a bar from -60 to 0 dBFS with the peak of the last second as a mark.

#include <QElapsedTimer>
#include <QWidget>

namespace hearsay::ui {

class LevelMeter : public QWidget {
  Q_OBJECT
 public:
  explicit LevelMeter(QWidget* parent = nullptr);
  void setLevel(double rmsDb, double peakDb);
  void clear();
  [[nodiscard]] double level() const { return rmsDb_; }
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  double rmsDb_ = -100.0;
  double heldDb_ = -100.0;
  QElapsedTimer held_;
};

}  // namespace hearsay::ui
