#pragma once
// What a new labelling session needs: a folder of sounds, where the session file goes, and class names.

#include <QDialog>
#include <QStringList>

class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace hearsay::ui {

class NewSessionDialog : public QDialog {
  Q_OBJECT
 public:
  NewSessionDialog(const QString& folder, const QStringList& classNames, QWidget* parent = nullptr);

  /// Where choosing a folder begins while none is named.
  void browseFrom(const QString& folder) { start_ = folder; }

  [[nodiscard]] QString folder() const;
  [[nodiscard]] QString sessionFile() const;
  [[nodiscard]] QStringList classNames() const;

 private:
  void chooseFolder();
  void chooseFile();
  void check();

  QString start_;
  QLineEdit* folder_ = nullptr;
  QLineEdit* file_ = nullptr;
  QPlainTextEdit* classes_ = nullptr;
  QLabel* hint_ = nullptr;
  QDialogButtonBox* buttons_ = nullptr;
  bool file_chosen_ = false;  ///< the person chose the file; a new folder no longer changes it
};

}  // namespace hearsay::ui
