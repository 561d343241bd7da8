#pragma once
// How listening works: score, hop, smoothing, hold, threshold, noise correction; remembered.

#include "classify/stream_classifier.h"
#include "ui/shell/option_row.h"

class QLabel;
class QSpinBox;

namespace hearsay::ui {

class ListenControls : public OptionRow {
  Q_OBJECT
 public:
  explicit ListenControls(QSettings& settings, QWidget* parent = nullptr);
  /// All but the thresholds, which are kept a class each.
  [[nodiscard]] StreamOptions options() const;
  /// Shows a threshold that is the same for all classes, or "mixed" (negative).
  void showThreshold(double threshold);
  /// Beside the seconds asked for: how often it really is, when the model is too slow for them. `behind`: seconds from
  /// a sound to its prediction. A hop of 0 or as asked for: nothing beside them.
  void showPace(double hop, double behind);

 Q_SIGNALS:
  void optionsChanged();
  void thresholdForAll(double threshold);

 private:
  void addThreshold();

  QDoubleSpinBox* hop_ = nullptr;
  QLabel* pace_ = nullptr;
  QDoubleSpinBox* smoothing_ = nullptr;
  QDoubleSpinBox* hold_ = nullptr;
  QSpinBox* threshold_ = nullptr;
};

}  // namespace hearsay::ui
