#include "model/zip_directory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace hearsay {

namespace {

constexpr std::uint32_t kEntry = 0x02014b50;
constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocatorSize = 20;
constexpr std::uint64_t kPerPart = 128;  // what an entry takes in memory

class ZipReader {
 public:
  ZipReader(std::span<const std::byte> archive, MemoryBudget& budget, const std::string& file)
      : archive_(archive), budget_(budget), file_(file) {}

  std::map<std::string, std::span<const std::byte>> read() {
    find_directory();
    std::map<std::string, std::span<const std::byte>> result;
    std::uint64_t at = directory_;
    for (std::uint64_t i = 0; i < entries_; ++i) at = read_entry(at, result);
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::BadFormat,
                file_ + " cannot be read as PyTorch weights: " + what + ". It may be incomplete.");
  }

  /// Whole, but not what torch.save writes.
  [[noreturn]] void refuse_packing(const std::string& part, const std::string& how) const {
    throw Error(ErrorKind::BadFormat, file_ + " cannot be read as PyTorch weights: its part " + part + " is " + how +
                                          ", which torch.save never does. Load it where it was made and save it "
                                          "again with torch.save.");
  }

  template <typename Number>
  [[nodiscard]] Number number(std::uint64_t at) const {
    if (at > archive_.size() || archive_.size() - at < sizeof(Number))
      refuse("its zip directory lies outside the file");
    Number value;
    std::memcpy(&value, archive_.data() + at, sizeof(Number));
    return value;
  }

  [[nodiscard]] std::span<const std::byte> part(std::uint64_t at, std::uint64_t size) const {
    if (at > archive_.size() || archive_.size() - at < size) refuse("a part of the archive lies outside the file");
    return archive_.subspan(at, size);
  }

  /// The end record: searched backwards, a comment of up to 65535 bytes may follow it.
  void find_directory() {
    if (archive_.size() < kEndSize) refuse("it is too short");
    const std::size_t newest = archive_.size() - kEndSize;
    const std::size_t oldest = newest > 65535 ? newest - 65535 : 0;
    for (std::size_t at = newest + 1; at-- > oldest;) {
      if (number<std::uint32_t>(at) != kEnd || number<std::uint16_t>(at + 20) != newest - at) continue;
      entries_ = number<std::uint16_t>(at + 10);
      directory_ = number<std::uint32_t>(at + 16);
      if (at >= kLocatorSize && number<std::uint32_t>(at - kLocatorSize) == kLocator64) {
        const auto end64 = number<std::uint64_t>(at - kLocatorSize + 8);
        (void)part(end64, kEnd64Size);
        if (number<std::uint32_t>(end64) != kEnd64) refuse("its zip64 record is not where it should be");
        entries_ = number<std::uint64_t>(end64 + 32);
        directory_ = number<std::uint64_t>(end64 + 48);
      }
      if (entries_ > archive_.size() / kEntrySize) refuse("its zip directory has more entries than fit");
      return;
    }
    refuse("the end of its zip directory is missing");
  }

  std::uint64_t read_entry(std::uint64_t at, std::map<std::string, std::span<const std::byte>>& result) {
    (void)part(at, kEntrySize);
    if (number<std::uint32_t>(at) != kEntry) refuse("its zip directory is damaged");
    const auto name_size = number<std::uint16_t>(at + 28);
    const auto extra_size = number<std::uint16_t>(at + 30);
    const auto comment_size = number<std::uint16_t>(at + 32);
    const auto name_bytes = part(at + kEntrySize, name_size);
    if (!budget_.pay(kPerPart + 2 * std::uint64_t{name_size})) refuse("its zip directory has more entries than fit");
    const std::string name(reinterpret_cast<const char*>(name_bytes.data()), name_bytes.size());
    std::uint64_t packed = number<std::uint32_t>(at + 20);
    std::uint64_t size = number<std::uint32_t>(at + 24);
    std::uint64_t local = number<std::uint32_t>(at + 42);
    const std::uint64_t extra = at + kEntrySize + name_size;
    (void)part(extra, extra_size);
    read_extra64(extra, extra_size, size, packed, local);
    if ((number<std::uint16_t>(at + 8) & 1U) != 0) refuse_packing(name, "encrypted");
    if (number<std::uint16_t>(at + 10) != 0) refuse_packing(name, "compressed");
    if (packed != size) refuse("its part " + name + " has two sizes");
    (void)part(local, kLocalSize);
    if (number<std::uint32_t>(local) != kLocal) refuse("its part " + name + " is not where the directory says");
    const std::uint64_t start =
        local + kLocalSize + number<std::uint16_t>(local + 26) + number<std::uint16_t>(local + 28);
    if (!result.emplace(name, part(start, size)).second) refuse("it holds two parts called " + name);
    return extra + extra_size + comment_size;
  }

  /// Sizes and offset of 64 bits, in this order, each only where the short field is all ones.
  void read_extra64(std::uint64_t at, std::uint64_t left, std::uint64_t& size, std::uint64_t& packed,
                    std::uint64_t& local) const {
    while (left >= 4) {
      const auto kind = number<std::uint16_t>(at);
      const std::uint64_t length = number<std::uint16_t>(at + 2);
      if (length > left - 4) refuse("its zip directory is damaged");
      std::uint64_t field = at + 4;
      for (std::uint64_t* value : {&size, &packed, &local}) {
        if (kind != 1 || *value != 0xFFFFFFFFU || field + 8 > at + 4 + length) continue;
        *value = number<std::uint64_t>(field);
        field += 8;
      }
      at += 4 + length;
      left -= 4 + length;
    }
  }

  std::span<const std::byte> archive_;
  MemoryBudget& budget_;
  const std::string& file_;
  std::uint64_t entries_ = 0;
  std::uint64_t directory_ = 0;
};

}  // namespace

std::map<std::string, std::span<const std::byte>> read_zip_directory(std::span<const std::byte> archive,
                                                                     MemoryBudget& budget, const std::string& file) {
  return ZipReader(archive, budget, file).read();
}

}  // namespace hearsay
