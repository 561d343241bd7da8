#include "ui/shell/dropped_paths.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "audio/decode.h"
#include "labels/session.h"

namespace hearsay::ui {
namespace {

/// As Hugging Face saves models, Microsoft's weights beside a tokenizer, or a model in huggingface_hub's cache.
bool isModelFolder(const QDir& folder) {
  const auto has = [&](const char* name) { return folder.exists(QString::fromLatin1(name)); };
  if (has("config.json") && (has("model.safetensors") || has("pytorch_model.bin"))) return true;
  if (has("refs/main") && has("snapshots")) return true;
  const bool tokenizer = has("tokenizer.json") || has("vocab.txt") || has("vocab.json");
  return tokenizer && !folder.entryList({QStringLiteral("*.pth")}, QDir::Files).isEmpty();
}

// A table with a column "file" lists sounds and their labels; one with captions is text to learn from.
bool listsSounds(const QString& table) {
  QFile file(table);
  if (!file.open(QIODevice::ReadOnly)) return false;
  const QString header = QString::fromUtf8(file.readLine(4096)).toLower();
  return header.contains(QStringLiteral("file")) && !header.contains(QStringLiteral("caption"));
}

QStringList& groupOfFolder(DroppedPaths& sorted, const QString& path) {
  return isModelFolder(QDir(path)) ? sorted.models : sorted.sounds;
}

QStringList& groupOfFile(DroppedPaths& sorted, const QFileInfo& info) {
  const QString suffix = info.suffix().toLower();
  const QString path = info.filePath();
  if (path.endsWith(QString::fromLatin1(LabelSession::kSuffix))) return sorted.sessions;
  if (suffix == QLatin1String("safetensors")) {
    const bool weights = info.dir().exists(QStringLiteral("config.json"));
    return weights ? sorted.models : sorted.prompts;
  }
  for (const char* weights : {"pth", "pt", "bin"}) {
    if (suffix == QLatin1String(weights)) return sorted.models;
  }
  if (suffix == QLatin1String("csv") || suffix == QLatin1String("tsv")) {
    return listsSounds(path) ? sorted.sounds : sorted.captions;
  }
  if (suffix == QLatin1String("txt")) return sorted.captions;
  if (looks_like_audio(std::filesystem::path(path.toStdString()))) return sorted.sounds;
  return sorted.others;
}

}  // namespace

DroppedPaths sortPaths(const QStringList& paths) {
  DroppedPaths sorted;
  for (const QString& path : paths) {
    const QFileInfo info(path);
    if (!info.exists()) {
      sorted.others.append(path);
    } else if (info.isDir()) {
      groupOfFolder(sorted, path).append(path);
    } else {
      groupOfFile(sorted, info).append(path);
    }
  }
  return sorted;
}

}  // namespace hearsay::ui
