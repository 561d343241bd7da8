#pragma once
// How files are named: score, window, hop, pooling of windows, noise correction; remembered.

#include "classify/file_classifier.h"
#include "ui/shell/option_row.h"

class QComboBox;

namespace hearsay::ui {

class FileControls : public OptionRow {
  Q_OBJECT
 public:
  explicit FileControls(QSettings& settings, QWidget* parent = nullptr);
  [[nodiscard]] ClassifyOptions options() const;
  /// The longest window the model hears, seconds.
  void setModelWindow(double seconds);

 Q_SIGNALS:
  void kindChanged();     ///< needs no new pass
  void windowsChanged();  ///< needs one

 private:
  void boundHop();

  QDoubleSpinBox* window_ = nullptr;
  QDoubleSpinBox* hop_ = nullptr;
  QComboBox* pooling_ = nullptr;
};

}  // namespace hearsay::ui
