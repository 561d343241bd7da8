#include "ui/files/sound_looker.h"

#include <exception>
#include <utility>

namespace hearsay::ui {

SoundLooker::SoundLooker(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(1);
}

SoundLooker::~SoundLooker() {
  stop();
  pool_.waitForDone();
}

void SoundLooker::stop() {
  if (control_) control_->cancel();
  control_.reset();
}

void SoundLooker::run(std::function<std::function<void()>(JobControl&)> work) {
  if (!control_) control_ = std::make_shared<JobControl>();
  pool_.start([this, control = control_, work = std::move(work)] {
    if (control->cancelled()) return;
    std::function<void()> tell;
    try {
      tell = work(*control);
    } catch (const std::exception& error) {
      tell = [this, sentence = QString::fromUtf8(error.what())] { Q_EMIT failed(sentence); };
    }
    QMetaObject::invokeMethod(
        this,
        [this, control, tell] {
          if (control == control_ && !control->cancelled()) tell();
        },
        Qt::QueuedConnection);
  });
}

void SoundLooker::look(const std::filesystem::path& file, const LogMelConfig& mel) {
  stop();
  run([this, file, mel](JobControl& control) -> std::function<void()> {
    auto look = std::make_shared<const SoundLook>(lookAt(file, mel, control));
    return [this, look] { Q_EMIT looked(look); };
  });
}

void SoundLooker::listen(const std::filesystem::path& file, std::shared_ptr<const ClapModel> model,
                         std::shared_ptr<const PromptSet> prompts, ScoreKind kind) {
  run([this, file, model = std::move(model), prompts = std::move(prompts),
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

void SoundLooker::readForPlaying(const std::filesystem::path& file, int rate, double from, double seconds) {
  run([this, file, rate, from, seconds](JobControl&) -> std::function<void()> {
    auto samples = std::make_shared<const std::vector<float>>(decode_range(file, rate, from, seconds));
    return [this, samples, from] { Q_EMIT readyToPlay(samples, from); };
  });
}

}  // namespace hearsay::ui
