#pragma once
// Class names as people type them, made ready to become text (Unicode by ICU).

#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// `_` becomes a blank, so does `-` unless inside a word; camelCase is split ("iPhone" and "TVs" are not), blanks
/// squeezed and trimmed, NFC: "dog_bark" -> "dog bark", "CarHorn" -> "Car Horn". Case is left to the tokenizer. (DESIGN
/// section 3: underscores alone cost up to 10 points.)
std::string normalise_class_name(std::string_view name);

/// For comparing names: normalise_class_name, then case-folded; empty when nothing readable is left.
std::string fold_name(std::string_view name);

/// Lower-case words of a text by ICU's word boundaries.
std::vector<std::string> words_of(std::string_view text);

/// Replaces invalid UTF-8 by U+FFFD.
std::string valid_utf8(std::string_view bytes);

/// At most so many bytes of UTF-8 from its beginning, by default what fits into a message; no character is cut in two.
std::string beginning_of(std::string_view text, std::size_t most_bytes = 60);

std::string trim(std::string_view text);

}  // namespace hearsay
