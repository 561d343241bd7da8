#include "ui/sounds/sound_looker.h"

#include <exception>
#include <utility>

#include "classify/stretch.h"

namespace hearsay::ui {

SoundLooker::SoundLooker(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(2);  // playing and zooming go on while every moment of the file is named
}

SoundLooker::~SoundLooker() {
  stop();
  pool_.waitForDone();
}

void SoundLooker::stop() {
  for (std::shared_ptr<JobControl>* control : {&control_, &closer_, &listens_}) {
    if (*control) (*control)->cancel();
    control->reset();
  }
}

const std::shared_ptr<JobControl>& SoundLooker::control() {
  if (!control_) control_ = std::make_shared<JobControl>();
  return control_;
}

void SoundLooker::run(const std::shared_ptr<JobControl>& control,
                      std::function<std::function<void()>(JobControl&)> work) {
  pool_.start([this, control, work = std::move(work)] {
    if (control->cancelled()) return;
    std::function<void()> tell;
    try {
      tell = work(*control);
    } catch (const std::exception& error) {
      tell = [this, sentence = QString::fromUtf8(error.what())] { Q_EMIT failed(sentence); };
    }
    QMetaObject::invokeMethod(
        this,
        [control, tell] {
          if (!control->cancelled()) tell();
        },
        Qt::QueuedConnection);
  });
}

void SoundLooker::look(const std::filesystem::path& file, const LogMelConfig& mel) {
  stop();
  run(control(), [this, file, mel](JobControl& control) -> std::function<void()> {
    auto look = std::make_shared<const SoundLook>(lookAt(file, mel, control));
    return [this, look] { Q_EMIT looked(look); };
  });
}

void SoundLooker::listen(const std::filesystem::path& file, std::shared_ptr<const ClapModel> model,
                         std::shared_ptr<const PromptSet> prompts, ScoreKind kind) {
  if (listens_) listens_->cancel();
  listens_ = std::make_shared<JobControl>();
  run(listens_,
      [this, file, model = std::move(model), prompts = std::move(prompts),
       kind](JobControl& control) -> std::function<void()> {
        ClassifyOptions options;
        options.kind = kind;
        options.frame_similarity = true;
        auto result = std::make_shared<FileResult>();
        classify_files(*model, *prompts, {file}, options, &control, {},
                       [&result](FileResult&& done) { *result = std::move(done); });
        return [this, result] { Q_EMIT heard(result); };
      });
}

void SoundLooker::lookCloser(const std::filesystem::path& file, const LogMelConfig& mel, double from, double seconds) {
  if (closer_) closer_->cancel();
  closer_ = std::make_shared<JobControl>();
  run(closer_, [this, file, mel, from, seconds](JobControl&) -> std::function<void()> {
    auto picture = std::make_shared<const SoundPicture>(ui::lookCloser(file, mel, from, seconds));
    return [this, picture] { Q_EMIT lookedCloser(picture); };
  });
}

void SoundLooker::listenTo(const std::filesystem::path& file, std::shared_ptr<const ClapModel> model,
                           std::shared_ptr<const PromptSet> prompts, ScoreKind kind, double from, double seconds) {
  if (listens_) listens_->cancel();
  listens_ = std::make_shared<JobControl>();
  run(listens_,
      [this, file, model = std::move(model), prompts = std::move(prompts), kind, from,
       seconds](JobControl& control) -> std::function<void()> {
        auto result = std::make_shared<FileResult>();
        result->file = file;
        result->windows = classify_stretch(*model, *prompts, file, from, seconds, kind, &control);
        return [this, result] { Q_EMIT heard(result); };
      });
}

void SoundLooker::readForPlaying(const std::filesystem::path& file, int rate, double from, double seconds) {
  run(control(), [this, file, rate, from, seconds](JobControl&) -> std::function<void()> {
    try {
      auto samples = std::make_shared<const std::vector<float>>(decode_range(file, rate, from, seconds));
      return [this, samples, from] { Q_EMIT readyToPlay(samples, from); };
    } catch (const std::exception& error) {
      return [this, sentence = QString::fromUtf8(error.what())] {
        Q_EMIT notPlayed();
        Q_EMIT failed(sentence);
      };
    }
  });
}

}  // namespace hearsay::ui
