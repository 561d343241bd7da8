#pragma once
// Which microphone: a list with the system's default first, and a button that looks again.

#include <QWidget>
#include <vector>

#include "audio/capture.h"

class QComboBox;
class QToolButton;

namespace hearsay::ui {

class AppContext;

class InputPicker : public QWidget {
  Q_OBJECT
 public:
  explicit InputPicker(AppContext& app, QWidget* parent = nullptr);
  /// A device's name; empty: the default.
  [[nodiscard]] QString chosen() const;
  /// Looked, and found nothing.
  [[nodiscard]] bool nothingFound() const { return looked_ && devices_.empty(); }
  void refresh();

 Q_SIGNALS:
  void refreshed();
  void chosenChanged();

 private:
  void fill();

  AppContext& app_;
  QComboBox* box_ = nullptr;
  QToolButton* again_ = nullptr;
  std::vector<InputDevice> devices_;
  bool looked_ = false;
  bool looking_ = false;
};

}  // namespace hearsay::ui
