#pragma once
// Letters and numbers as programs read them, whatever the language of the desktop: the C library's own (tolower,
// printf) write a comma for the point in German, and know no small "I" with a dot in Turkish.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// A-Z in small letters; all other bytes as they are.
std::string ascii_lower(std::string_view text);
/// The first letter, if it is a-z, as a capital.
std::string ascii_capitalised(std::string text);

/// "dog, rain and 3 more": at most so many of the names, and how many are left.
std::string some_of(const std::vector<std::string>& names, std::size_t most);

/// `value` with so many digits (0 to 20) behind a point; "nan", "inf", "-inf".
std::string decimal_text(double value, int digits);

}  // namespace hearsay
