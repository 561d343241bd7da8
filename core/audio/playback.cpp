#include "audio/playback.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "audio/portaudio_session.h"
#include "audio/resample.h"
#include "base/error.h"

namespace hearsay {
namespace {

constexpr double kDeviceSeconds = 0.1;  // what the sound card may hold, so that a busy machine does not stutter

/// What the callback reads. Fixed while a stream runs, but for the two atomics.
struct Clip {
  std::shared_ptr<const std::vector<float>> samples;  // at the stream's rate
  std::size_t end = 0;
  int channels = 1;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> ended{false};
};

int on_wanted(const void* /*input*/, void* output, unsigned long frames, const PaStreamCallbackTimeInfo* /*time*/,
              PaStreamCallbackFlags /*flags*/, void* data) {
  auto& clip = *static_cast<Clip*>(data);
  auto* out = static_cast<float*>(output);
  const std::size_t from = clip.next.load(std::memory_order_relaxed);
  const std::size_t n = std::min<std::size_t>(frames, clip.end - from);
  for (std::size_t i = 0; i < frames; ++i) {
    const float value = i < n ? (*clip.samples)[from + i] : 0.0F;
    for (int c = 0; c < clip.channels; ++c) *out++ = value;
  }
  clip.next.store(from + n, std::memory_order_relaxed);
  return from + n < clip.end ? paContinue : paComplete;
}

void on_end(void* data) {
  static_cast<Clip*>(data)->ended = true;
}

/// The device sound goes to by default, or paNoDevice.
PaDeviceIndex output_device() {
  const PaDeviceIndex index = Pa_GetDefaultOutputDevice();
  const PaDeviceInfo* info = index == paNoDevice ? nullptr : Pa_GetDeviceInfo(index);
  return info != nullptr && info->maxOutputChannels > 0 ? index : paNoDevice;
}

}  // namespace

struct Player::State {
  mutable std::mutex mutex;  // of everything below
  std::unique_ptr<PortAudioSession> session;
  std::unique_ptr<Clip> clip;
  StreamPointer stream;  // closed first: its callback reads the clip
  double rate = 0.0;     // of the stream
  double latency = 0.0;  // seconds from the callback to the ear

  void close() {
    stream.reset();
    session.reset();
  }

  void open(const std::shared_ptr<const std::vector<float>>& samples, double clip_rate, double from, double until);
  PaError try_open(PaDeviceIndex device, double at_rate);
};

/// Opens and starts the stream for `clip`.
PaError Player::State::try_open(PaDeviceIndex device, double at_rate) {
  const PaDeviceInfo* info = Pa_GetDeviceInfo(device);
  clip->channels = std::min(info->maxOutputChannels, 2);
  const double wait = std::max(kDeviceSeconds, info->defaultHighOutputLatency);
  const PaStreamParameters parameters = {device, clip->channels, paFloat32, wait, nullptr};
  PaStream* opened = nullptr;
  PaError code = Pa_OpenStream(&opened, nullptr, &parameters, at_rate, paFramesPerBufferUnspecified, paNoFlag,
                               on_wanted, clip.get());
  if (code != paNoError) return code;
  Pa_SetStreamFinishedCallback(opened, on_end);
  const PaStreamInfo* stream_info = Pa_GetStreamInfo(opened);
  latency = stream_info != nullptr ? stream_info->outputLatency : 0.0;
  code = Pa_StartStream(opened);
  if (code == paNoError) {
    stream.reset(opened);
  } else {
    Pa_CloseStream(opened);
  }
  return code;
}

void Player::State::open(const std::shared_ptr<const std::vector<float>>& samples, double clip_rate, double from,
                         double until) {
  const PortAudioLock quiet;
  const PaDeviceIndex device = output_device();
  if (device == paNoDevice) {
    throw Error(ErrorKind::Device, "This machine has no sound output. Connect headphones or a loudspeaker.");
  }
  PaError code = paNoError;
  for (const double at_rate : {clip_rate, Pa_GetDeviceInfo(device)->defaultSampleRate}) {
    auto next = std::make_unique<Clip>();
    const bool same = at_rate == clip_rate;
    next->samples = same ? samples : std::make_shared<std::vector<float>>(resample(*samples, clip_rate, at_rate));
    const double length = static_cast<double>(next->samples->size());
    next->end = static_cast<std::size_t>(until < 0.0 ? length : std::clamp(until * at_rate, 0.0, length));
    next->next = static_cast<std::size_t>(std::clamp(from * at_rate, 0.0, static_cast<double>(next->end)));
    clip = std::move(next);
    rate = at_rate;
    if (clip->next == clip->end) {
      clip->ended = true;
      return;
    }
    code = try_open(device, at_rate);
    if (code == paNoError) return;
  }
  clip.reset();
  throw Error(ErrorKind::Device, "The sound output could not be opened: " + portaudio_reason(code) +
                                     ". Close other programs that use it, then try again.");
}

Player::Player() : state_(std::make_unique<State>()) {}
Player::~Player() {
  stop();
}

void Player::play(const std::shared_ptr<const std::vector<float>>& samples, double rate, double from, double until) {
  if (!samples || !(rate > 0.0) || !std::isfinite(from) || !std::isfinite(until)) {
    throw Error(ErrorKind::Usage, "There is nothing to play.");
  }
  const std::lock_guard lock(state_->mutex);
  state_->close();
  {
    const PortAudioLock quiet;
    state_->session = std::make_unique<PortAudioSession>(quiet);
  }
  try {
    state_->open(samples, rate, from, until);
  } catch (...) {
    state_->close();
    throw;
  }
}

void Player::stop() {
  const std::lock_guard lock(state_->mutex);
  state_->close();
  if (state_->clip) state_->clip->ended = true;
}

bool Player::playing() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->clip) return false;
  if (state_->clip->ended) state_->close();  // lets go of the device
  return !state_->clip->ended;
}

double Player::position() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->clip) return 0.0;
  const double given = static_cast<double>(state_->clip->next) / state_->rate;
  return state_->clip->ended ? given : std::max(0.0, given - state_->latency);
}

bool Player::available() {
  try {
    std::unique_ptr<PortAudioSession> session;
    const PortAudioLock quiet;
    session = std::make_unique<PortAudioSession>(quiet);
    return output_device() != paNoDevice;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace hearsay
