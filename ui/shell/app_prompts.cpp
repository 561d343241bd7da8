// The prompt sets of AppContext: opening, saving, keeping, and what comes back at the next start.

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "ui/shell/app_context.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {
namespace {

constexpr int kRecentLength = 12;
constexpr int kKeptTunings = 20;

std::filesystem::path nativePath(const QString& file) {
  return std::filesystem::path(file.toStdString());
}

QString keptFolder() {
  return QString::fromStdString((data_folder() / "tuned").string());
}

bool isKept(const QString& file) {
  return QFileInfo(file).absolutePath() == QDir(keptFolder()).absolutePath();
}

std::filesystem::path stateFile() {
  return data_folder() / "window.json";
}

// The end of a kept set's name: the same for the same tuning, so that keeping it twice makes one file.
QString keptEnding(const PromptSet& prompts) {
  std::string all = prompts.recipe + prompts.text_hash + std::to_string(prompts.seed) + prompts.model_fingerprint;
  for (const SoundClass& one : prompts.classes) all += '\n' + one.name;
  for (const Matrix* context : {&prompts.coarse_context, &prompts.fine_context}) {
    all.append(reinterpret_cast<const char*>(context->data.data()), context->data.size() * sizeof(float));
  }
  return QStringLiteral("-%1.safetensors").arg(QString::fromStdString(sha256_of(all).substr(0, 8)));
}

/// Where a set that nobody saved is kept; empty when it is not.
QString keptFile(const PromptSet& prompts) {
  const QDir folder(keptFolder());
  const QStringList found = folder.entryList({QLatin1Char('*') + keptEnding(prompts)}, QDir::Files);
  return found.isEmpty() ? QString() : folder.filePath(found.front());
}

void dropOldest(const QDir& folder) {
  const QStringList files = folder.entryList({"*.safetensors"}, QDir::Files, QDir::Name | QDir::Reversed);
  for (qsizetype i = kKeptTunings; i < files.size(); ++i) QFile::remove(folder.filePath(files[i]));
}

}  // namespace

std::shared_ptr<const PromptSet> AppContext::prompts() const {
  return inUse_.prompts;
}
QString AppContext::promptsFile() const {
  return inUse_.file;
}
QString AppContext::promptsKept() const {
  return inUse_.unsaved ? keptFile(*inUse_.prompts) : QString();
}
bool AppContext::promptsUnsaved() const {
  return inUse_.unsaved;
}
bool AppContext::firstStart() const {
  return firstStart_;
}

void AppContext::take(const Kept& set) {
  inUse_ = set;
  if (set.prompts->tuned) lastTuned_ = set;
  stateTimer_.start();
  if (!sameClasses(set.prompts->classes, classes_)) {
    classes_ = set.prompts->classes;
    Q_EMIT classesChanged();
  }
  Q_EMIT promptsChanged();
}

void AppContext::usePrompts(const PromptSet& prompts, const QString& file) {
  if (model_ && !fitsModel(prompts)) {
    try {
      check_prompts_fit(prompts, *model_);
    } catch (const Error& error) {
      notify(QString::fromStdString(error.what()), NoticeLevel::Error);
      return;
    }
  }
  zeroShotTimer_.stop();
  zeroShotJob_ = -1;
  auto shared = std::make_shared<PromptSet>(prompts);
  const bool unsaved = prompts.tuned && file.isEmpty();
  if (QString problem; unsaved && keepTuned(prompts, &problem).isEmpty()) {
    notify(tr("The tuned prompts are in use, but not kept yet. %1 Or save them elsewhere.").arg(problem),
           NoticeLevel::Warning);
  }
  take({std::move(shared), file, unsaved});
  if (!file.isEmpty()) rememberRecent(file);
}

bool AppContext::openPrompts(const QString& file) {
  return open(QFileInfo(file).absoluteFilePath(), false);
}

bool AppContext::open(const QString& file, bool restoring) {
  try {
    auto prompts = std::make_shared<PromptSet>(load_prompts(nativePath(file)));
    if (model_) check_prompts_fit(*prompts, *model_, nativePath(file));
    const Kept set{prompts, isKept(file) ? QString() : file, isKept(file)};
    if (!restoring) {
      rememberRecent(file);
      rememberThresholds(prompts->classes, prompts->thresholds);
    }
    if (model_) {
      zeroShotTimer_.stop();
      zeroShotJob_ = -1;
      take(set);
    } else {  // taken as soon as there is a model that fits
      lastTuned_ = set;
      if (!restoring) setClasses(prompts->classes);
    }
    return true;
  } catch (const Error& error) {
    const QString name = QFileInfo(file).fileName();
    QString sentence = QString::fromStdString(error.what());
    if (!sentence.contains(name)) sentence = tr("\"%1\" cannot be used now. %2").arg(name, sentence);
    notify(sentence, restoring ? NoticeLevel::Warning : NoticeLevel::Error);
  }
  return false;
}

bool AppContext::savePrompts(const QString& file) {
  if (!inUse_.prompts) {
    notify(tr("There is no prompt set to save yet: the model is still loading, or the class list is empty."),
           NoticeLevel::Warning);
    return false;
  }
  try {
    save_prompts(withThresholds(*inUse_.prompts), nativePath(file));
  } catch (const Error& error) {
    notify(QString::fromStdString(error.what()), NoticeLevel::Error);
    return false;
  }
  inUse_.file = file;
  inUse_.unsaved = false;
  if (inUse_.prompts->tuned) lastTuned_ = inUse_;
  rememberRecent(file);
  stateTimer_.start();
  Q_EMIT promptsChanged();
  return true;
}

bool AppContext::exportPrompts(const QString& format, const QString& file) {
  if (!inUse_.prompts) {
    notify(tr("There is no prompt set to export yet: the model is still loading, or the class list is empty."),
           NoticeLevel::Warning);
    return false;
  }
  try {
    export_prompts(withThresholds(*inUse_.prompts), format.toStdString(), nativePath(file));
  } catch (const Error& error) {
    notify(QString::fromStdString(error.what()), NoticeLevel::Error);
    return false;
  }
  return true;
}

QString AppContext::keepTuned(const PromptSet& prompts, QString* problem) {
  try {
    const QDir folder(keptFolder());
    QDir().mkpath(folder.path());
    if (const QString known = keptFile(prompts); !known.isEmpty()) return known;
    const QString now = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
    const QString file = folder.filePath(now + keptEnding(prompts));
    save_prompts(prompts, nativePath(file));
    dropOldest(folder);
    return file;
  } catch (const std::exception& error) {
    log_warn(std::string("the tuned prompts could not be kept: ") + error.what());
    if (problem != nullptr) *problem = QString::fromUtf8(error.what());
  }
  return {};
}

QStringList AppContext::recentPrompts() const {
  QStringList files = settings_.value("prompts/recent").toStringList();
  const QDir kept(keptFolder());
  for (const QString& name : kept.entryList({"*.safetensors"}, QDir::Files, QDir::Name | QDir::Reversed)) {
    files.append(kept.filePath(name));
  }
  files.removeDuplicates();
  files.removeIf([](const QString& file) { return !QFileInfo::exists(file); });
  return files.mid(0, kRecentLength);
}

void AppContext::rememberRecent(const QString& file) {
  if (isKept(file)) return;
  QStringList files = settings_.value("prompts/recent").toStringList();
  files.removeAll(file);
  files.prepend(file);
  settings_.setValue("prompts/recent", files.mid(0, kRecentLength));
  Q_EMIT recentPromptsChanged();
}

// --- From one start to the next

void AppContext::writeState() {
  QString file;
  if (inUse_.prompts && inUse_.prompts->tuned) {
    file = inUse_.unsaved ? keptFile(*inUse_.prompts) : inUse_.file;
  } else if (!model_ && lastTuned_.prompts) {
    file = lastTuned_.unsaved ? keptFile(*lastTuned_.prompts) : lastTuned_.file;
  }
  const QJsonObject state{{"classes", classesToJson(classes_)}, {"prompts", file}};
  try {
    write_file_atomically(stateFile(), QJsonDocument(state).toJson().toStdString());
  } catch (const std::exception& error) {
    notify(QString::fromUtf8(error.what()), NoticeLevel::Warning);
  }
}

// Returns the prompt set's file, and leaves the classes in classes_.
QString AppContext::readState() {
  std::string text;
  try {
    text = read_file(stateFile());
  } catch (const Error&) {
    firstStart_ = true;  // nothing was kept
    return {};
  }
  const QJsonObject state = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
  classes_ = classesFromJson(state.value("classes").toArray());
  return state.value("prompts").toString();
}

void AppContext::restore() {
  const QString file = readState();
  if (firstStart_) {
    try {
      const std::vector<Preset> presets = bundled_presets();
      if (!presets.empty()) classes_ = presets.front().classes;
    } catch (const Error& error) {
      notify(QString::fromStdString(error.what()), NoticeLevel::Warning);
    }
  }
  Q_EMIT classesChanged();
  if (!file.isEmpty() && QFileInfo::exists(file)) {
    open(file, true);
  } else if (!file.isEmpty()) {
    notify(tr("The prompt set \"%1\" of the last time is no longer there; the class names alone are used.").arg(file),
           NoticeLevel::Warning);
  }
}

}  // namespace hearsay::ui
