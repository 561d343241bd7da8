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
#include "prompts/prompt_order.h"
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
  return QDir(QString::fromStdString((data_folder() / "tuned").string())).absolutePath();
}

bool isKept(const QString& file) {
  return QFileInfo(file).absolutePath() == keptFolder();
}

std::filesystem::path stateFile() {
  return data_folder() / "window.json";
}

/// The newest first.
QStringList keptSets(const QString& name) {
  const QDir folder(keptFolder());
  QStringList files;
  for (const QString& found : folder.entryList({name}, QDir::Files, QDir::Name | QDir::Reversed)) {
    files.append(folder.filePath(found));
  }
  return files;
}

// The end of a kept set's name: the same for the same tuning, whatever the order of its classes, so that keeping it
// twice makes one file.
QString keptEnding(const PromptSet& prompts) {
  std::string all = prompts.recipe + prompts.text_hash + std::to_string(prompts.seed) + prompts.model_fingerprint;
  QStringList names;
  for (const SoundClass& one : prompts.classes) names.append(QString::fromStdString(one.name));
  names.sort();
  for (const QString& name : names) all += '\n' + name.toStdString();
  for (const Matrix* context : {&prompts.coarse_context, &prompts.fine_context}) {
    all.append(reinterpret_cast<const char*>(context->data.data()), context->data.size() * sizeof(float));
  }
  return QStringLiteral("-%1.safetensors").arg(QString::fromStdString(sha256_of(all).substr(0, 8)));
}

}  // namespace

std::shared_ptr<const PromptSet> AppContext::prompts() const {
  return inUse_.prompts;
}
QString AppContext::promptsFile() const {
  return inUse_.file;
}
QString AppContext::promptsKept() const {
  return inUse_.kept;
}
bool AppContext::promptsUnsaved() const {
  return inUse_.unsaved;
}
bool AppContext::promptsEdited() const {
  if (!inUse_.prompts || inUse_.file.isEmpty()) return false;
  return !sameClasses(inUse_.written, inUse_.prompts->classes) || inUse_.marksEdited();
}
bool AppContext::firstStart() const {
  return firstStart_;
}

void AppContext::take(UsedSet set) {
  keepMarks();
  set.putAside = false;
  completeMarks(set);
  inUse_ = std::move(set);
  rememberInUse(false);
  stateTimer_.start();
  if (!inUse_.toldOfWords) settle(told_.words);
  if (inUse_.prompts->tuned) settleForSet();
  if (!sameClasses(inUse_.prompts->classes, classes_)) {
    classes_ = inUse_.prompts->classes;
    Q_EMIT classesChanged();
  }
  Q_EMIT promptsChanged();
}

// As it is now, before another one takes its place.
void AppContext::rememberInUse(bool untyped) {
  if (inUse_.worthKeeping() || (untyped && inUse_.prompts)) used_.remember(inUse_);
}

UsedSet AppContext::usedBefore(const PromptSet& prompts, const QString& file) const {
  const UsedSet* before = file.isEmpty() ? used_.ofTuning(prompts) : nullptr;
  if (before) return *before;
  UsedSet set;
  set.prompts = std::make_shared<PromptSet>(prompts);
  set.file = file;
  set.written = prompts.classes;
  set.unsaved = prompts.tuned && file.isEmpty();
  set.writtenMarks = marksOf(prompts);
  const bool own = !file.isEmpty() || !prompts.thresholds.empty();
  set.marks = own ? set.writtenMarks : marksFor(prompts.classes);
  return set;
}

void AppContext::usePrompts(const PromptSet& prompts, const QString& file) {
  if (model_ && !fitsModel(prompts)) {
    try {
      check_prompts_fit(prompts, *model_);
    } catch (const Error& error) {
      tell(told_.refused, QString::fromStdString(error.what()), NoticeLevel::Error);
      return;
    }
  }
  stopZeroShot();
  UsedSet set = usedBefore(prompts, file);
  QString problem;
  if (set.unsaved) set.kept = keepTuned(*set.prompts, &problem);
  if (!problem.isEmpty()) {
    notify(tr("The tuned prompts are in use, but not kept yet. %1 Or save them elsewhere.").arg(problem),
           NoticeLevel::Warning);
  }
  const ClassList words = set.prompts->classes;
  if (same_names(words, classes_)) {
    set.prompts = std::make_shared<PromptSet>(with_classes(*set.prompts, classes_));
  }
  rememberInUse(!same_names(words, classes_));
  settleForSet();
  take(set);
  tellOfWords(words);
  if (!set.file.isEmpty()) rememberRecent(set.file);
}

bool AppContext::openPrompts(const QString& file) {
  return open(QFileInfo(file).absoluteFilePath(), false);
}

bool AppContext::open(const QString& file, bool restoring) {
  UsedSet set;
  try {
    set.prompts = std::make_shared<PromptSet>(load_prompts(nativePath(file)));
    if (model_) check_prompts_fit(*set.prompts, *model_, nativePath(file));
  } catch (const Error& error) {
    const QString name = QFileInfo(file).fileName();
    QString sentence = QString::fromStdString(error.what());
    if (!sentence.contains(name)) sentence = tr("\"%1\" cannot be used now. %2").arg(name, sentence);
    const NoticeLevel level = restoring ? NoticeLevel::Warning : NoticeLevel::Error;
    error.kind() == ErrorKind::WrongModel ? tell(told_.refused, sentence, level) : notify(sentence, level);
    return false;
  }
  set.written = set.prompts->classes;
  set.unsaved = isKept(file);
  (set.unsaved ? set.kept : set.file) = file;
  set.marks = set.writtenMarks = marksOf(*set.prompts);
  takeOpened(set, restoring);
  return true;
}

void AppContext::takeOpened(UsedSet set, bool restoring) {
  if (restoring) {  // as they were left, whether they were saved or not
    for (const auto& [name, mark] : inUse_.marks) set.marks[name] = mark;
  }
  const ClassList before = classes_;
  rememberInUse(!sameClasses(set.prompts->classes, classes_));
  if (!restoring) settleForSet();
  if (model_) {
    stopZeroShot();
    take(set);
  } else {  // taken as soon as there is a model that fits
    used_.remember(set);
    if (!restoring) setClasses(set.prompts->classes);
  }
  if (restoring) return;
  const QString file = set.unsaved ? set.kept : set.file;
  rememberRecent(file);
  sayThatListGoes(before, file);
}

// What was typed into the list is work, and whoever opens a set may not think of the list.
void AppContext::sayThatListGoes(const ClassList& before, const QString& file) {
  if (before.empty() || sameClasses(before, classes_)) return;
  tell(told_.list,
       tr("%1 brought its own list of sounds. Undo on the Teach page brings the earlier list back.")
           .arg(isKept(file) ? tr("This tuning") : QFileInfo(file).fileName()),
       NoticeLevel::Info);
}

bool AppContext::savePrompts(const QString& file) {
  if (!inUse_.prompts) {
    notify(tr("There is no prompt set to save yet: the model is still loading, or the class list is empty."),
           NoticeLevel::Warning);
    return false;
  }
  if (!write(*inUse_.prompts, file)) return false;
  inUse_.saved(file);
  rememberInUse(false);
  rememberRecent(file);
  stateTimer_.start();
  Q_EMIT promptsChanged();
  return true;
}

bool AppContext::saveOther(const PromptSet& prompts, const QString& file) {
  UsedSet set = usedBefore(prompts, {});
  if (!used_.ofTuning(prompts)) {  // nobody has used it yet
    set.putAside = true;
    set.marks = set.writtenMarks;
  }
  if (!write(*set.prompts, file)) return false;
  set.saved(file);
  used_.remember(set);
  return true;
}

bool AppContext::write(const PromptSet& prompts, const QString& file) {
  try {
    save_prompts(withThresholds(prompts), nativePath(file));
  } catch (const Error& error) {
    notify(QString::fromStdString(error.what()), NoticeLevel::Error);
    return false;
  }
  return true;
}

bool AppContext::exportPrompts(const PromptSet& prompts, const QString& format, const QString& file) {
  try {
    export_prompts(withThresholds(prompts), format.toStdString(), nativePath(file));
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
    const QString ending = keptEnding(prompts);
    if (const QStringList known = keptSets(QLatin1Char('*') + ending); !known.isEmpty()) return known.front();
    const QString now = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
    QString file = folder.filePath(now + ending);
    save_prompts(prompts, nativePath(file));
    QMetaObject::invokeMethod(
        this, [this] { dropOldest(); }, Qt::QueuedConnection);  // there it is known what is in use
    return file;
  } catch (const std::exception& error) {
    log_warn(std::string("the tuned prompts could not be kept: ") + error.what());
    if (problem != nullptr) *problem = QString::fromUtf8(error.what());
  }
  return {};
}

void AppContext::dropOldest() const {
  for (const QString& file : keptPrompts().mid(kKeptTunings)) {
    if (file != inUse_.kept && !used_.needs(file)) QFile::remove(file);
  }
}

QStringList AppContext::recentPrompts() const {
  QStringList files = settings_.value("prompts/recent").toStringList();
  files.removeIf([](const QString& file) { return !QFileInfo::exists(file); });
  return files.mid(0, kRecentLength);
}

QStringList AppContext::keptPrompts() const {
  return keptSets(QStringLiteral("*.safetensors"));
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

std::string AppContext::stateNow() const {
  const UsedSet* waiting =
      !model_ && !inUse_.prompts ? used_.forList(classes_, [](const PromptSet&) { return true; }) : nullptr;
  const UsedSet& set = waiting ? *waiting : inUse_;
  QJsonObject json{{"classes", classesToJson(classes_)},
                   {"prompts", set.prompts ? (set.unsaved ? set.kept : set.file) : QString()}};
  Marks marks = set.marks;
  if (set.prompts && !set.worthKeeping()) {  // a list that was typed: where they are not those it would begin with
    UsedSet anew;
    anew.prompts = set.prompts;
    completeMarks(anew);
    std::erase_if(marks, [&anew](const auto& mark) {
      return anew.marks.contains(mark.first) && anew.marks.at(mark.first) == mark.second;
    });
  }
  const bool own = set.file.isEmpty() || set.marksEdited();
  json.insert("thresholds", own ? marksToJson(marks, classes_) : QJsonObject());
  return QJsonDocument(json).toJson().toStdString();
}

// Another window may have written meanwhile: where this one has changed nothing, that stays.
void AppContext::writeState() {
  keepMarks();
  const std::string state = stateNow();
  try {
    std::error_code ignored;
    const bool there = std::filesystem::exists(stateFile(), ignored);
    if (there && state == state_) return;
    if (there) keepTheirList(read_file(stateFile()));
    write_file_atomically(stateFile(), state);
    state_ = state;
  } catch (const std::exception& error) {
    notify(QString::fromUtf8(error.what()), NoticeLevel::Warning);
  }
}

// A list that another window left for the next start is in nobody's undo once this one's takes its place.
void AppContext::keepTheirList(const std::string& theirs) {
  if (theirs == state_) return;
  const QJsonObject state = QJsonDocument::fromJson(QByteArray::fromStdString(theirs)).object();
  const ClassList classes = classesFromJson(state.value("classes").toArray());
  if (classes.empty() || sameClasses(classes, classes_)) return;
  const std::filesystem::path file = data_folder() / "other-window.txt";
  write_file_atomically(file, format_classes(classes));
  notify(tr("Another window of Hearsay kept another list of sounds for the next start. This window's takes its place; "
            "the other one is in %1, from where it can be imported.")
             .arg(QString::fromStdString(file.string())));
}

// Returns the prompt set's file, and leaves the classes in classes_, the thresholds in inUse_.
QString AppContext::readState() {
  std::string text;
  try {
    text = read_file(stateFile());
  } catch (const Error&) {
    firstStart_ = true;  // nothing was kept
    return {};
  }
  state_ = text;
  const QJsonObject state = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
  classes_ = classesFromJson(state.value("classes").toArray());
  inUse_.marks = marksFromJson(state.value("thresholds").toObject());
  if (!state.contains("thresholds")) {  // an earlier version's, where marks went by the class's name in any set
    inUse_.marks = rememberedMarks(classes_);
  }
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
    state_ = stateNow();
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
