#include "ui/label/label_controller.h"

#include <algorithm>
#include <map>
#include <utility>

#include "audio/decode.h"
#include "base/error.h"
#include "labels/imports.h"
#include "ui/charts/format.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {
namespace {

constexpr int kLookAfter = 250;          ///< ms a clip is shown before it goes ahead of the others
constexpr std::uint64_t kQueueSeed = 1;  ///< one random order a session, the same after opening it again

std::filesystem::path toPath(const QString& text) {
  return std::filesystem::path(text.toStdString());
}

/// "1 new file, 5 are missing."
QString foundText(std::int64_t added, std::int64_t missing) {
  const QString found = added == 0   ? LabelController::tr("No new files")
                        : added == 1 ? LabelController::tr("1 new file")
                                     : LabelController::tr("%1 new files").arg(added);
  if (missing == 0) return LabelController::tr("%1.").arg(found);
  return missing == 1 ? LabelController::tr("%1, 1 is missing.").arg(found)
                      : LabelController::tr("%1, %2 are missing.").arg(found).arg(missing);
}

}  // namespace

LabelController::LabelController(AppContext& app, QObject* parent) : QObject(parent), app_(app), suggester_(app) {
  connect(&suggester_, &Suggester::suggested, this,
          [this](qint64 clip, const QString& fingerprint, const std::vector<Suggestion>& items, double seconds) {
            if (!session_) return;
            act([&] {
              session_->set_seconds(clip, seconds);
              return session_->set_suggestions(clip, fingerprint.toStdString(), items);
            });
          });
  connect(&suggester_, &Suggester::failed, this,
          [this](qint64, const QString& sentence) { app_.notify(sentence, AppContext::NoticeLevel::Warning); });
  connect(&app_, &AppContext::promptsChanged, this, &LabelController::suggestMissing);
  look_soon_.setSingleShot(true);
  look_soon_.setInterval(kLookAfter);
  connect(this, &LabelController::currentChanged, &look_soon_, qOverload<>(&QTimer::start));
  connect(&look_soon_, &QTimer::timeout, this, [this] {
    if (session_ && suggester_.comesLater(current_)) suggestMissing();
  });
}

LabelController::~LabelController() = default;

bool LabelController::guarded(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    app_.notify(QString::fromStdString(error.what()), AppContext::NoticeLevel::Error);
    return false;
  }
}

QString LabelController::sessionFile() const {
  return session_ ? QString::fromStdString(session_->file().string()) : QString();
}

bool LabelController::create(const QString& sessionFile, const QString& folder, const QStringList& classNames) {
  return guarded([&] {
    std::vector<std::string> problems;
    std::vector<SessionFile> files;
    for (const auto& file : collect_audio({toPath(folder)}, &problems, &problems)) files.push_back({file, 0.0});
    if (files.empty()) {
      throw Error(ErrorKind::NotFound,
                  "There are no sound files in " + folder.toStdString() + ". Choose another folder.");
    }
    std::vector<std::string> names;
    for (const QString& name : classNames) names.push_back(name.toStdString());
    close();
    session_.emplace(LabelSession::create(toPath(sessionFile), toPath(folder), files, names));
    for (const std::string& problem : problems)
      app_.notify(QString::fromStdString(problem), AppContext::NoticeLevel::Warning);
    opened();
  });
}

bool LabelController::open(const QString& sessionFile) {
  if (session_ && toPath(sessionFile) == session_->file()) return true;
  return guarded([&] {
    LabelSession session = LabelSession::open(toPath(sessionFile));
    close();
    session_.emplace(std::move(session));
    opened();
  });
}

void LabelController::opened() {
  Q_EMIT sessionChanged();
  const auto progress = session_->progress();
  if (progress.missing > 0) {
    missing_ = tr("Clips of this session that are not where they were: %1. Their labels are kept; Session > Find moved "
                  "clips looks for them.")
                   .arg(progress.missing);
  }
  tellMissing();
  const auto queue = session_->queue(order_, kQueueSeed);
  const auto clips = session_->clips();
  show(!queue.empty() ? queue.front() : clips.empty() ? 0 : clips.front().id);
  suggestMissing();
}

// Of no use on other pages: it waits until this one is shown.
void LabelController::tellMissing() {
  if (!shown_ || missing_.isEmpty() || std::exchange(missingTold_, true)) return;
  app_.notify(missing_, AppContext::NoticeLevel::Warning);
}

void LabelController::close() {
  missing_.clear();
  missingTold_ = false;
  suggester_.stop();
  if (!session_) return;
  session_.reset();
  current_ = 0;
  history_.clear();
  asked_.clear();
  fingerprint_.clear();
  Q_EMIT sessionChanged();
  Q_EMIT currentChanged();
}

void LabelController::rescan() {
  if (!session_) return;
  std::int64_t before = 0;
  if (!guarded([&] { before = session_->progress().total; })) return;
  const bool done = act([this] {
    std::vector<SessionFile> files;
    for (const auto& file : collect_audio({session_->audio_folder()})) files.push_back({file, 0.0});
    return session_->merge_files(files);
  });
  if (!done) return;
  guarded([&] {
    const SessionProgress now = session_->progress();
    app_.notify(foundText(now.total - before, now.missing));
  });
  suggestMissing();
}

void LabelController::findMoved(const QString& folder) {
  if (!session_) return;
  std::int64_t before = 0;
  if (!guarded([&] { before = session_->progress().missing; })) return;
  if (!act([&] { return session_->relocate(toPath(folder)); })) return;
  guarded([&] {
    const std::int64_t still = session_->progress().missing;
    app_.notify(before == 0  ? tr("Every clip is where it was.")
                : still == 0 ? tr("All clips are found.")
                             : tr("Found again: %1. Still missing: %2.").arg(before - still).arg(still));
  });
  suggestMissing();
}

QStringList LabelController::wouldReplace(LabelFormat format, const QString& folder) {
  QStringList names;
  if (!session_ || !writes_folder(format)) return names;
  guarded([&] {
    for (const auto& file : export_files(*session_, format, toPath(folder))) {
      std::error_code unknown;
      if (std::filesystem::exists(file, unknown)) names << QString::fromStdString(file.filename().string());
    }
  });
  return names;
}

bool LabelController::exportTo(LabelFormat format, const QString& path) {
  if (!session_) return false;
  return guarded([&] {
    const auto written = export_labels(*session_, format, toPath(path));
    app_.notify(tr("Exported to %1 (%2)").arg(path, filesText(static_cast<int>(written.size()))));
  });
}

void LabelController::importFrom(const QStringList& files) {
  if (!session_) return;
  std::vector<std::string> left_out;
  Change change;
  const bool done = actAndLook([&] {
    std::vector<std::filesystem::path> paths;
    for (const QString& file : files) paths.push_back(toPath(file));
    return change = import_labels(*session_, paths, left_out);
  });
  if (!done) return;
  // One sentence: a warning takes the place of an info that has just come up.
  const QString added = change.empty() ? tr("Nothing was imported.")
                                       : tr("Done: %1. Undo takes it back.").arg(QString::fromStdString(change.text));
  if (left_out.empty()) return app_.notify(added);
  const QString first = QString::fromStdString(left_out.front());
  const QString told = left_out.size() == 1
                           ? tr("Left out: %1").arg(first)
                           : tr("Left out: %1 And %2 more.").arg(first, QString::number(left_out.size() - 1));
  app_.notify(added + QLatin1Char(' ') + told, AppContext::NoticeLevel::Warning);
}

void LabelController::show(ClipId clip) {
  if (clip == current_) return;
  if (current_ != 0) history_.push_back(current_);
  current_ = clip;
  Q_EMIT currentChanged();
}

void LabelController::showNext() {
  if (!session_) return;
  guarded([this] {
    auto queue = session_->queue(order_, kQueueSeed);
    const bool all_done = queue.empty();
    std::erase_if(queue, [this](ClipId clip) { return !isAmong(clip); });
    if (queue.empty()) {
      app_.notify(all_done ? tr("Every clip is labelled or skipped.")
                           : tr("Every clip of this filter is labelled or skipped."));
      return;
    }
    // After the current clip in the queue's order; in file order also when the current one has just left the queue.
    auto next = std::find(queue.begin(), queue.end(), current_);
    if (next != queue.end()) {
      ++next;
    } else if (order_ == QueueOrder::InOrder) {
      next = std::upper_bound(queue.begin(), queue.end(), current_);
    } else {
      next = queue.begin();
    }
    show(next == queue.end() ? queue.front() : *next);
  });
}

void LabelController::showPrevious() {
  const auto last = std::find_if(history_.rbegin(), history_.rend(), [this](ClipId clip) { return isAmong(clip); });
  if (last == history_.rend()) return;
  const ClipId clip = *last;
  history_.erase(std::prev(last.base()), history_.end());
  current_ = clip;
  Q_EMIT currentChanged();
}

void LabelController::setOrder(QueueOrder order) {
  if (order == order_) return;
  order_ = order;
  Q_EMIT orderChanged();
}

/// Is it to be labelled (again), and has the set that was asked neither looked at it nor been told to?
bool LabelController::wantsSuggestion(ClipId clip) const {
  if (fingerprint_.empty() || asked_.count(clip) > 0) return false;
  const Clip now = session_->clip(clip);
  if (now.missing || now.state != ClipState::Unseen) return false;
  return session_->suggestions(clip).fingerprint != fingerprint_;
}

void LabelController::setShown(bool shown) {
  shown_ = shown;
  tellMissing();
  if (shown_ && postponed_) suggestMissing();
  if (shown_ || !suggester_.running()) return;
  suggester_.stop();
  postponed_ = true;
}

std::vector<ClipToSuggest> LabelController::clipsToSuggest() const {
  const auto ids = session_->without_suggestions(fingerprint_);
  const std::set<ClipId> waiting(ids.begin(), ids.end());
  std::map<ClipId, std::filesystem::path> unseen;
  std::vector<ClipToSuggest> later;
  for (const Clip& clip : session_->clips()) {
    if (waiting.count(clip.id) == 0) continue;
    if (clip.state == ClipState::Unseen) {
      unseen[clip.id] = clip.file;
    } else if (session_->suggestions(clip.id).fingerprint.empty()) {
      later.push_back({clip.id, clip.file});  // decided: what an earlier set said is good enough to be looked at
    }
  }
  // The one that is shown first, and those that come after it, so that going on seldom means starting anew.
  auto queue = session_->queue(order_, kQueueSeed);
  auto first = std::find(queue.begin(), queue.end(), current_);
  if (first == queue.end() && order_ == QueueOrder::InOrder) {
    first = std::upper_bound(queue.begin(), queue.end(), current_);
  }
  std::rotate(queue.begin(), first, queue.end());
  std::vector<ClipToSuggest> clips;
  for (const ClipId id : queue) {
    if (unseen.count(id) > 0) clips.push_back({id, unseen[id]});
  }
  clips.insert(clips.end(), later.begin(), later.end());
  return clips;
}

void LabelController::suggestMissing() {
  postponed_ = !shown_;
  const auto prompts = app_.prompts();
  if (!prompts) suggester_.stop();  // there is nothing to go by any more
  if (!session_ || !prompts || !app_.model()) return;
  guarded([&] {
    const auto classes = session_->classes();
    const std::string fingerprint = suggestionFingerprint(*prompts, classes);
    if (!shown_) {
      if (fingerprint != fingerprint_) suggester_.stop();  // nobody waits for what the earlier set says
      return;
    }
    fingerprint_ = fingerprint;
    const auto clips = clipsToSuggest();
    asked_.clear();
    for (const ClipToSuggest& clip : clips) asked_.insert(clip.clip);
    suggester_.start(clips, classes);
  });
}

}  // namespace hearsay::ui
