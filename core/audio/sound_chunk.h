#pragma once
// How long a WAV or AIFF file says it is: libsndfile takes what is there and does not tell. For core/audio only.

#include <cstdint>
#include <filesystem>
#include <optional>

namespace hearsay {

/// Bytes of samples.
struct SoundChunk {
  std::uint64_t promised = 0;  ///< by the chunk's header
  std::uint64_t present = 0;   ///< behind it
};

/// The chunk with the samples ("data" of RIFF/WAVE, "SSND" of FORM/AIFF). Nothing for other files, damaged ones, and
/// where the length was left open: 0 or near the most that fits, as programs write that record into a pipe.
std::optional<SoundChunk> find_sound_chunk(const std::filesystem::path& file);

}  // namespace hearsay
