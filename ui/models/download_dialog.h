#pragma once
// The published models that can be fetched, one at a time, with progress. Hiding the dialog does not stop a download.

#include <QDialog>
#include <memory>

#include "ui/models/model_download.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace hearsay::ui {

class DownloadDialog : public QDialog {
  Q_OBJECT
 public:
  /// `hub`: where they come from; `folder`: where their folders go.
  DownloadDialog(QUrl hub, QString folder, QWidget* parent = nullptr);
  /// Folders of models that are in the list already: not fetched again.
  void setInstalled(const QStringList& folders);
  [[nodiscard]] bool downloading() const { return download_ != nullptr; }
  [[nodiscard]] int percent() const { return percent_; }

 Q_SIGNALS:
  void arrived(const QString& folder);  ///< a whole, checked model folder
  void progressed();                    ///< downloading() or percent() changed
  void failed(const QString& sentence);

 private:
  void makeTable();
  void begin();
  void cancel();
  void showProgress(qint64 done, qint64 total, double secondsLeft, const QString& what);
  void end();
  void showState();
  [[nodiscard]] QString folderOf(int row) const;
  [[nodiscard]] int chosen() const;

  QUrl hub_;
  QString folder_;
  QStringList installed_;
  std::unique_ptr<ModelDownload> download_;
  int percent_ = -1;
  QTableWidget* table_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QLabel* state_ = nullptr;
  QPushButton* begin_ = nullptr;
  QPushButton* cancel_ = nullptr;
};

}  // namespace hearsay::ui
