#pragma once
// The microphone, through PortAudio. The callback only copies into a lock-free queue.
// One thread reads; start, stop, alive and failure may be called from any.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hearsay {

struct InputDevice {
  std::string name;
  std::string api;  ///< "ALSA", "JACK", ...
  int channels = 0;
  double default_rate = 0.0;
  bool is_default = false;
};

/// What can be recorded from; empty when there is nothing. Never throws for an absent sound system.
std::vector<InputDevice> list_inputs();

/// What the stream classifier listens to: a microphone, or anything that yields samples in the same way (tests, files).
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
  /// Takes what has arrived, at most out.size() mono samples at rate(); never blocks.
  virtual std::size_t read(std::span<float> out) = 0;
  [[nodiscard]] virtual double rate() const = 0;
  /// Samples lost since start(): those for which the queue had no room because the reader was late, exactly, and a
  /// block for every time the sound card itself lost some.
  [[nodiscard]] virtual std::int64_t dropped_samples() const = 0;
  /// False once the device has gone, or the source has ended or was stopped; failure() then says why (empty: it simply
  /// ended). True before start(). A source with a failure may be started again, until it is back.
  [[nodiscard]] virtual bool alive() const = 0;
  [[nodiscard]] virtual std::string failure() const = 0;
};

struct CaptureConfig {
  std::string input;            ///< a device's name, or part of one; empty: the default
  double rate = 0.0;            ///< 0: the device's own
  double queue_seconds = 10.0;  ///< how much may wait in the queue
};

/// Opens on start(). Errors: Device, with the names there are ("No microphone was found..." when there is none).
std::unique_ptr<SampleSource> open_microphone(const CaptureConfig& config);

/// A source that replays samples, for tests and for `listen` on a file. `realtime`: paced by the clock since start(),
/// never dropping any; otherwise as fast as it is read. Ends after the last sample; start() begins again.
std::unique_ptr<SampleSource> replay_samples(std::vector<float> samples, double rate, bool realtime);

}  // namespace hearsay
