#include "ui/models/model_download.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QNetworkProxyFactory>
#include <QRegularExpression>
#include <QStorageInfo>
#include <algorithm>
#include <limits>
#include <utility>

namespace hearsay::ui {
namespace {

constexpr int kSilence = 30000;                   // ms without a byte: the connection is taken for broken
constexpr qint64 kMostList = 8 * 1024 * 1024;     // bytes of a list of files
constexpr qint64 kMostBeside = 64 * 1024 * 1024;  // of a configuration or tokenizer file
constexpr qint64 kMostWeights = 20LL * 1000 * 1000 * 1000;

/// Whatever the desktop or the environment says.
class SystemProxies : public QNetworkProxyFactory {
 public:
  QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery& query) override { return systemProxyForQuery(query); }
};

QString inWords(qint64 bytes) {
  return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeSIFormat);
}

/// A commit as the list names it, or the branch when it names none that can stand in an address.
QString revisionOf(const QJsonObject& answer) {
  static const QRegularExpression form(QStringLiteral("^[A-Za-z0-9._-]+$"));
  const QString named = answer.value(QLatin1String("sha")).toString();
  return form.match(named).hasMatch() ? named : QStringLiteral("main");
}

}  // namespace

ModelDownload::ModelDownload(QUrl hub, std::vector<HubSource> sources, QString folder, QObject* parent)
    : QObject(parent), hub_(std::move(hub)), folder_(std::move(folder)), sources_(std::move(sources)) {
  network_.setTransferTimeout(kSilence);
  network_.setProxyFactory(new SystemProxies);  // the manager owns it
  freeSpace_ = [](const QString& place) {
    const QStorageInfo disk(place);
    return disk.isValid() ? disk.bytesAvailable() : std::numeric_limits<qint64>::max();
  };
  retry_.setSingleShot(true);
  connect(&retry_, &QTimer::timeout, this, &ModelDownload::fetch);
}

ModelDownload::~ModelDownload() {
  over_ = true;
  *leave_ = true;
  if (reply_) {
    reply_->disconnect(this);
    reply_->abort();
  }
}

void ModelDownload::start() {
  if (!QDir().mkpath(folder_)) return fail(tr("The folder %1 cannot be made.").arg(QDir::toNativeSeparators(folder_)));
  tell(tr("asking %1").arg(hub_.host()));
  askForNextList();
}

void ModelDownload::cancel() {
  fail(QString());
}

void ModelDownload::fail(const QString& sentence) {
  if (std::exchange(over_, true)) return;
  *leave_ = true;
  retry_.stop();
  if (reply_) {
    reply_->disconnect(this);
    reply_->abort();
    reply_->deleteLater();
  }
  file_.close();
  Q_EMIT failed(sentence);
}

void ModelDownload::tell(const QString& what) {
  qint64 done = 0;
  qint64 total = 0;
  for (const Part& part : parts_) {
    done += part.have;
    total += part.size;
  }
  double left = -1.0;
  const double passed = clock_.isValid() ? static_cast<double>(clock_.elapsed()) / 1000.0 : 0.0;
  if (came_ > 0 && passed > 0.5) left = static_cast<double>(total - done) * passed / static_cast<double>(came_);
  Q_EMIT progressed(done, total, left, what);
}

QString ModelDownload::pathOf(const Part& part, bool whole) const {
  return QDir(folder_).filePath(whole ? part.name : part.name + QStringLiteral(".part"));
}

QNetworkReply* ModelDownload::get(const QUrl& url, qint64 from) {
  QNetworkRequest request(url);
  request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("hearsay"));
  request.setRawHeader("Accept-Encoding", "identity");  // sizes and ranges are of the file as it is
  if (from > 0) request.setRawHeader("Range", "bytes=" + QByteArray::number(from) + "-");
  return network_.get(request);
}

QString ModelDownload::problemOf(const QNetworkReply& reply, const QString& what) const {
  const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  if (status == 404 || status == 401) return tr("%1 has nothing public called %2.").arg(hub_.host(), what);
  if (status == 403)
    return tr("%1 does not give %2 to everyone: its owner asks for an account.").arg(hub_.host(), what);
  if (status == 429) return tr("%1 says that too much was asked of it. Try again later.").arg(hub_.host());
  if (status >= 400) return tr("%1 answered with error %2. Try again later.").arg(hub_.host()).arg(status);
  switch (reply.error()) {
    case QNetworkReply::HostNotFoundError:
    case QNetworkReply::ConnectionRefusedError:
    case QNetworkReply::UnknownNetworkError:
    case QNetworkReply::TemporaryNetworkFailureError:
    case QNetworkReply::NetworkSessionFailedError:
      return tr("%1 cannot be reached. Is this computer offline?").arg(hub_.host());
    case QNetworkReply::SslHandshakeFailedError:
      return tr("%1 could not prove that it is what it says it is: %2.").arg(hub_.host(), reply.errorString());
    case QNetworkReply::OperationCanceledError:
      return tr("Nothing came from %1 for half a minute.").arg(hub_.host());
    case QNetworkReply::RemoteHostClosedError:
      return tr("The connection to %1 broke.").arg(hub_.host());
    default:
      return tr("The connection to %1 broke: %2.").arg(hub_.host(), reply.errorString());
  }
}

void ModelDownload::askForNextList() {
  if (source_ == sources_.size()) return beginFiles();
  QUrl url = hub_;
  url.setPath(hub_.path() + QStringLiteral("/api/models/") + sources_[source_].repository);
  url.setQuery(QStringLiteral("blobs=true"));
  reply_ = get(url);
  connect(reply_, &QNetworkReply::finished, this, &ModelDownload::listArrived);
}

void ModelDownload::listArrived() {
  if (over_) return;
  const HubSource& source = sources_[source_];
  reply_->deleteLater();
  if (reply_->error() != QNetworkReply::NoError) return fail(problemOf(*reply_, source.repository));
  if (!readList(reply_->read(kMostList), source)) {
    return fail(tr("%1 has %2, but not the files of a model that is read here.").arg(hub_.host(), source.repository));
  }
  ++source_;
  askForNextList();
}

bool ModelDownload::readList(const QByteArray& json, const HubSource& source) {
  const QJsonObject answer = QJsonDocument::fromJson(json).object();
  std::vector<Part> there;
  for (const QJsonValue& value : answer.value(QLatin1String("siblings")).toArray()) {
    const QJsonObject entry = value.toObject();
    const QJsonObject large = entry.value(QLatin1String("lfs")).toObject();
    Part part;
    part.repository = source.repository;
    part.revision = revisionOf(answer);
    part.name = entry.value(QLatin1String("rfilename")).toString();
    part.size = entry.value(QLatin1String("size")).toInteger(large.value(QLatin1String("size")).toInteger(-1));
    part.sha256 = large.value(QLatin1String("sha256")).toString().toLatin1().toLower();
    if (part.sha256.isEmpty()) part.gitSha1 = entry.value(QLatin1String("blobId")).toString().toLatin1().toLower();
    there.push_back(std::move(part));
  }
  const auto take = [&](const QString& name, qint64 most) {
    const auto found = std::find_if(there.begin(), there.end(), [&](const Part& part) { return part.name == name; });
    const bool usable = found != there.end() && found->size > 0 && found->size <= most;
    if (usable) parts_.push_back(*found);
    return usable;
  };
  const bool weights =
      source.weights.isEmpty() || std::any_of(source.weights.begin(), source.weights.end(),
                                              [&](const QString& name) { return take(name, kMostWeights); });
  bool any = weights && !source.weights.isEmpty();
  for (const QString& name : source.beside) any = take(name, kMostBeside) || any;
  return weights && any;
}

void ModelDownload::beginFiles() {
  qint64 missing = 0;
  // Small files first: what is wrong with a folder is known before hundreds of megabytes have come.
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.size < b.size; });
  for (Part& part : parts_) {
    if (QFileInfo::exists(pathOf(part, true))) continue;
    const QFileInfo begun(pathOf(part, false));
    if (begun.exists() && begun.size() > part.size) QFile::remove(begun.filePath());
    part.have = std::min(QFileInfo(begun.filePath()).size(), part.size);
    missing += part.size - part.have;
  }
  if (const qint64 room = freeSpace_(folder_); room < missing) {
    return fail(tr("%1 are still to come and only %2 are free on this disk. Make room, then start again.")
                    .arg(inWords(missing), inWords(room)));
  }
  clock_.start();
  nextFile();
}

}  // namespace hearsay::ui
