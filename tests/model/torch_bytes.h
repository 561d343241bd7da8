#pragma once
// Files as torch.save writes them, put together byte by byte: what tests of the reader bend and break.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hearsay::testing {

using namespace std::string_literals;

/// Little-endian, any width.
inline std::string number(std::uint64_t value, std::size_t bytes) {
  std::string result;
  for (std::size_t i = 0; i < bytes; ++i) result += static_cast<char>(i < 8 ? value >> (8 * i) & 0xFFU : 0U);
  return result;
}

inline std::string text(const std::string& value) {
  return "X"s + number(value.size(), 4) + value;
}
inline std::string whole(std::uint64_t value) {
  return "J"s + number(value, 4);
}
inline std::string tuple(const std::vector<std::uint64_t>& values) {
  std::string result = "(";
  for (const auto value : values) result += whole(value);
  return result + "t";
}

/// The instructions that rebuild a tensor.
inline std::string tensor(const std::string& storage_type, const std::string& key, std::uint64_t elements,
                          std::uint64_t offset, const std::vector<std::uint64_t>& shape,
                          const std::vector<std::uint64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(("s + text("storage") + "ctorch\n"s + storage_type + "\n"s + text(key) +
         text("cpu") + whole(elements) + "tQ"s + whole(offset) + tuple(shape) + tuple(strides) +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

inline std::string dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string result = "\x80\x02}(";
  for (const auto& [name, value] : entries) result += text(name) + value;
  return result + "u.";
}

/// A zip archive of stored entries, as torch.save lays it out; with `wide`, sizes and offsets in zip64 fields.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& files, bool wide = false) {
  std::string body;
  std::string directory;
  for (const auto& [name, content] : files) {
    const std::string extra = wide ? number(1, 2) + number(24, 2) + number(content.size(), 8) +
                                         number(content.size(), 8) + number(body.size(), 8)
                                   : std::string();
    const auto short_size = [&](std::uint64_t value) { return number(wide ? 0xFFFFFFFFU : value, 4); };
    directory += "PK\x01\x02"s + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 8) +
                 short_size(content.size()) + short_size(content.size()) + number(name.size(), 2) +
                 number(extra.size(), 2) + number(0, 10 - 2) + number(0, 2) + short_size(body.size()) + name + extra;
    body += "PK\x03\x04"s + number(0, 22 - 8) + number(content.size(), 4) + number(content.size(), 4) +
            number(name.size(), 2) + number(0, 2) + name + content;
  }
  const std::size_t at = body.size();
  std::string end = body + directory;
  if (wide) {
    const std::size_t end64 = end.size();
    end += "PK\x06\x06"s + number(44, 8) + number(0, 4) + number(0, 8) + number(files.size(), 8) +
           number(files.size(), 8) + number(directory.size(), 8) + number(at, 8);
    end += "PK\x06\x07"s + number(0, 4) + number(end64, 8) + number(1, 4);
  }
  return end + "PK\x05\x06"s + number(0, 4) + number(wide ? 0xFFFFU : files.size(), 2) +
         number(wide ? 0xFFFFU : files.size(), 2) + number(directory.size(), 4) + number(wide ? 0xFFFFFFFFU : at, 4) +
         number(0, 2);
}

/// The archive with another packing method and other flags noted for its first part (8: deflate, flag 1: encrypted).
inline std::string packed_otherwise(std::string archive, std::uint16_t method, std::uint16_t flags) {
  const std::size_t entry = archive.find("PK\x01\x02");
  archive.replace(entry + 8, 4, number(flags, 2) + number(method, 2));
  archive.replace(6, 4, number(flags, 2) + number(method, 2));
  return archive;
}

/// A zip64 archive with one of its 64-bit numbers changed: `at` bytes behind the first place where `mark` stands.
inline std::string with_number64(std::string archive, const std::string& mark, std::size_t at, std::uint64_t value) {
  return archive.replace(archive.rfind(mark) + at, 8, number(value, 8));
}

inline std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline std::string sample_zip(bool wide = false) {
  const std::vector<float> six{0, 1, 2, 3, 4, 5};
  const std::string halves = number(0x3C00, 2) + number(0xC000, 2);
  const std::string brains = number(0x3FC0, 2) + number(0xC2F7, 2) + number(0x0080, 2);  // upper halves of float32
  const std::string pickle = dict({{"module.a", tensor("FloatStorage", "0", 6, 0, {2, 3}, {3, 1})},
                                   {"transposed", tensor("FloatStorage", "0", 6, 0, {3, 2}, {1, 3})},
                                   {"every other", tensor("FloatStorage", "0", 6, 1, {3}, {2})},
                                   {"scalar", tensor("FloatStorage", "0", 6, 4, {}, {})},
                                   {"half", tensor("HalfStorage", "1", 2, 0, {2}, {1})},
                                   {"bfloat16", tensor("BFloat16Storage", "2", 3, 0, {3}, {1})},
                                   {"epoch", whole(7)}});
  return zip({{"archive/data.pkl", pickle},
              {"archive/data/0", floats(six)},
              {"archive/data/1", halves},
              {"archive/data/2", brains}},
             wide);
}

inline std::string sample_legacy() {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string system = "\x80\x02}("s + text("little_endian") + "\x88u.";
  const std::string content = dict({{"a", tensor("FloatStorage", "k", 3, 0, {3}, {1})},
                                    {"odd", tensor("ByteStorage", "b", 1, 0, {1}, {1})},
                                    {"b", tensor("FloatStorage", "z", 2, 1, {1}, {1})}});
  const std::string keys = "\x80\x02]("s + text("b") + text("k") + text("z") + "e.";
  return magic + "\x80\x02M"s + number(1001, 2) + "."s + system + content + keys + number(1, 8) + "\x09"s +
         number(3, 8) + floats({1, 2, 3}) + number(2, 8) + floats({4, 5});
}

}  // namespace hearsay::testing
