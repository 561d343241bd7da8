#pragma once
// Characters of UTF-8 text and the questions tokenizers ask of them, answered by ICU. Private to core/text.

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hearsay {

/// The character at byte `at` of valid UTF-8; moves `at` behind it.
inline UChar32 next_character(std::string_view text, std::size_t& at) {
  UChar32 character = 0;
  auto i = static_cast<int32_t>(at);
  const auto size = static_cast<int32_t>(text.size());
  U8_NEXT_OR_FFFD(text.data(), i, size, character);
  at = static_cast<std::size_t>(i);
  return character;
}

inline void append_character(std::string& text, UChar32 character) {
  char bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, character);
  text.append(bytes, static_cast<std::size_t>(length));
}

inline bool is_white(UChar32 c) {
  return u_isUWhiteSpace(c) != 0;
}
inline bool is_letter(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_L_MASK) != 0;
}
inline bool is_number(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_N_MASK) != 0;
}
inline bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 0x7F) return false;
  }
  return true;
}

}  // namespace hearsay
