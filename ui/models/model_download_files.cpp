// The files of a download, one after the other: fetched, gone on with, checked.

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QThreadPool>
#include <algorithm>
#include <utility>

#include "ui/models/model_download.h"

namespace hearsay::ui {
namespace {

constexpr int kMostTries = 5;
constexpr qint64 kBlock = 1024 * 1024;

/// Whether a file is what the list says; false too when it should `leave`. Seconds for large ones: not on the window's
/// thread.
bool isRight(const QString& path, const QByteArray& sha256, const QByteArray& gitSha1, const std::atomic<bool>& leave) {
  if (sha256.isEmpty() && gitSha1.isEmpty()) return true;  // the hub gave nothing to compare with
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return false;
  QCryptographicHash hash(sha256.isEmpty() ? QCryptographicHash::Sha1 : QCryptographicHash::Sha256);
  if (sha256.isEmpty()) hash.addData("blob " + QByteArray::number(file.size()) + QByteArray(1, '\0'));
  while (!file.atEnd()) {
    const QByteArray block = file.read(kBlock);
    if (block.isEmpty() || leave) return false;
    hash.addData(block);
  }
  return hash.result().toHex() == (sha256.isEmpty() ? gitSha1 : sha256);
}

}  // namespace

void ModelDownload::nextFile() {
  if (over_) return;
  tries_ = 0;
  bad_ = false;
  while (part_ < parts_.size() && parts_[part_].done) ++part_;
  if (part_ == parts_.size()) {
    over_ = true;
    tell(tr("done"));
    Q_EMIT finished();
    return;
  }
  Part& part = parts_[part_];
  const QFileInfo whole(pathOf(part, true));
  if (whole.exists() && whole.size() == part.size) {
    part.have = part.size;
    return check(whole.filePath());
  }
  if (part.have == part.size) return check(pathOf(part, false));
  fetch();
}

void ModelDownload::fetch() {
  Part& part = parts_[part_];
  begun_ = false;
  file_.setFileName(pathOf(part, false));
  if (!file_.open(QIODevice::Append | QIODevice::Unbuffered)) {
    return fail(tr("%1 cannot be written: %2.").arg(QDir::toNativeSeparators(file_.fileName()), file_.errorString()));
  }
  part.have = file_.size();
  tell(part.name);
  QUrl url = hub_;
  url.setPath(hub_.path() + QStringLiteral("/%1/resolve/%2/%3").arg(part.repository, part.revision, part.name));
  reply_ = get(url, part.have);
  reply_->setReadBufferSize(4 * kBlock);
  connect(reply_, &QNetworkReply::readyRead, this, &ModelDownload::takeBytes);
  connect(reply_, &QNetworkReply::finished, this, &ModelDownload::fileArrived);
}

void ModelDownload::takeBytes() {
  if (over_ || !reply_) return;
  const int status = reply_->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  if (status != 200 && status != 206) return;
  Part& part = parts_[part_];
  // A server that knows no ranges begins at the start; so do we, as soon as its first bytes are here.
  if (!std::exchange(begun_, true) && status == 200 && part.have > 0) {
    file_.resize(0);
    part.have = 0;
  }
  const QByteArray bytes = reply_->readAll();
  if (part.have + bytes.size() > part.size) {
    file_.resize(0);
    return fail(tr("%1 sends more for %2 than it said. Try again later.").arg(hub_.host(), part.name));
  }
  if (file_.write(bytes) != bytes.size()) {
    return fail(tr("%1 cannot be written: %2. What has come so far is kept.")
                    .arg(QDir::toNativeSeparators(file_.fileName()), file_.errorString()));
  }
  part.have += bytes.size();
  came_ += bytes.size();
  if (!bytes.isEmpty()) tries_ = 0;
  tell(part.name);
}

void ModelDownload::fileArrived() {
  if (over_) return;
  takeBytes();
  if (over_) return;
  Part& part = parts_[part_];
  file_.close();
  reply_->deleteLater();
  const int status = reply_->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  if (status == 416) {  // what is here does not fit what is there: from the start
    QFile::remove(pathOf(part, false));
    part.have = 0;
    return again(problemOf(*reply_, part.repository));
  }
  const bool gone = status >= 400 && status < 500;
  if (gone) return fail(problemOf(*reply_, part.repository + QLatin1Char('/') + part.name));
  if (reply_->error() != QNetworkReply::NoError) return again(problemOf(*reply_, part.repository));
  if (part.have < part.size) return again(tr("The connection to %1 broke.").arg(hub_.host()));
  check(pathOf(part, false));
}

void ModelDownload::again(const QString& why) {
  if (++tries_ > kMostTries) return fail(tr("%1 What has come so far is kept; start again to go on.").arg(why));
  tell(tr("%1 (trying again)").arg(parts_[part_].name));
  retry_.start(patience_ << std::min(tries_ - 1, 5));
}

void ModelDownload::check(const QString& path) {
  const Part& part = parts_[part_];
  tell(tr("checking %1").arg(part.name));
  const auto work = [guard = QPointer<ModelDownload>(this), leave = leave_, path, sha256 = part.sha256,
                     gitSha1 = part.gitSha1] {
    const bool good = isRight(path, sha256, gitSha1, *leave);
    if (*leave) return;
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [guard, good] {
          if (guard) guard->checked(good);
        },
        Qt::QueuedConnection);
  };
  QThreadPool::globalInstance()->start(work);
}

void ModelDownload::checked(bool good) {
  if (over_) return;
  Part& part = parts_[part_];
  const QString begun = pathOf(part, false);
  const QString whole = pathOf(part, true);
  if (good) {
    if (QFileInfo::exists(begun)) {
      QFile::remove(whole);
      if (!QFile::rename(begun, whole)) return fail(tr("%1 cannot be written.").arg(QDir::toNativeSeparators(whole)));
    }
    part.done = true;
    return nextFile();
  }
  // Something else lies there, or bytes were lost on the way: once more from the start.
  QFile::remove(begun);
  part.have = 0;
  if (QFileInfo::exists(whole)) {
    QFile::remove(whole);
    return fetch();
  }
  if (std::exchange(bad_, true)) {
    return fail(
        tr("%1 came twice with another fingerprint than %2 says it has. It was not kept.").arg(part.name, hub_.host()));
  }
  fetch();
}

}  // namespace hearsay::ui
