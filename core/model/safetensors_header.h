#pragma once
// The JSON header of a .safetensors file, read event by event so that a hostile one cannot make us allocate more than a
// few times its own size. Inside core/model only.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/memory_budget.h"
#include "model/safetensors.h"

namespace hearsay {

struct HeaderEntry {
  std::string name;
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< bytes, from the end of the header
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::deque<HeaderEntry> entries;  ///< in the order of the file
  std::map<std::string, std::string> metadata;
};

/// Error: BadFormat; `file` is named in the sentence. Offsets are as written: the caller checks them against the file,
/// and that no name comes twice.
SafetensorsHeader parse_safetensors_header(std::string_view json, MemoryBudget& budget, const std::string& file);

/// Elements of a shape, or -1 when it is negative or does not fit 63 bits.
std::int64_t checked_count(const std::vector<std::int64_t>& shape) noexcept;

}  // namespace hearsay
