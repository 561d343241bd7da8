#include "audio/portaudio_session.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

namespace hearsay {
namespace {

std::mutex& portaudio_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Lines the sound libraries print whenever a sound system they know of is not there.
bool is_chatter(std::string_view line) {
  constexpr std::array<std::string_view, 9> kBeginnings = {
      "ALSA lib",       "Cannot connect to server", "jack server",  "JackShm",
      "connect(2)",     "attempt to connect",       "Expression '", "PaAlsa",
      "Cannot allocate"};
  for (const std::string_view beginning : kBeginnings) {
    if (line.starts_with(beginning)) return true;
  }
  return line.empty();
}

/// What was printed meanwhile: chatter to the debug log, anything else where it was meant to go.
void pass_on(int caught) {
  const off_t size = ::lseek(caught, 0, SEEK_END);
  if (size <= 0) return;
  std::string text(static_cast<std::size_t>(size), '\0');
  const ssize_t got = ::pread(caught, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  for (const std::string& line : split_lines(text)) {
    if (is_chatter(line)) {
      log_debug(line);
    } else {
      const std::string whole = line + '\n';
      (void)!::write(STDERR_FILENO, whole.data(), whole.size());
    }
  }
}

void ignore_alsa(const char*, int, const char*, int, const char*, ...) {}

/// ALSA also prints from the audio thread, long after a call has returned; what matters there the stream tells itself.
/// The handler is found by name because PortAudio brings the library, not we.
void hush_alsa() {
  using AlsaHandler = void (*)(const char*, int, const char*, int, const char*, ...);
  using SetAlsaHandler = int (*)(AlsaHandler);
  if (void* set = ::dlsym(RTLD_DEFAULT, "snd_lib_error_set_handler")) {
    (void)reinterpret_cast<SetAlsaHandler>(set)(&ignore_alsa);
  }
}

}  // namespace

PortAudioLock::PortAudioLock() : lock_(portaudio_mutex()) {
  caught_ = ::memfd_create("hearsay-sound-messages", MFD_CLOEXEC);
  if (caught_ < 0) return;
  saved_stderr_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (saved_stderr_ >= 0) ::dup2(caught_, STDERR_FILENO);
}

PortAudioLock::~PortAudioLock() {
  if (saved_stderr_ >= 0) {
    ::dup2(saved_stderr_, STDERR_FILENO);
    ::close(saved_stderr_);
    pass_on(caught_);
  }
  if (caught_ >= 0) ::close(caught_);
}

PortAudioSession::PortAudioSession(const PortAudioLock& /*held*/) {
  hush_alsa();
  const PaError code = Pa_Initialize();
  if (code != paNoError) {
    throw Error(ErrorKind::Device, "The sound system could not be started: " + portaudio_reason(code) + ".");
  }
}

PortAudioSession::~PortAudioSession() {
  const PortAudioLock lock;
  Pa_Terminate();
}

void StreamCloser::operator()(PaStream* stream) const {
  const PortAudioLock lock;
  Pa_AbortStream(stream);
  Pa_CloseStream(stream);
}

std::string portaudio_reason(PaError code) {
  if (code == paUnanticipatedHostError) {
    const PaHostErrorInfo* host = Pa_GetLastHostErrorInfo();
    if (host != nullptr && host->errorText != nullptr && host->errorText[0] != '\0') return host->errorText;
  }
  return Pa_GetErrorText(code);
}

}  // namespace hearsay
