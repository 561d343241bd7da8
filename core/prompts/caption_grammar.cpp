#include "prompts/caption_grammar.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "prompts/noun_phrase.h"

namespace hearsay {
namespace {

constexpr std::array<std::string_view, 7> kSubjectSlots = {"a", "the", "name", "phrase", "other", "second", "third"};
constexpr std::array<std::string_view, 5> kNeeded = {"sentence", "frame", "pair", "triple", "other"};

bool is_subject_slot(std::string_view slot) {
  return std::ranges::find(kSubjectSlots, slot) != kSubjectSlots.end();
}

char closing_of(char opening) {
  switch (opening) {
    case '{':
      return '}';
    case '(':
      return ')';
    case '<':
      return '>';
    case '~':
      return '~';
    default:
      return '\0';
  }
}

/// Fills one pattern. Marks do not nest, except slots inside (one|two) and ~optional~.
class Filler {
 public:
  using Section = std::function<const std::vector<std::string>&(std::string_view)>;
  Filler(const SentenceSubject& subject, Random& random, Section section)
      : subject_(subject), random_(random), section_(std::move(section)) {}

  std::string fill(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char closing = closing_of(pattern[i]);
      if (closing == '\0') {
        out += pattern[i];
        continue;
      }
      const std::size_t end = pattern.find(closing, i + 1);
      append(out, piece(pattern[i], pattern.substr(i + 1, end - i - 1)));
      i = end;
    }
    return out;
  }

 private:
  std::string piece(char mark, std::string_view inside) {
    if (mark == '~') return random_.coin() ? fill(inside) : std::string();
    if (mark == '(') return fill(random_.pick(parts(inside, '|')));
    if (mark == '<') return std::string(parts(inside, '/')[subject_.plural ? 1 : 0]);
    return is_subject_slot(inside) ? subject_.slot(inside) : fill(random_.pick(section_(inside)));
  }

  /// A pattern's own "a" before a filled-in word becomes "an" where that is spoken.
  static void append(std::string& out, const std::string& text) {
    const bool after_article = out == "a " || out.ends_with(" a ");
    if (after_article && article_for(std::string_view(text).substr(0, text.find(' '))) == "an") {
      out.insert(out.size() - 1, "n");
    }
    out += text;
  }

  static std::vector<std::string> parts(std::string_view text, char separator) {
    std::vector<std::string> out;
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find(separator, start), text.size());
      out.emplace_back(text.substr(start, end - start));
      start = end + 1;
    }
    return out;
  }

  const SentenceSubject& subject_;
  Random& random_;
  Section section_;
};

/// The marks of a pattern are closed and its slots known; empty when right, else what is wrong.
template <class Known>
std::string mistake_in(std::string_view pattern, const Known& known) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char closing = closing_of(pattern[i]);
    if (closing == '\0') continue;
    const std::size_t end = pattern.find(closing, i + 1);
    if (end == std::string_view::npos) return std::string("\"") + pattern[i] + "\" is never closed";
    const std::string_view inside = pattern.substr(i + 1, end - i - 1);
    if (pattern[i] == '{' && !known(inside)) return std::string("{").append(inside).append("} is not known");
    if (pattern[i] == '<' && std::ranges::count(inside, '/') != 1) return "<one/several> needs one /";
    if (pattern[i] == '(' || pattern[i] == '~') {
      if (const std::string inner = mistake_in(inside, known); !inner.empty()) return inner;
    }
    i = end;
  }
  return {};
}

/// Blanks doubled by what was left out are squeezed.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    if (c == ',' && !out.empty() && out.back() == ' ') out.pop_back();
    out += c;
  }
  return trim(out);
}

}  // namespace

CaptionGrammar::CaptionGrammar(std::string_view text, const std::string& where) {
  std::vector<std::pair<std::size_t, std::string>> patterns;
  std::string section;
  const std::vector<std::string> lines = split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line = trim(lines[i]);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    sections_[section].push_back(line);
    patterns.emplace_back(i + 1, line);
  }
  const auto known = [&](std::string_view slot) { return is_subject_slot(slot) || sections_.contains(slot); };
  for (const auto& [line, pattern] : patterns) {
    if (const std::string mistake = mistake_in(pattern, known); !mistake.empty()) {
      throw Error(ErrorKind::BadFormat, where + ", line " + std::to_string(line) + ": " + mistake + ".");
    }
  }
  for (const std::string_view needed : kNeeded) {
    if (!sections_.contains(needed)) {
      throw Error(ErrorKind::BadFormat, where + " has no section [" + std::string(needed) + "].");
    }
  }
}

std::string CaptionGrammar::sentence(std::string_view section, const SentenceSubject& subject, Random& random) const {
  Filler filler(subject, random, [this](std::string_view name) -> const std::vector<std::string>& {
    return sections_.find(name)->second;
  });
  return tidy(filler.fill(random.pick(lines(section))));
}

const std::vector<std::string>& CaptionGrammar::lines(std::string_view section) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) {
    throw Error(ErrorKind::Internal, "The caption grammar has no section [" + std::string(section) + "].");
  }
  return found->second;
}

}  // namespace hearsay
