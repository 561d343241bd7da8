#include "model/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.h"

namespace hearsay {

namespace {

constexpr std::size_t kMaxRank = 16;
/// What a tensor and a line of metadata take, all told: here, in the maps of the readers, and while they move there.
constexpr std::uint64_t kPerTensor = 512;
constexpr std::uint64_t kPerLine = 160;
constexpr const char* kTooMuch = "more in it than a file of its size should have";
constexpr const char* kGetAgain = "It may be incomplete; get it again.";

struct DTypeFacts {
  DType dtype;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<DTypeFacts, 10> kDTypes{{{DType::F64, "F64", 8},
                                              {DType::F32, "F32", 4},
                                              {DType::F16, "F16", 2},
                                              {DType::BF16, "BF16", 2},
                                              {DType::I64, "I64", 8},
                                              {DType::I32, "I32", 4},
                                              {DType::I16, "I16", 2},
                                              {DType::I8, "I8", 1},
                                              {DType::U8, "U8", 1},
                                              {DType::Bool, "BOOL", 1}}};

const DTypeFacts& facts_of(DType dtype) noexcept {
  for (const auto& facts : kDTypes) {
    if (facts.dtype == dtype) return facts;
  }
  return kDTypes[1];
}

/// Events of nlohmann's parser. Every function returns false to stop; `why` then says what is wrong.
class HeaderEvents {
 public:
  using json = nlohmann::json;

  explicit HeaderEvents(MemoryBudget& budget) : budget_(budget) {}

  SafetensorsHeader header;
  std::string why;

  bool null() { return place_ == Place::Root && key_ == "__metadata__" ? true : stop("a null where none belongs"); }
  bool boolean(bool) { return stop("a truth value where none belongs"); }
  bool number_float(json::number_float_t, const json::string_t&) { return stop("a number that is not whole"); }
  bool binary(json::binary_t&) { return stop("binary content"); }
  bool number_integer(json::number_integer_t) { return stop("a negative number"); }

  bool number_unsigned(json::number_unsigned_t value) {
    if (place_ == Place::Shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return stop("a size out of range");
      if (entry_.shape.size() == kMaxRank) return stop("a tensor of more than 16 dimensions");
      entry_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (place_ == Place::Offsets) {
      if (offsets_ == 2) return stop("more than two data_offsets");
      (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
      return true;
    }
    return stop("a number where none belongs");
  }

  bool string(json::string_t& value) {
    if (place_ == Place::Metadata) {
      if (!budget_.pay(kPerLine + 2 * (key_.size() + value.size()))) return stop(kTooMuch);
      header.metadata[key_] = std::move(value);
      return true;
    }
    if (place_ != Place::Entry || field_ != "dtype") return stop("a text where none belongs");
    for (const auto& facts : kDTypes) {
      if (facts.name == value) {
        entry_.dtype = facts.dtype;
        has_dtype_ = true;
        return true;
      }
    }
    return stop("the number type " + value + ", which is not read here");
  }

  bool key(json::string_t& name) {
    if (place_ == Place::Entry) {
      field_ = std::move(name);
      return true;
    }
    key_ = std::move(name);
    if (place_ == Place::Root && key_ == "__metadata__" && std::exchange(has_metadata_, true)) {
      return stop("the same name twice");
    }
    return true;
  }

  bool start_object(std::size_t) {
    if (place_ == Place::Start) {
      place_ = Place::Root;
      return true;
    }
    if (place_ != Place::Root) return stop("an object where none belongs");
    place_ = key_ == "__metadata__" ? Place::Metadata : Place::Entry;
    entry_ = HeaderEntry{};
    entry_.name = key_;
    has_dtype_ = has_shape_ = false;
    offsets_ = 0;
    return true;
  }

  bool end_object() {
    if (place_ == Place::Entry) {
      if (!has_dtype_ || !has_shape_ || offsets_ != 2) return stop("no dtype, shape or data_offsets");
      const std::uint64_t sizes = entry_.shape.size() * sizeof(std::int64_t);
      if (!budget_.pay(kPerTensor + 4 * (entry_.name.size() + sizes))) return stop(kTooMuch);
      header.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::Root ? Place::End : Place::Root;
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ == Place::Entry && field_ == "shape" && !has_shape_) {
      place_ = Place::Shape;
      has_shape_ = true;
      return true;
    }
    if (place_ == Place::Entry && field_ == "data_offsets" && offsets_ == 0) {
      place_ = Place::Offsets;
      return true;
    }
    return stop("a list where none belongs");
  }

  bool end_array() {
    place_ = Place::Entry;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    return stop("broken JSON at byte " + std::to_string(position));
  }

  [[nodiscard]] bool finished() const { return place_ == Place::End; }

 private:
  enum class Place { Start, Root, Metadata, Entry, Shape, Offsets, End };

  bool stop(const std::string& reason) {
    why = reason;
    if (place_ != Place::Start && !key_.empty()) why += " (at \"" + key_.substr(0, 120) + "\")";
    return false;
  }

  MemoryBudget& budget_;
  Place place_ = Place::Start;
  std::string key_;
  std::string field_;
  HeaderEntry entry_;
  bool has_metadata_ = false;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  int offsets_ = 0;
};

/// The longest stretch between two quotation marks that are not escaped, whatever it is.
std::uint64_t longest_text(std::string_view json) noexcept {
  std::size_t longest = 0;
  std::size_t start = 0;
  bool escaped = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] == '"' && !escaped) {
      longest = std::max(longest, at - start);
      start = at + 1;
    }
    escaped = json[at] == '\\' && !escaped;
  }
  return std::max(longest, json.size() - std::min(start, json.size()));
}

}  // namespace

std::size_t dtype_size(DType dtype) noexcept {
  return facts_of(dtype).size;
}
std::string_view dtype_name(DType dtype) noexcept {
  return facts_of(dtype).name;
}

std::int64_t checked_count(const std::vector<std::int64_t>& shape) noexcept {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return -1;
  }
  return count;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, MemoryBudget& budget, const std::string& file) {
  HeaderEvents events(budget);
  // The parser keeps a text twice while it reads it, in buffers that double as they grow, and quotes a number it
  // refuses.
  if (!budget.pay(8 * longest_text(text))) {
    throw Error(ErrorKind::BadFormat, file + " is not a usable .safetensors file: its header holds a text of " +
                                          std::to_string(longest_text(text)) + " bytes. " + kGetAgain);
  }
  const bool read = nlohmann::json::sax_parse(text.begin(), text.end(), &events);
  if (!read || !events.finished()) {
    const std::string why = events.why.empty() ? "it does not hold one JSON object" : "it has " + events.why;
    throw Error(ErrorKind::BadFormat,
                file + " is not a usable .safetensors file: in its header, " + why + ". " + kGetAgain);
  }
  return std::move(events.header);
}

}  // namespace hearsay
