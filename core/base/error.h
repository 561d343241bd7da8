#pragma once
// The one exception type of the core: a sentence a person can act on, and a kind a program can act on.

#include <stdexcept>
#include <string>

namespace hearsay {

enum class ErrorKind {
  Usage,       ///< wrong arguments or settings
  NotFound,    ///< file, folder, device or name does not exist
  Unreadable,  ///< exists, but cannot be opened or read
  BadFormat,   ///< the bytes are not what they should be
  BadAudio,    ///< the file opens, but holds no sound that can be used
  WrongModel,  ///< a prompt set or session made with another model
  Device,      ///< microphone, loudspeaker or GPU
  NoSpace,     ///< cannot be written: disk full, no permission
  Cancelled,   ///< the person stopped it
  Internal     ///< a mistake of ours
};

/// Thrown by everything in the core. what() names the thing, the file and what to do, in one or two plain sentences.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace hearsay
