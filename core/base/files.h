#pragma once
// Files as people keep them: atomic saving, whole-file reading, fingerprints, standard places.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// A path for a sentence: in double quotes, valid UTF-8 whatever its bytes.
std::string quoted(const std::filesystem::path& path);

/// Writes through a temporary file on the disk of `path`, fsync, rename: afterwards either the old or the new content
/// is there, never half of one. A link is followed. A pipe, a device, and what this program was given open
/// (/dev/stdout, also where the shell sends it to a file) is written to as it is, from where it stands. Errors: NoSpace
/// with the path and the system's reason, also for a write-protected file.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// The same for content that is produced in pieces: `produce` gets a sink and calls it any number of times.
using ByteSink = std::function<void(std::span<const std::byte>)>;
void write_file_atomically(const std::filesystem::path& path, const std::function<void(const ByteSink&)>& produce);

/// The same for content that comes over a long time and must not be lost when the disk fills up in the middle. Without
/// commit() nothing remains of it, not even of a killed program's where the disk knows files without a name. Elsewhere,
/// and in the moment between that name and the target's, `.hearsay-N.part` remains beside the target. Errors of every
/// call: NoSpace with the path and the system's reason.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  /// All of it or, with an error, nothing.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// What was written so far and what will be goes to `path`; a file at the old place stays as it was. What a pipe or
  /// device has taken is not repeated. After an error everything is as before the call.
  void move_to(const std::filesystem::path& path);
  /// Ends here: what was written so far gets the name `path` on the same disk, which takes no room there.
  void leave_at(const std::filesystem::path& path);
  void commit();

 private:
  void open(const std::filesystem::path& path);
  void close() noexcept;
  /// Tries names beside the target until `make` has made one; it sets errno where it has not.
  void name_part(const std::function<bool(const std::filesystem::path&)>& make);
  void rename_to(const std::filesystem::path& path);

  std::filesystem::path target_;
  std::filesystem::path part_;  ///< the temporary file beside the target; empty while it has no name
  bool temporary_ = false;      ///< it is a file of its own; false for a pipe, a device, and what was given open
  int fd_ = -1;
  std::int64_t written_ = 0;
};

/// The bytes of a file, as they are. Errors: NotFound, Unreadable (also a pipe or device that gives more than 1 GiB).
std::string read_file(const std::filesystem::path& path);

/// A text file as UTF-8: byte-order marks honoured, otherwise the encoding guessed by ICU (UTF-8, UTF-16, Latin-1). A
/// few broken bytes in UTF-8 become U+FFFD. Line ends stay as they are. Errors: NotFound, Unreadable, BadFormat (binary
/// content).
std::string read_text_file(const std::filesystem::path& path);

/// Lines without their ends (LF, CRLF, CR).
std::vector<std::string> split_lines(std::string_view text);

/// SHA-256 of a file, lower-case hex, read in pieces. Errors: NotFound, Unreadable.
std::string sha256_of_file(const std::filesystem::path& path);
std::string sha256_of(std::string_view bytes);

/// Where things live: $XDG_DATA_HOME/hearsay, $XDG_CACHE_HOME/hearsay (made when missing). Errors: NotFound (no home
/// folder), NoSpace.
std::filesystem::path data_folder();
std::filesystem::path cache_folder();

/// The folder with the starter model, captions, presets and sounds: $HEARSAY_RESOURCES, or beside the executable
/// (../share/hearsay), or the source tree this was built from. Error: NotFound.
std::filesystem::path resources_folder();

}  // namespace hearsay
