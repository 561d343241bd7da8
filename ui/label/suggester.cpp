#include "ui/label/suggester.h"

#include <QMetaObject>
#include <QPointer>
#include <algorithm>
#include <map>
#include <memory>

#include "base/files.h"
#include "base/words.h"
#include "classify/file_classifier.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {
namespace {

void appendBytes(std::string& text, const Matrix& matrix) {
  text.append(reinterpret_cast<const char*>(matrix.data.data()), matrix.data.size() * sizeof(float));
}

/// For every class of the prompt set the session's id, 0 where the session has no such class.
std::vector<ClassId> matchClasses(const PromptSet& prompts, const std::vector<SessionClass>& classes) {
  std::map<std::string, ClassId> ids;
  for (const SessionClass& c : classes) ids.emplace(fold_name(c.name), c.id);
  std::vector<ClassId> matched;
  for (const SoundClass& c : prompts.classes) {
    const auto found = ids.find(fold_name(c.name));
    matched.push_back(found == ids.end() ? 0 : found->second);
  }
  return matched;
}

std::vector<Suggestion> toSuggestions(const FileResult& result, const std::vector<ClassId>& ids) {
  std::vector<Suggestion> items;
  if (result.doubts.silent) return items;  // no class is heard where nothing is
  for (const int k : result.order) {
    const auto index = static_cast<std::size_t>(k);
    if (ids[index] != 0) items.push_back({ids[index], result.probability[index]});
  }
  return items;
}

}  // namespace

std::string suggestionFingerprint(const PromptSet& prompts, const std::vector<SessionClass>& classes) {
  std::string text = prompts.model_fingerprint;
  const std::vector<ClassId> ids = matchClasses(prompts, classes);
  for (std::size_t k = 0; k < ids.size(); ++k) text += '\n' + std::to_string(ids[k]) + ' ' + prompts.classes[k].name;
  appendBytes(text, prompts.zero_shot);
  appendBytes(text, prompts.coarse);
  appendBytes(text, prompts.fine);
  appendBytes(text, prompts.anchored);
  const ScoreWeights& weights = prompts.weights;
  for (const double weight : {weights.coarse, weights.fine, weights.zero_shot}) text += ' ' + std::to_string(weight);
  for (const double offset : prompts.offsets) text += ' ' + std::to_string(offset);
  return sha256_of(text);
}

Suggester::Suggester(AppContext& app, QObject* parent) : QObject(parent), app_(app) {}

Suggester::~Suggester() {
  stop();
}

void Suggester::stop() {
  ++generation_;
  if (job_ >= 0) app_.jobs().cancelJob(job_);
  job_ = -1;
}

QString Suggester::waitsFor() const {
  return running() ? app_.jobs().waitsFor(job_) : QString();
}

bool Suggester::comesLater(ClipId clip) const {
  if (!running() || done_ >= clips_.size()) return false;
  const auto next = clips_.begin() + static_cast<std::ptrdiff_t>(done_) + 1;
  return std::any_of(next, clips_.end(), [clip](const ClipToSuggest& one) { return one.clip == clip; });
}

void Suggester::start(const std::vector<ClipToSuggest>& clips, const std::vector<SessionClass>& classes) {
  stop();
  const auto model = app_.model();
  const auto prompts = app_.prompts();
  if (clips.empty() || !model || !prompts) return;

  clips_ = clips;
  done_ = 0;
  const int generation = generation_;
  const QString fingerprint = QString::fromStdString(suggestionFingerprint(*prompts, classes));
  const std::vector<ClassId> ids = matchClasses(*prompts, classes);
  const QPointer<Suggester> self(this);
  auto work = [=](JobControl& control, const ProgressFn& progress) {
    std::vector<std::filesystem::path> files;
    files.reserve(clips.size());
    for (const ClipToSuggest& clip : clips) files.push_back(clip.file);
    ClassifyOptions options;
    options.kind = prompts->preferred;
    options.per_window = false;
    std::size_t next = 0;
    classify_files(*model, *prompts, files, options, &control, progress, [&](FileResult&& result) {
      const ClipId clip = clips[next++].clip;
      const QString error = QString::fromStdString(result.error);
      const auto items = error.isEmpty() ? toSuggestions(result, ids) : std::vector<Suggestion>{};
      QMetaObject::invokeMethod(
          self,
          [self, generation, clip, fingerprint, items, error, seconds = result.seconds] {
            if (!self || self->generation_ != generation) return;
            ++self->done_;
            if (error.isEmpty()) {
              Q_EMIT self->suggested(clip, fingerprint, items, seconds);
            } else {
              Q_EMIT self->failed(clip, error);
            }
          },
          Qt::QueuedConnection);
    });
  };
  job_ = app_.jobs().submit(tr("Suggesting labels"), work, [self, generation](const JobService::Outcome& outcome) {
    if (!self || self->generation_ != generation) return;
    self->job_ = -1;
    if (!outcome.ok && !outcome.cancelled) self->app_.notify(outcome.error, AppContext::NoticeLevel::Warning);
    Q_EMIT self->finished();
  });
}

}  // namespace hearsay::ui
