#include "base/plain_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hearsay {

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string ascii_capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? text + " and " + std::to_string(names.size() - most) + " more" : text;
}

std::string decimal_text(double value, int digits) {
  std::array<char, 400> text{};  // 309 digits before the point, and what stands behind it
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, std::clamp(digits, 0, 20));
  return {text.data(), end.ptr};
}

}  // namespace hearsay
