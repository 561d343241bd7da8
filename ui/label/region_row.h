#pragma once
// Where the chosen region begins and ends, to a millisecond, to read and to type.

#include <QWidget>
#include <optional>

#include "ui/charts/region_layer.h"

class QDoubleSpinBox;
class QLabel;

namespace hearsay::ui {

class RegionRow : public QWidget {
  Q_OBJECT
 public:
  explicit RegionRow(QWidget* parent = nullptr);

  /// Of this region of a clip this long; none: the row is hidden.
  void setRegion(const std::optional<ChartRegion>& region, double clipSeconds);

 Q_SIGNALS:
  void moved(qint64 region, double start, double end);  ///< by typing; where that is refused the row stays as it was
  void left();                                          ///< by Enter or Esc: the keys are the page's again

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QDoubleSpinBox* addTime(const char* objectName, const QString& name);
  void showTimes();
  void move(double start, double end);

  QDoubleSpinBox* start_ = nullptr;
  QDoubleSpinBox* end_ = nullptr;
  QLabel* about_ = nullptr;
  ChartRegion region_;
  double clipSeconds_ = 0.0;
};

}  // namespace hearsay::ui
