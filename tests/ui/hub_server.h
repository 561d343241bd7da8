#pragma once
// A Hugging Face hub of our own on this machine, for the tests of downloads: lists, files, ranges, redirects, and what
// goes wrong with them.

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>
#include <QUrlQuery>

class HubServer : public QTcpServer {
 public:
  struct Request {
    QString path;
    QByteArray range;  ///< as sent; empty: none
  };

  HubServer() {
    connect(this, &QTcpServer::newConnection, this, [this] {
      while (QTcpSocket* socket = nextPendingConnection()) {
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { hear(socket); });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
      }
    });
    listen(QHostAddress::LocalHost);
  }
  [[nodiscard]] QUrl address() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(serverPort())); }
  void put(const QString& repository, const QString& file, const QByteArray& bytes, bool large = false) {
    files[repository].insert(file, bytes);
    if (large) largeFiles << repository + "/" + file;
  }
  [[nodiscard]] QList<Request> asked(const QString& ending) const {
    QList<Request> result;
    for (const Request& request : requests) {
      if (request.path.endsWith(ending)) result << request;
    }
    return result;
  }

  QMap<QString, QMap<QString, QByteArray>> files;  ///< by repository, by name
  QStringList largeFiles;                          ///< listed with a SHA-256
  QList<Request> requests;
  QString cut;                ///< a file of this name
  qint64 cutAfter = 0;        ///< breaks off after so many bytes
  int cuts = 0;               ///< so many times
  QString stall;              ///< after as many bytes nothing comes any more
  QString spoilt;             ///< arrives with a byte changed
  int spoils = 0;             ///< so many times
  bool ranges = true;         ///< whether it knows them
  QMap<QString, int> status;  ///< answers with this instead of the file
  qint64 claimedSize = -1;    ///< of large files, in the list

 private:
  void hear(QTcpSocket* socket) {
    QByteArray& heard = heard_[socket];
    heard += socket->readAll();
    const auto end = heard.indexOf("\r\n\r\n");
    if (end < 0) return;
    const QList<QByteArray> lines = heard.left(end).split('\n');
    heard_.remove(socket);
    Request request;
    request.path = QUrl::fromEncoded(lines.first().split(' ').value(1)).path();
    for (const QByteArray& line : lines) {
      if (line.toLower().startsWith("range:")) request.range = line.mid(6).trimmed();
    }
    requests << request;
    answer(socket, request);
  }

  void answer(QTcpSocket* socket, const Request& request) {
    if (request.path.startsWith("/api/models/")) return list(socket, request.path.mid(12));
    const QStringList parts = request.path.split('/', Qt::SkipEmptyParts);  // [cdn] owner name resolve sha file
    const bool moved = parts.value(0) == QLatin1String("cdn");
    const QString repository = parts.value(moved ? 1 : 0) + "/" + parts.value(moved ? 2 : 1);
    const QString name = parts.value(parts.size() - 1);
    if (!files.contains(repository) || !files[repository].contains(name)) return reply(socket, 404, {}, "no");
    if (status.contains(name)) return reply(socket, status[name], {}, "no");
    if (!moved && largeFiles.contains(repository + "/" + name)) {  // large files lie elsewhere, as the real ones do
      return reply(socket, 302, "Location: /cdn" + request.path.toUtf8() + "\r\n", "");
    }
    send(socket, request, name, files[repository][name]);
  }

  void send(QTcpSocket* socket, const Request& request, const QString& name, QByteArray bytes) {
    if (name == spoilt && spoils > 0 && --spoils >= 0)
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    qint64 from = 0;
    QByteArray more;
    if (ranges && request.range.startsWith("bytes=")) {
      from = request.range.mid(6).chopped(1).toLongLong();
      if (from >= bytes.size()) return reply(socket, 416, {}, "");
      more = "Content-Range: bytes " + QByteArray::number(from) + "-" + QByteArray::number(bytes.size() - 1) + "/" +
             QByteArray::number(bytes.size()) + "\r\n";
    }
    const QByteArray wanted = bytes.mid(from);
    const bool breaks = name == cut && cuts > 0 && --cuts >= 0;
    if (!breaks && name != stall) return reply(socket, from > 0 ? 206 : 200, more, wanted);
    socket->write(head(from > 0 ? 206 : 200, more, wanted.size()) + wanted.left(cutAfter));
    socket->flush();
    if (breaks) socket->disconnectFromHost();
  }

  void list(QTcpSocket* socket, const QString& repository) {
    if (!files.contains(repository)) return reply(socket, 404, {}, "{}");
    QJsonArray siblings;
    for (auto it = files[repository].cbegin(); it != files[repository].cend(); ++it) {
      QJsonObject entry{{"rfilename", it.key()}, {"size", it.value().size()}};
      if (largeFiles.contains(repository + "/" + it.key())) {
        if (claimedSize >= 0) entry.insert("size", claimedSize);
        const QByteArray hash = QCryptographicHash::hash(it.value(), QCryptographicHash::Sha256).toHex();
        entry.insert("lfs", QJsonObject{{"sha256", QString::fromLatin1(hash)}, {"size", it.value().size()}});
      } else {
        const QByteArray blob = "blob " + QByteArray::number(it.value().size()) + QByteArray(1, '\0') + it.value();
        const QByteArray hash = QCryptographicHash::hash(blob, QCryptographicHash::Sha1).toHex();
        entry.insert("blobId", QString::fromLatin1(hash));
      }
      siblings.append(entry);
    }
    reply(socket, 200, {}, QJsonDocument(QJsonObject{{"sha", "0123abcd"}, {"siblings", siblings}}).toJson());
  }

  static QByteArray head(int code, const QByteArray& more, qint64 size) {
    return "HTTP/1.1 " + QByteArray::number(code) + " X\r\nConnection: close\r\n" + more +
           "Content-Length: " + QByteArray::number(size) + "\r\n\r\n";
  }
  static void reply(QTcpSocket* socket, int code, const QByteArray& more, const QByteArray& body) {
    socket->write(head(code, more, body.size()) + body);
    socket->disconnectFromHost();
  }

  QMap<QTcpSocket*, QByteArray> heard_;
};
