#pragma once
// Fetching a published checkpoint, file by file, into a folder: resuming, checking, saying what is wrong. Speaks what
// Hugging Face's hub speaks: GET /api/models/NAME?blobs=true lists files with sizes and hashes (SHA-256 of large files,
// git's SHA-1 of others), GET /NAME/resolve/REVISION/FILE gives one, with ranges.

#include <QElapsedTimer>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QTimer>
#include <atomic>
#include <functional>
#include <memory>

#include "ui/models/published_models.h"

namespace hearsay::ui {

class ModelDownload : public QObject {
  Q_OBJECT
 public:
  /// `folder` is made when it is missing. What an earlier try left there (FILE.part) is gone on with. The proxy is the
  /// system's.
  ModelDownload(QUrl hub, std::vector<HubSource> sources, QString folder, QObject* parent = nullptr);
  ~ModelDownload() override;
  void start();
  void cancel();  ///< what has come so far stays, to be gone on with
  [[nodiscard]] const QString& folder() const { return folder_; }

  /// Milliseconds after which a broken connection is tried again the first time; doubled each time. For tests.
  void setPatience(int milliseconds) { patience_ = milliseconds; }
  /// How many bytes are free at a folder. For tests.
  void setFreeSpace(std::function<qint64(const QString&)> free) { freeSpace_ = std::move(free); }

 Q_SIGNALS:
  /// Bytes of all files; `secondsLeft` negative: not known yet. `what` is being done, in words.
  void progressed(qint64 done, qint64 total, double secondsLeft, const QString& what);
  void finished();                       ///< everything is there and checked
  void failed(const QString& sentence);  ///< also when cancelled, with an empty sentence

 private:
  struct Part {
    QString repository;
    QString revision;
    QString name;
    qint64 size = -1;
    QByteArray sha256;   ///< lower-case hex; of large files
    QByteArray gitSha1;  ///< of the others
    qint64 have = 0;
    bool done = false;
  };
  // model_download.cpp: which files there are
  void askForNextList();
  void listArrived();
  [[nodiscard]] bool readList(const QByteArray& json, const HubSource& source);
  void beginFiles();
  void fail(const QString& sentence);
  void tell(const QString& what);
  [[nodiscard]] QString pathOf(const Part& part, bool whole) const;
  [[nodiscard]] QString problemOf(const QNetworkReply& reply, const QString& what) const;
  QNetworkReply* get(const QUrl& url, qint64 from = 0);
  // model_download_files.cpp: one after the other
  void nextFile();
  void fetch();
  void takeBytes();
  void fileArrived();
  void check(const QString& path);
  void checked(bool good);
  void again(const QString& why);

  QUrl hub_;
  QString folder_;
  std::vector<HubSource> sources_;
  std::size_t source_ = 0;
  std::vector<Part> parts_;
  std::size_t part_ = 0;
  QNetworkAccessManager network_;
  QPointer<QNetworkReply> reply_;
  QFile file_;
  QTimer retry_;
  QElapsedTimer clock_;
  std::function<qint64(const QString&)> freeSpace_;
  std::shared_ptr<std::atomic<bool>> leave_ = std::make_shared<std::atomic<bool>>(false);  ///< ends a check
  qint64 came_ = 0;  ///< bytes since the clock was started
  int patience_ = 1000;
  int tries_ = 0;
  bool begun_ = false;  ///< bytes of this reply have come
  bool bad_ = false;    ///< this file came wrong once
  bool over_ = false;
};

}  // namespace hearsay::ui
