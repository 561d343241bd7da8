#include "ui/files/kept_files.h"

#include <QDataStream>
#include <QLockFile>
#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

namespace hearsay::ui {

namespace {

namespace fs = std::filesystem;

constexpr quint32 kMagic = 0x48534B46;  // "HSKF"
constexpr quint32 kVersion = 1;
constexpr int kPatienceMs = 5000;
constexpr const char* kRows = "rows";
constexpr quint8 kByManifest = 0x80;  ///< in the state's byte, which earlier versions wrote without
constexpr quint8 kChanged = 0x40;     ///< likewise
constexpr QChar kBetweenLabels(0x1F);
constexpr quint32 kMostParts = 1U << 24;  ///< windows of a file, or numbers in a score: more is damage

// --- Numbers

QDataStream& operator<<(QDataStream& out, const std::vector<float>& values) {
  out << static_cast<quint32>(values.size());
  out.writeRawData(reinterpret_cast<const char*>(values.data()), static_cast<int>(values.size() * sizeof(float)));
  return out;
}

QDataStream& operator>>(QDataStream& in, std::vector<float>& values) {
  quint32 count = 0;
  in >> count;
  if (count > kMostParts || in.device()->bytesAvailable() / 4 < static_cast<qint64>(count)) {
    in.setStatus(QDataStream::ReadCorruptData);
    return in;
  }
  values.resize(count);
  in.readRawData(reinterpret_cast<char*>(values.data()), static_cast<int>(count * sizeof(float)));
  return in;
}

QDataStream& operator<<(QDataStream& out, const WindowScores& scores) {
  return out << scores.zero_shot << scores.coarse << scores.fine << scores.fused << scores.fused_weight;
}

QDataStream& operator>>(QDataStream& in, WindowScores& scores) {
  return in >> scores.zero_shot >> scores.coarse >> scores.fine >> scores.fused >> scores.fused_weight;
}

QDataStream& operator<<(QDataStream& out, const FileResult& result) {
  const SoundDoubts& doubts = result.doubts;
  out << result.seconds << static_cast<qint64>(doubts.bad_samples) << doubts.missing << doubts.silent << doubts.unread;
  out << result.scores << result.probability << static_cast<quint32>(result.windows.size());
  for (const WindowResult& window : result.windows) {
    out << window.start << window.end << window.scores << window.probability;
  }
  return out;
}

QDataStream& operator>>(QDataStream& in, FileResult& result) {
  SoundDoubts& doubts = result.doubts;
  qint64 bad = 0;
  quint32 windows = 0;
  in >> result.seconds >> bad >> doubts.missing >> doubts.silent >> doubts.unread;
  doubts.bad_samples = bad;
  in >> result.scores >> result.probability >> windows;
  if (windows > kMostParts) in.setStatus(QDataStream::ReadCorruptData);
  for (quint32 i = 0; i < windows && in.status() == QDataStream::Ok; ++i) {
    WindowResult& window = result.windows.emplace_back();
    in >> window.start >> window.end >> window.scores >> window.probability;
  }
  result.order = ranking(result.probability);
  return in;
}

/// Whether every score is of so many classes.
bool isOf(const WindowScores& scores, const std::vector<float>& probability, std::size_t classes) {
  const auto fits = [classes](const std::vector<float>& values) { return values.empty() || values.size() == classes; };
  return scores.zero_shot.size() == classes && probability.size() == classes && fits(scores.coarse) &&
         fits(scores.fine) && fits(scores.fused);
}

bool isOf(const FileResult& result, std::size_t classes) {
  return isOf(result.scores, result.probability, classes) &&
         std::ranges::all_of(result.windows, [classes](const WindowResult& window) {
           const bool silent = window.scores.zero_shot.empty() && window.probability.empty();
           return silent || isOf(window.scores, window.probability, classes);
         });
}

// --- Files

fs::path promptsFile(const fs::path& folder, const std::string& hash) {
  return folder / (hash + ".safetensors");
}

/// Saves each set once, under a name made from what is in it.
std::map<const PromptSet*, std::string> keepPrompts(const fs::path& folder, const std::vector<FileRow>& rows) {
  std::map<const PromptSet*, std::string> names;
  for (const FileRow& row : rows) {
    if (!row.result || !row.prompts || names.contains(row.prompts.get())) continue;
    const fs::path fresh = folder / "new.part";
    save_prompts(*row.prompts, fresh);
    const std::string hash = sha256_of_file(fresh).substr(0, 24);
    fs::rename(fresh, promptsFile(folder, hash));
    names.emplace(row.prompts.get(), hash);
  }
  return names;
}

/// Null where it is gone or damaged: its rows are to be named anew.
std::shared_ptr<const PromptSet> promptsCalled(const fs::path& folder, const std::string& name) {
  try {
    return std::make_shared<const PromptSet>(load_prompts(promptsFile(folder, name)));
  } catch (const Error& error) {
    log_warn(error.what());
    return nullptr;
  }
}

/// Sets that no row needs any more.
void dropOthers(const fs::path& folder, const std::map<const PromptSet*, std::string>& names) {
  std::set<std::string> needed;
  for (const auto& [set, name] : names) needed.insert(name);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path& file = entry.path();
    if (file.extension() == ".safetensors" && !needed.contains(file.stem().string())) fs::remove(file, ignored);
  }
}

std::size_t bytesOf(const FileResult& result) {
  const std::size_t classes = result.probability.size();
  return (result.windows.size() + 1) * (classes * 5 * sizeof(float) + 64);
}

}  // namespace

fs::path keptFilesFolder() {
  const fs::path folder = data_folder() / "files";
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    throw Error(ErrorKind::NoSpace, "The folder " + quoted(folder) + " cannot be made: " + code.message() + ".");
  }
  return folder;
}

void keepFiles(const fs::path& folder, const std::vector<FileRow>& rows) {
  // Two windows share the folder: one after the other, and the table of the one that closes last is kept.
  QLockFile lock(QString::fromStdString((folder / "lock").string()));
  if (!lock.tryLock(kPatienceMs) && lock.error() == QLockFile::LockFailedError) {  // a full disk has no room for a lock
    throw Error(ErrorKind::NoSpace, quoted(folder) + " is in use by another window of Hearsay.");
  }
  const std::map<const PromptSet*, std::string> prompts = keepPrompts(folder, rows);
  if (rows.empty()) {
    std::error_code ignored;
    fs::remove(folder / kRows, ignored);
    dropOthers(folder, prompts);
    return;
  }
  QByteArray bytes;
  QDataStream out(&bytes, QIODevice::WriteOnly);
  out.setVersion(QDataStream::Qt_6_0);
  out << kMagic << kVersion << static_cast<quint32>(rows.size());
  std::size_t taken = 0;
  for (const FileRow& row : rows) {
    // A row that waits for another pass has what the last one heard.
    const bool whole = row.state != FileState::Failed && row.result && row.prompts;
    const bool fits = whole && taken + bytesOf(*row.result) <= kMostKeptBytes;
    const FileState state = row.state == FileState::Failed ? row.state : FileState::Stopped;
    out << QByteArray::fromStdString(row.path.string()) << row.labels.join(kBetweenLabels)
        << static_cast<quint8>(static_cast<int>(state) | (row.byManifest ? kByManifest : 0) |
                               (row.changed ? kChanged : 0))
        << row.error;
    out << row.stamp.size << row.stamp.changed << QByteArray::fromStdString(fits ? prompts.at(row.prompts.get()) : "");
    if (!fits) continue;
    out << *row.result;
    taken += bytesOf(*row.result);
  }
  write_file_atomically(folder / kRows, std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
  dropOthers(folder, prompts);  // afterwards: the earlier rows needed them
}

std::vector<FileRow> keptFiles(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kRows, ignored)) return {};
  const std::string content = read_file(folder / kRows);
  const QByteArray bytes = QByteArray::fromRawData(content.data(), static_cast<qsizetype>(content.size()));
  QDataStream in(bytes);
  in.setVersion(QDataStream::Qt_6_0);
  quint32 magic = 0;
  quint32 version = 0;
  quint32 count = 0;
  in >> magic >> version >> count;
  const auto refuse = [&] {
    throw Error(ErrorKind::BadFormat, quoted(folder / kRows) + " is damaged or of another version of Hearsay.");
  };
  if (in.status() != QDataStream::Ok || magic != kMagic || version != kVersion) refuse();
  std::map<QByteArray, std::shared_ptr<const PromptSet>> sets;
  std::vector<FileRow> rows;
  for (quint32 i = 0; i < count; ++i) {
    FileRow& row = rows.emplace_back();
    QByteArray path;
    QString labels;
    QByteArray set;
    quint8 state = 0;
    in >> path >> labels >> state >> row.error >> row.stamp.size >> row.stamp.changed >> set;
    row.path = path.toStdString();
    if (!labels.isEmpty()) row.labels = labels.split(kBetweenLabels);
    row.byManifest = (state & kByManifest) != 0;
    row.changed = (state & kChanged) != 0;
    row.state = (state & ~(kByManifest | kChanged)) == static_cast<int>(FileState::Failed) ? FileState::Failed
                                                                                           : FileState::Stopped;
    if (!set.isEmpty()) {
      auto result = std::make_shared<FileResult>();
      in >> *result;
      result->file = row.path;
      if (!sets.contains(set)) sets.emplace(set, promptsCalled(folder, set.toStdString()));
      const std::shared_ptr<const PromptSet>& prompts = sets[set];
      if (prompts && !isOf(*result, prompts->size())) in.setStatus(QDataStream::ReadCorruptData);
      // A file that is not there (its disk is not plugged in) keeps what was heard in it.
      const FileStamp now = stampOf(row.path);
      row.gone = now.size < 0;
      row.changed = !row.gone && now != row.stamp;
      if (prompts && !row.changed) {
        row.result = std::move(result);
        row.prompts = prompts;
        row.state = FileState::Done;
      }
    }
    if (in.status() != QDataStream::Ok) refuse();
  }
  return rows;
}

void putAside(const fs::path& folder) {
  std::error_code ignored;
  fs::rename(folder / kRows, folder / "rows.unread", ignored);
}

}  // namespace hearsay::ui
