#pragma once
// How files are named: score, window, hop; remembered.

#include <QWidget>

#include "classify/file_classifier.h"

class QComboBox;
class QDoubleSpinBox;
class QSettings;

namespace hearsay::ui {

class FileControls : public QWidget {
  Q_OBJECT
 public:
  explicit FileControls(QSettings& settings, QWidget* parent = nullptr);
  [[nodiscard]] ClassifyOptions options() const;
  [[nodiscard]] ScoreKind kind() const;
  void setTuned(bool tuned, ScoreKind preferred);
  /// The longest window the model hears, seconds.
  void setModelWindow(double seconds);

 Q_SIGNALS:
  void kindChanged();     ///< needs no new pass
  void windowsChanged();  ///< needs one

 private:
  QDoubleSpinBox* addSpin(const char* name, const QString& label, const QString& special, const QString& tip);

  QSettings& settings_;
  QComboBox* kind_ = nullptr;
  QDoubleSpinBox* window_ = nullptr;
  QDoubleSpinBox* hop_ = nullptr;
};

}  // namespace hearsay::ui
