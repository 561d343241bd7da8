#pragma once
// How listening works: score, hop, smoothing, hold, threshold; remembered.

#include <QWidget>

#include "classify/stream_classifier.h"

class QComboBox;
class QDoubleSpinBox;
class QSettings;
class QSpinBox;

namespace hearsay::ui {

class ListenControls : public QWidget {
  Q_OBJECT
 public:
  explicit ListenControls(QSettings& settings, QWidget* parent = nullptr);
  /// All but the thresholds, which are kept a class each.
  [[nodiscard]] StreamOptions options() const;
  /// Scores that a set which is not tuned does not have cannot be chosen.
  void setTuned(bool tuned, ScoreKind preferred);
  /// Shows a threshold that is the same for all classes, or "mixed" (negative).
  void showThreshold(double threshold);

 Q_SIGNALS:
  void optionsChanged();
  void thresholdForAll(double threshold);

 private:
  void addKinds();
  QDoubleSpinBox* addSpin(const char* name, const QString& label, const QString& tip, double low, double high,
                          double step, double start);

  QSettings& settings_;
  QComboBox* kind_ = nullptr;
  QDoubleSpinBox* hop_ = nullptr;
  QDoubleSpinBox* smoothing_ = nullptr;
  QDoubleSpinBox* hold_ = nullptr;
  QSpinBox* threshold_ = nullptr;
};

}  // namespace hearsay::ui
