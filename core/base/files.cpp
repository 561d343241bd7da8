#include "base/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <random>
#include <utility>

#include "base/error.h"
#include "base/words.h"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr const char* kOpenFiles = "/proc/self/fd/";
constexpr std::size_t kMostFromAPipe = std::size_t{1} << 30;

std::string reason(int code) {
  return std::generic_category().message(code);
}

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const { return fd_; }
  int close() { return fd_ >= 0 ? ::close(std::exchange(fd_, -1)) : 0; }

 private:
  int fd_;
};

[[noreturn]] void fail_saving(const fs::path& path, int code) {
  const char* advice = "Choose another place.";
  if (code == ENOSPC || code == EDQUOT) advice = "Free some space or choose another disk.";
  if (code == EACCES || code == EPERM || code == EROFS) advice = "Choose a folder you may write to.";
  if (code == ENOENT) advice = "Make the folder first, or choose another one.";
  throw Error(ErrorKind::NoSpace, "Could not save " + quoted(path) + ": " + reason(code) + ". " + advice);
}

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_saving(path, n < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

/// Opens for reading and refuses folders.
int open_to_read(const fs::path& path, struct stat& info) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR) {
      throw Error(ErrorKind::NotFound, quoted(path) + " does not exist. Check the name and the folder.");
    }
    throw Error(ErrorKind::Unreadable, quoted(path) + " cannot be read: " + reason(code) + ".");
  }
  if (::fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    ::close(fd);
    throw Error(ErrorKind::Unreadable, quoted(path) + " is a folder, not a file. Name a file in it.");
  }
  return fd;
}

/// Calls `take(bytes)` for each piece of the file.
template <class Take>
void read_pieces(const fs::path& path, Take&& take) {
  struct stat info = {};
  const Descriptor fd(open_to_read(path, info));
  std::vector<char> piece(kPiece);
  std::size_t total = 0;
  while (true) {
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(ErrorKind::Unreadable, quoted(path) + " cannot be read: " + reason(errno) + ".");
    if (n == 0) return;
    total += static_cast<std::size_t>(n);
    if (!S_ISREG(info.st_mode) && total > kMostFromAPipe) {
      throw Error(ErrorKind::Unreadable, quoted(path) + " gives more than 1 GiB and has no end in sight.");
    }
    take(std::string_view(piece.data(), static_cast<std::size_t>(n)));
  }
}

struct DigestCloser {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }
  void add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  std::string hex() {
    std::array<unsigned char, 32> digest{};
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : digest) {
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
    return out;
  }

 private:
  static void check(int ok) {
    if (ok != 1) throw Error(ErrorKind::Internal, "OpenSSL could not compute a SHA-256.");
  }
  std::unique_ptr<EVP_MD_CTX, DigestCloser> context_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Where a link points to; empty: this is none.
fs::path target_of(const fs::path& link) {
  std::error_code code;
  const fs::path target = fs::read_symlink(link, code);
  if (code) return {};
  return target.is_absolute() ? target : link.parent_path() / target;
}

/// Where a chain of links leads, whether there is something or not; `path` itself where it goes round.
fs::path followed(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as Linux
  fs::path at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    fs::path next = target_of(at);
    if (next.empty()) return at;
    at = std::move(next);
  }
  return path;
}

/// The descriptor of this program that `path` is a name of (/dev/stdout, /dev/fd/3), however it was redirected; -1:
/// none.
int own_descriptor(const fs::path& path) {
  std::error_code code;
  const fs::path folder = fs::canonical(kOpenFiles, code);
  fs::path at = path;
  for (int i = 0; i < 4 && !at.empty(); ++i) {
    if (fs::equivalent(folder_of(at), folder, code)) {
      const std::string name = at.filename().string();
      int fd = -1;
      const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), fd);
      return wrong == std::errc() && end == name.data() + name.size() ? fd : -1;
    }
    at = target_of(at);
  }
  return -1;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

std::string quoted(const fs::path& path) {
  return '"' + valid_utf8(path.string()) + '"';
}

FileWriter::FileWriter(const fs::path& path) {
  open(path);
}

FileWriter::~FileWriter() {
  close();
  if (!part_.empty()) ::unlink(part_.c_str());
}

void FileWriter::open(const fs::path& path) {
  struct stat info = {};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (!there && errno == ELOOP) fail_saving(path, ELOOP);
  if (there && S_ISDIR(info.st_mode)) fail_saving(path, EISDIR);
  target_ = path;
  // What the shell redirected is written to where the shell is in it: never replaced, never from its beginning.
  const int own = there ? own_descriptor(path) : -1;
  if (own >= 0 || (there && !S_ISREG(info.st_mode))) {
    fd_ = own >= 0 ? ::fcntl(own, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail_saving(path, errno);
    return;
  }
  if (there && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
    if (errno != EACCES) fail_saving(path, errno);
    throw Error(ErrorKind::NoSpace, "Could not save " + quoted(path) +
                                        ": that file is write-protected. Allow writing to it, or choose another name.");
  }
  temporary_ = true;
  target_ = followed(path);
  // Without a name where the disk can: a killed program leaves nothing behind then.
  if (::access(kOpenFiles, X_OK) == 0) {
    fd_ = ::open(folder_of(target_).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
  }
  if (fd_ >= 0) return;
  name_part([&](const fs::path& part) {
    fd_ = ::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return fd_ >= 0;
  });
}

void FileWriter::name_part(const std::function<bool(const fs::path&)>& make) {
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const fs::path part = target_.parent_path() / (".hearsay-" + std::to_string(random()) + ".part");
    if (make(part)) {
      part_ = part;
      return;
    }
    if (errno != EEXIST) break;
  }
  fail_saving(target_, errno);
}

void FileWriter::rename_to(const fs::path& path) {
  if (part_.empty()) {
    const std::string open_file = kOpenFiles + std::to_string(fd_);
    name_part([&](const fs::path& part) {
      return ::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, part.c_str(), AT_SYMLINK_FOLLOW) == 0;
    });
  }
  if (::rename(part_.c_str(), path.c_str()) != 0) fail_saving(path, errno);
  part_.clear();
  close();
}

void FileWriter::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void FileWriter::write(std::span<const std::byte> bytes) {
  try {
    write_all(fd_, bytes, target_);
  } catch (const Error&) {
    if (temporary_ && ::ftruncate(fd_, written_) == 0) (void)::lseek(fd_, written_, SEEK_SET);
    throw;
  }
  written_ += static_cast<std::int64_t>(bytes.size());
}

void FileWriter::write(std::string_view text) {
  write(bytes_of(text));
}

void FileWriter::move_to(const fs::path& path) {
  FileWriter next(path);
  std::vector<std::byte> piece(kPiece);
  while (temporary_ && next.written_ < written_) {
    const auto wanted = std::min<std::int64_t>(written_ - next.written_, static_cast<std::int64_t>(piece.size()));
    const ssize_t n = ::pread(fd_, piece.data(), static_cast<std::size_t>(wanted), next.written_);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_saving(path, n < 0 ? errno : EIO);
    next.write(std::span(piece.data(), static_cast<std::size_t>(n)));
  }
  std::swap(target_, next.target_);
  std::swap(part_, next.part_);
  std::swap(temporary_, next.temporary_);
  std::swap(fd_, next.fd_);
  std::swap(written_, next.written_);
}

void FileWriter::leave_at(const fs::path& path) {
  if (!temporary_ || fd_ < 0) fail_saving(path, EIO);
  rename_to(path);
}

void FileWriter::commit() {
  if (!temporary_ || fd_ < 0) return close();
  struct stat old = {};
  if (::stat(target_.c_str(), &old) == 0) (void)::fchmod(fd_, old.st_mode & 07777);
  if (::fsync(fd_) != 0) fail_saving(target_, errno);
  rename_to(target_);
  const Descriptor dir(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() >= 0) (void)::fsync(dir.get());  // the content is safe already; this keeps the new name after a crash
}

void write_file_atomically(const fs::path& path, const std::function<void(const ByteSink&)>& produce) {
  FileWriter file(path);
  produce([&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  write_file_atomically(path, [&](const ByteSink& sink) { sink(bytes); });
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, bytes_of(text));
}

std::string read_file(const fs::path& path) {
  std::string bytes;
  std::error_code code;
  if (const auto size = fs::file_size(path, code); !code) bytes.reserve(static_cast<std::size_t>(size));
  read_pieces(path, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    const bool crlf = end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n';
    start = end + (crlf ? 2 : 1);
  }
  return lines;
}

std::string sha256_of_file(const fs::path& path) {
  Sha256 hash;
  read_pieces(path, [&](std::string_view piece) { hash.add(piece); });
  return hash.hex();
}

std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

}  // namespace hearsay
