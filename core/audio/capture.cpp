#include "audio/capture.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>

#include "audio/portaudio_session.h"
#include "audio/sample_queue.h"
#include "base/error.h"
#include "base/plain_text.h"
#include "base/words.h"

namespace hearsay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSilenceOfDeadDevice{2};
constexpr std::chrono::seconds kOwnPause{1};  // nobody asked for so long: this program itself may have stood still
constexpr std::chrono::seconds kGraceAtStart{5};
constexpr double kDeviceSeconds = 0.1;  // what the sound card may hold while this machine is busy

std::int64_t now_ns() {
  return Clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

InputDevice describe(PaDeviceIndex index) {
  const PaDeviceInfo* info = Pa_GetDeviceInfo(index);
  const PaHostApiInfo* api = Pa_GetHostApiInfo(info->hostApi);
  InputDevice device;
  device.name = valid_utf8(info->name != nullptr ? info->name : "");
  device.api = api != nullptr && api->name != nullptr ? api->name : "";
  device.channels = info->maxInputChannels;
  device.default_rate = info->defaultSampleRate;
  device.is_default = index == Pa_GetDefaultInputDevice();
  return device;
}

/// Indices of everything that can be recorded from.
std::vector<PaDeviceIndex> input_indices() {
  std::vector<PaDeviceIndex> indices;
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(i);
    if (info != nullptr && info->maxInputChannels > 0) indices.push_back(i);
  }
  return indices;
}

std::string names_of(const std::vector<PaDeviceIndex>& indices) {
  std::string names;
  for (const PaDeviceIndex i : indices) names += (names.empty() ? "\"" : ", \"") + describe(i).name + '"';
  return names;
}

/// The device meant by `wanted`: its whole name, or else a part of one; empty: the default. Error: Device.
PaDeviceIndex find_input(const std::string& wanted) {
  const std::vector<PaDeviceIndex> inputs = input_indices();
  if (inputs.empty()) {
    throw Error(ErrorKind::Device, "No microphone was found. Connect one, or classify files instead.");
  }
  if (wanted.empty()) {
    const PaDeviceIndex usual = Pa_GetDefaultInputDevice();
    return std::ranges::find(inputs, usual) != inputs.end() ? usual : inputs.front();
  }
  std::optional<PaDeviceIndex> partly;
  for (const PaDeviceIndex i : inputs) {
    const std::string name = describe(i).name;
    if (name == wanted) return i;
    if (!partly && ascii_lower(name).find(ascii_lower(wanted)) != std::string::npos) partly = i;
  }
  if (partly) return *partly;
  throw Error(ErrorKind::Device, "There is no input called \"" + wanted + "\". There are: " + names_of(inputs) + ".");
}

class Microphone : public SampleSource {
 public:
  explicit Microphone(CaptureConfig config) : config_(std::move(config)) {
    if (config_.rate < 0.0 || !(config_.queue_seconds > 0.0)) {
      throw Error(ErrorKind::Usage, "The microphone's rate and buffer must be above zero.");
    }
  }
  Microphone(const Microphone&) = delete;
  Microphone& operator=(const Microphone&) = delete;
  ~Microphone() override { close(); }

  void start() override;
  void stop() override {
    state_ = State::Stopped;
    close();
  }

  std::size_t read(std::span<float> out) override {
    const std::unique_lock lock(queue_mutex_, std::try_to_lock);
    return lock && queue_ ? queue_->read(out) : 0;
  }

  [[nodiscard]] double rate() const override { return rate_; }
  [[nodiscard]] std::int64_t dropped_samples() const override {
    const std::lock_guard lock(queue_mutex_);
    return queue_ ? queue_->dropped() + overflowed_ : 0;
  }

  [[nodiscard]] bool alive() const override {
    const State state = state_;
    if (state != State::Running) return state == State::New;
    const std::int64_t now = now_ns();
    const std::int64_t unasked = now - asked_ns_.exchange(now);
    if (unasked > std::chrono::nanoseconds(kOwnPause).count()) give_time_until(now + silence_of_dead_device());
    if (!ended_ && now < silent_after_ns_) return true;
    State expected = State::Running;
    state_.compare_exchange_strong(expected, State::Gone);
    return false;
  }

  [[nodiscard]] std::string failure() const override {
    if (state_ != State::Gone) return {};
    const std::lock_guard lock(mutex_);
    return "The microphone \"" + name_ +
           "\" has stopped giving sound; it may have been unplugged, or the sound system has ended.";
  }

 private:
  enum class State { New, Running, Gone, Stopped };

  static int on_samples(const void* input, void* /*output*/, unsigned long frames,
                        const PaStreamCallbackTimeInfo* /*time*/, PaStreamCallbackFlags flags, void* self) {
    auto& microphone = *static_cast<Microphone*>(self);
    if (input != nullptr) microphone.live_queue_->write({static_cast<const float*>(input), frames});
    // The card says that it lost something, not how much: a block at least. At the very start it says so in error.
    const bool lost = (flags & paInputOverflow) != 0 && microphone.heard_any_;
    if (lost) microphone.overflowed_.fetch_add(static_cast<std::int64_t>(frames), std::memory_order_relaxed);
    microphone.heard_any_ = true;
    microphone.silent_after_ns_.store(now_ns() + silence_of_dead_device(), std::memory_order_relaxed);
    return paContinue;
  }

  static std::int64_t silence_of_dead_device() { return std::chrono::nanoseconds(kSilenceOfDeadDevice).count(); }

  /// The callback gets time to come before the device is judged; one that has come since stands.
  void give_time_until(std::int64_t ns) const {
    std::int64_t until = silent_after_ns_;
    while (until < ns && !silent_after_ns_.compare_exchange_weak(until, ns)) {
    }
  }

  static void on_end(void* self) { static_cast<Microphone*>(self)->ended_ = true; }

  void close() {
    const std::lock_guard lock(mutex_);
    stream_.reset();
    session_.reset();
  }

  void open_stream(PaDeviceIndex index);

  const CaptureConfig config_;
  mutable std::mutex mutex_;  // of start, stop and the name
  std::string name_;
  std::unique_ptr<PortAudioSession> session_;
  StreamPointer stream_;            // closed before the session ends
  mutable std::mutex queue_mutex_;  // of the pointer between start and the reader; the callback takes no lock
  std::unique_ptr<SampleQueue> queue_;
  SampleQueue* live_queue_ = nullptr;  // the callback's view of queue_; set while no stream runs
  std::atomic<double> rate_{0.0};
  mutable std::atomic<State> state_{State::New};
  std::atomic<bool> ended_{false};
  mutable std::atomic<std::int64_t> silent_after_ns_{0};
  mutable std::atomic<std::int64_t> asked_ns_{0};  ///< when alive() was last called
  std::atomic<std::int64_t> overflowed_{0};
  bool heard_any_ = false;  // the callback's own
};

/// Opens the device at the wanted rate, or else at its own. Error: Device.
void Microphone::open_stream(PaDeviceIndex index) {
  const PaDeviceInfo* info = Pa_GetDeviceInfo(index);
  const PaStreamParameters parameters = {index, 1, paFloat32, std::max(kDeviceSeconds, info->defaultHighInputLatency),
                                         nullptr};
  std::vector<double> rates = {info->defaultSampleRate, 48000.0, 44100.0};
  if (config_.rate > 0.0) rates.insert(rates.begin(), config_.rate);
  PaError code = paNoError;
  for (const double rate : rates) {
    auto queue = std::make_unique<SampleQueue>(static_cast<std::size_t>(std::ceil(rate * config_.queue_seconds)));
    {
      const std::lock_guard lock(queue_mutex_);
      queue_.swap(queue);
      live_queue_ = queue_.get();
    }
    PaStream* stream = nullptr;
    code = Pa_OpenStream(&stream, &parameters, nullptr, rate, paFramesPerBufferUnspecified, paNoFlag, on_samples, this);
    if (code != paNoError) continue;
    Pa_SetStreamFinishedCallback(stream, on_end);
    rate_ = rate;
    ended_ = false;
    heard_any_ = false;
    overflowed_ = 0;
    silent_after_ns_ = now_ns() + std::chrono::nanoseconds(kGraceAtStart).count();
    asked_ns_ = now_ns();
    code = Pa_StartStream(stream);
    if (code == paNoError) {
      stream_.reset(stream);
      return;
    }
    Pa_CloseStream(stream);
  }
  throw Error(ErrorKind::Device, "The microphone \"" + name_ + "\" could not be opened: " + portaudio_reason(code) +
                                     ". Close other programs that use it, or choose another input.");
}

void Microphone::start() {
  state_ = State::New;
  close();
  const std::lock_guard lock(mutex_);
  {
    const PortAudioLock quiet;
    auto session = std::make_unique<PortAudioSession>(quiet);
    session_ = std::move(session);
  }
  try {
    const PortAudioLock quiet;
    const PaDeviceIndex index = find_input(config_.input);
    name_ = describe(index).name;
    open_stream(index);
  } catch (...) {
    session_.reset();
    throw;
  }
  state_ = State::Running;
}

/// Samples from memory, all at once or as time passes.
class Replay : public SampleSource {
 public:
  Replay(std::vector<float> samples, double rate, bool realtime)
      : samples_(std::move(samples)), rate_(rate), realtime_(realtime) {
    if (!(rate > 0.0)) throw Error(ErrorKind::Usage, "A sample rate must be above zero.");
  }

  void start() override {
    position_ = 0;
    started_ns_ = now_ns();
    state_ = State::Running;
  }
  void stop() override { state_ = State::Stopped; }

  std::size_t read(std::span<float> out) override {
    if (state_ != State::Running) return 0;
    const std::size_t position = position_;
    std::size_t ready = samples_.size();
    if (realtime_) {
      const double seconds = static_cast<double>(now_ns() - started_ns_) * 1e-9;
      ready = std::min(ready, static_cast<std::size_t>(seconds * rate_));
    }
    const std::size_t n = std::min(out.size(), ready - std::min(ready, position));
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(position), n, out.begin());
    position_ = position + n;
    return n;
  }

  [[nodiscard]] double rate() const override { return rate_; }
  [[nodiscard]] std::int64_t dropped_samples() const override { return 0; }
  [[nodiscard]] bool alive() const override {
    return state_ == State::New || (running() && position_ < samples_.size());
  }
  [[nodiscard]] std::string failure() const override { return {}; }

 private:
  enum class State { New, Running, Stopped };
  [[nodiscard]] bool running() const { return state_ == State::Running; }

  const std::vector<float> samples_;
  const double rate_;
  const bool realtime_;
  std::atomic<State> state_{State::New};
  std::atomic<std::size_t> position_{0};
  std::atomic<std::int64_t> started_ns_{0};
};

}  // namespace

std::vector<InputDevice> list_inputs() {
  std::vector<InputDevice> devices;
  try {
    std::unique_ptr<PortAudioSession> session;
    const PortAudioLock quiet;
    session = std::make_unique<PortAudioSession>(quiet);
    for (const PaDeviceIndex i : input_indices()) devices.push_back(describe(i));
  } catch (const Error&) {
    devices.clear();
  }
  return devices;
}

std::unique_ptr<SampleSource> open_microphone(const CaptureConfig& config) {
  return std::make_unique<Microphone>(config);
}

std::unique_ptr<SampleSource> replay_samples(std::vector<float> samples, double rate, bool realtime) {
  return std::make_unique<Replay>(std::move(samples), rate, realtime);
}

}  // namespace hearsay
