#include "audio/sound_chunk.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

namespace hearsay {
namespace {

constexpr std::uint64_t kHeadBytes = 8;           // of a chunk: its name and length
constexpr int kMostChunks = 1000;                 // before the samples: a file may be made of nothing but heads
constexpr std::uint32_t kLeftOpen = 0x7FFF0000U;  // from here a length means "to the end"

struct Head {
  std::array<unsigned char, kHeadBytes> bytes{};

  [[nodiscard]] bool is(std::string_view name) const { return std::equal(name.begin(), name.end(), bytes.begin()); }
  [[nodiscard]] std::uint32_t length(bool big_endian) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8U | bytes[big_endian ? 4 + i : 7 - i];
    return value;
  }
};

bool read_head(std::ifstream& in, std::uint64_t at, Head& head) {
  in.seekg(static_cast<std::streamoff>(at));
  in.read(reinterpret_cast<char*>(head.bytes.data()), static_cast<std::streamsize>(head.bytes.size()));
  return static_cast<bool>(in);
}

}  // namespace

std::optional<SoundChunk> find_sound_chunk(const std::filesystem::path& file) {
  std::error_code code;
  const std::uint64_t size = std::filesystem::file_size(file, code);
  std::ifstream in(file, std::ios::binary);
  Head head;
  if (code || !in || !read_head(in, 0, head)) return std::nullopt;
  const bool wav = head.is("RIFF");
  if (!wav && !head.is("FORM")) return std::nullopt;
  constexpr std::uint64_t kFirstChunk = kHeadBytes + 4;  // behind "WAVE" or "AIFF"
  std::uint64_t at = kFirstChunk;
  for (int chunk = 0; chunk < kMostChunks && read_head(in, at, head); ++chunk) {
    const std::uint32_t length = head.length(!wav);
    const std::uint64_t inside = at + kHeadBytes;
    if (head.is(wav ? "data" : "SSND")) {
      if (length == 0 || length >= kLeftOpen) return std::nullopt;
      return SoundChunk{length, std::min<std::uint64_t>(length, size - inside)};
    }
    at = inside + length + length % 2;
  }
  return std::nullopt;
}

}  // namespace hearsay
