#pragma once
// PortAudio, started when the first user comes and ended when the last one goes. PortAudio's functions are not
// thread-safe: whoever calls one holds a PortAudioLock (the audio callbacks and stream clocks apart).

#include <portaudio.h>

#include <memory>
#include <mutex>
#include <string>

namespace hearsay {

/// Serialises calls into PortAudio and catches the sound libraries' chatter on stderr, which goes to the debug log.
class PortAudioLock {
 public:
  PortAudioLock();
  ~PortAudioLock();
  PortAudioLock(const PortAudioLock&) = delete;
  PortAudioLock& operator=(const PortAudioLock&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  int saved_stderr_ = -1;
  int caught_ = -1;
};

/// Keeps PortAudio running. The devices it knows are those present when the first session began.
class PortAudioSession {
 public:
  /// Error: Device when the sound system cannot be started.
  explicit PortAudioSession(const PortAudioLock& lock);
  ~PortAudioSession();  ///< takes the lock itself
  PortAudioSession(const PortAudioSession&) = delete;
  PortAudioSession& operator=(const PortAudioSession&) = delete;
};

/// An open stream; closing it takes the lock.
struct StreamCloser {
  void operator()(PaStream* stream) const;
};
using StreamPointer = std::unique_ptr<PaStream, StreamCloser>;

/// PortAudio's words for a failure, with the host's own when there are any.
std::string portaudio_reason(PaError code);

}  // namespace hearsay
