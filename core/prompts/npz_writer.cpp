#include "prompts/npz_writer.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

static_assert(std::endian::native == std::endian::little, "NumPy arrays are written as they lie in memory");

/// `type` as NumPy writes it, for example "<f4"; `shape` as inside a Python tuple.
std::string npy_header(const std::string& type, const std::string& shape) {
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kBeforeText = 10;
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  while ((kBeforeText + text.size() + 1) % kAlignment != 0) text += ' ';
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xFFU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

std::string raw(const void* data, std::size_t bytes) {
  return {static_cast<const char*>(data), bytes};
}

std::u32string code_points(const std::string& utf8) {
  std::u32string out;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !out.empty()) {
      out.back() = (out.back() << 6U) | (byte & 0x3FU);
    } else {
      out += byte < 0x80U ? byte : byte < 0xE0U ? byte & 0x1FU : byte < 0xF0U ? byte & 0x0FU : byte & 0x07U;
    }
  }
  return out;
}

std::uint32_t crc32(const std::string& bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < t.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
      t[i] = value;
    }
    return t;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

/// The fields that a local header and the central directory share, from "version needed" on. The date is 1980-01-01.
void put_common(std::string& out, const std::string& name, const std::string& bytes) {
  constexpr std::uint64_t kFirstDay = 33;
  put(out, 20, 2);  // version 2.0
  put(out, 0, 2);   // flags
  put(out, 0, 2);   // stored
  put(out, 0, 2);   // time
  put(out, kFirstDay, 2);
  put(out, crc32(bytes), 4);
  put(out, bytes.size(), 4);
  put(out, bytes.size(), 4);
  put(out, name.size(), 2);
  put(out, 0, 2);  // extra
}

}  // namespace

void NpzWriter::add(const std::string& name, const Matrix& matrix) {
  const std::string shape = std::to_string(matrix.rows) + ", " + std::to_string(matrix.cols);
  entries_.push_back({name, npy_header("<f4", shape) + raw(matrix.data.data(), matrix.data.size() * sizeof(float))});
}

void NpzWriter::add(const std::string& name, double scalar) {
  entries_.push_back({name, npy_header("<f8", "") + raw(&scalar, sizeof(scalar))});
}

void NpzWriter::add(const std::string& name, const std::vector<std::string>& texts) {
  std::vector<std::u32string> wide;
  std::size_t longest = 1;
  for (const std::string& text : texts) {
    wide.push_back(code_points(text));
    longest = std::max(longest, wide.back().size());
  }
  std::string bytes;
  for (std::u32string& text : wide) {
    text.resize(longest, U'\0');
    bytes += raw(text.data(), longest * sizeof(char32_t));
  }
  const std::string type = std::string("<U").append(std::to_string(longest));
  entries_.push_back({name, npy_header(type, std::to_string(texts.size()) + ",") + bytes});
}

void NpzWriter::write(const std::filesystem::path& file) const {
  constexpr std::uint64_t kMost = 0xFFFFFFFFU;
  std::string archive;
  std::string directory;
  for (const Entry& entry : entries_) {
    if (archive.size() + entry.bytes.size() > kMost) {
      throw Error(ErrorKind::Usage, "The prompt set is too large for an .npz file. Save it as .safetensors.");
    }
    const std::string name = entry.name + ".npy";
    const std::size_t offset = archive.size();
    archive += "PK\x03\x04";
    put_common(archive, name, entry.bytes);
    archive += name + entry.bytes;
    directory += "PK\x01\x02";
    put(directory, 20, 2);  // made by
    put_common(directory, name, entry.bytes);
    put(directory, 0, 2);  // comment
    put(directory, 0, 2);  // disk
    put(directory, 0, 2);  // internal attributes
    put(directory, 0, 4);  // external attributes
    put(directory, offset, 4);
    directory += name;
  }
  const std::size_t start = archive.size();
  archive += directory;
  archive += "PK\x05\x06";
  put(archive, 0, 4);  // disks
  put(archive, entries_.size(), 2);
  put(archive, entries_.size(), 2);
  put(archive, directory.size(), 4);
  put(archive, start, 4);
  put(archive, 0, 2);  // comment
  write_file_atomically(file, archive);
}

}  // namespace hearsay
