#pragma once
// Keeps the table of Files on disk while the program runs: some seconds after a change, and when the window closes.

#include <QObject>
#include <QTimer>
#include <memory>
#include <mutex>

namespace hearsay::ui {

class AppContext;
class FileTableModel;

class FileKeeper : public QObject {
  Q_OBJECT
 public:
  /// Both must outlive this.
  FileKeeper(AppContext& app, FileTableModel& model, QObject* parent = nullptr);
  /// Fills the table with what was kept, in the background; from then on changes are kept.
  void bringBack();
  /// At once, if anything has changed since bringBack() came to its end, or since it was kept last.
  void keepNow();

 Q_SIGNALS:
  void cameBack(int rows);

 private:
  /// What a background writer and the closing window share.
  struct Turn {
    std::mutex mutex;
    int newest = 0;  ///< what is older is not written any more
  };
  void keepSoon();
  void keepInBackground();
  void tellFailure(const QString& sentence);

  AppContext& app_;
  FileTableModel& model_;
  QTimer timer_;
  std::shared_ptr<Turn> turn_ = std::make_shared<Turn>();
  int asked_ = 0;
  bool changed_ = false;  ///< since it was kept last
  bool failed_ = false;   ///< told already
};

}  // namespace hearsay::ui
