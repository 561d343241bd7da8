#include "prompts/class_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "prompts/class_table.h"
#include "prompts/word_match.h"

namespace hearsay {
namespace {

// The text form's marks can stand inside a name behind a backslash; while a line is taken apart they are these bytes,
// which no UTF-8 text has.
constexpr char kHiddenBar = '\xF8';
constexpr char kHiddenColon = '\xF9';
constexpr char kHiddenHash = '\xFA';
constexpr char kHiddenSlash = '\xFB';
constexpr std::string_view kMarks = "|:#\\";
constexpr std::string_view kHidden = "\xF8\xF9\xFA\xFB";

std::string hide_escaped(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto mark = line[i] == '\\' && i + 1 < line.size() ? kMarks.find(line[i + 1]) : std::string_view::npos;
    if (mark == std::string_view::npos) {
      out += line[i];
    } else {
      out += kHidden[mark];
      ++i;
    }
  }
  return out;
}

std::string show_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto mark = kHidden.find(c);
    out += mark == std::string_view::npos ? c : kMarks[mark];
  }
  return trim(out);
}

std::string escape(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool colon = c == ':' && (i + 1 == name.size() || name[i + 1] == ' ');
    const bool hash = c == '#' && i == 0;
    if (c == '|' || c == '\\' || colon || hash) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::size_t description_start(std::string_view line) {
  const auto colon = line.find(": ");
  if (colon != std::string_view::npos) return colon;
  return !line.empty() && line.back() == ':' ? line.size() - 1 : line.size();
}

SoundClass parse_line(std::string_view line) {
  const std::size_t names_end = description_start(line);
  SoundClass sound;
  if (names_end < line.size()) sound.description = show_escaped(line.substr(names_end + 1));
  const std::vector<std::string> names = split_list(line.substr(0, names_end), '|');
  if (!names.empty()) sound.name = show_escaped(names.front());
  for (std::size_t i = 1; i < names.size(); ++i) sound.aliases.push_back(show_escaped(names[i]));
  return sound;
}

/// Lines that say something, escapes hidden.
std::vector<std::string> class_lines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> lines;
  for (const std::string& raw : split_lines(valid_utf8(text))) {
    std::string line = trim(hide_escaped(raw));
    if (!line.empty() && line.front() != '#') lines.push_back(std::move(line));
  }
  return lines;
}

std::u32string letters_of(std::string_view utf8) {
  std::u32string out;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !out.empty()) {
      out.back() = (out.back() << 6U) | (byte & 0x3FU);
    } else {
      out += byte;
    }
  }
  return out;
}

/// Equal but for one letter changed, added or left out.
bool one_letter_apart(const std::u32string& a, const std::u32string& b) {
  const std::u32string& longer = a.size() >= b.size() ? a : b;
  const std::u32string& shorter = a.size() >= b.size() ? b : a;
  if (longer.size() - shorter.size() > 1) return false;
  const auto [l, s] = std::mismatch(longer.begin(), longer.end(), shorter.begin(), shorter.end());
  if (l == longer.end()) return false;
  const auto s_next = longer.size() == shorter.size() ? s + 1 : s;
  return std::equal(l + 1, longer.end(), s_next, shorter.end());
}

bool is_typo(const std::u32string& a, const std::u32string& b) {
  constexpr std::size_t kShortest = 6;  // "rain" and "train" are one letter apart and no slip
  return std::min(a.size(), b.size()) >= kShortest && one_letter_apart(a, b);
}

/// A folded name, to be compared with others.
struct Letters {
  std::u32string all;
  std::vector<std::u32string> words;

  explicit Letters(const std::string& name) : all(letters_of(name)) {
    for (const std::string& word : split_list(name, ' ')) words.push_back(letters_of(word));
  }
  /// But for a slip in one word, or a blank that was left out.
  [[nodiscard]] bool nearly(const Letters& other) const {
    if (words.size() != other.words.size()) return is_typo(all, other.all);
    const auto [mine, its] = std::ranges::mismatch(words, other.words);
    return mine != words.end() && is_typo(*mine, *its) && std::equal(mine + 1, words.end(), its + 1);
  }
};

std::string place(std::size_t index) {
  return "Class " + std::to_string(index + 1);
}

/// Pairs of classes one of which has an alias that is a name or alias of the other.
std::set<std::pair<std::size_t, std::size_t>> sharing_an_alias(const ClassList& classes) {
  std::map<std::string, std::vector<std::size_t>> users;  // of a word, in order; names first
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t k = 0; k < classes.size(); ++k) users[fold_name(classes[k].name)].push_back(k);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    for (const std::string& alias : classes[k].aliases) {
      const std::string word = fold_name(alias);
      if (word.empty()) continue;
      for (const std::size_t other : users[word]) {
        if (other != k) pairs.emplace(std::min(k, other), std::max(k, other));
      }
      users[word].push_back(k);
    }
  }
  return pairs;
}

/// Of one name or alias.
std::ptrdiff_t most_commas_in(const ClassList& classes) {
  std::ptrdiff_t most = 0;
  for (const SoundClass& one : classes) {
    most = std::max(most, std::ranges::count(one.name, ','));
    for (const std::string& alias : one.aliases) most = std::max(most, std::ranges::count(alias, ','));
  }
  return most;
}

}  // namespace

ClassList parse_classes(std::string_view text) {
  const std::vector<std::string> lines = class_lines(text);
  ClassList classes;
  const bool names_only =
      lines.size() == 1 && lines[0].find('|') == std::string::npos && description_start(lines[0]) == lines[0].size();
  if (names_only) {
    for (const std::string& name : split_list(lines[0], ',')) classes.push_back({show_escaped(name), {}, {}, {}});
  } else {
    for (const std::string& line : lines) classes.push_back(parse_line(line));
  }
  if (classes.empty()) {
    throw Error(ErrorKind::Usage, "The list of classes is empty. Name at least one sound, for example \"dog, rain\".");
  }
  return classes;
}

ClassList read_classes(const std::filesystem::path& file) {
  const std::string text = read_text_file(file);
  try {
    ClassList classes = table_classes(text, file.extension().string());
    return classes.empty() ? parse_classes(text) : classes;
  } catch (const Error& error) {
    throw Error(error.kind(), quoted(file) + ": " + error.what());
  }
}

std::string format_classes(const ClassList& classes) {
  std::string text;
  for (const SoundClass& sound : classes) {
    std::string line = escape(sound.name);
    for (const std::string& alias : sound.aliases) line += " | " + escape(alias);
    // A single line of names would be read as a list with commas.
    if (classes.size() == 1 && sound.aliases.empty() && sound.name.find(',') != std::string::npos) line += " |";
    if (!sound.description.empty()) line += ": " + escape(sound.description);
    text += line + '\n';
  }
  return text;
}

std::map<std::string, int> classes_by_name(const ClassList& classes) {
  std::map<std::string, int> names;
  const auto add = [&](const std::string& name, std::size_t k) {
    if (std::string folded = fold_name(name); !folded.empty()) names.emplace(std::move(folded), static_cast<int>(k));
  };
  for (std::size_t k = 0; k < classes.size(); ++k) add(classes[k].name, k);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    for (const std::string& alias : classes[k].aliases) add(alias, k);
  }
  return names;
}

std::vector<std::string> split_class_names(std::string_view text, const ClassList& classes) {
  const std::map<std::string, int> known = classes_by_name(classes);
  const std::ptrdiff_t most_commas = most_commas_in(classes);
  std::vector<std::string> names;
  for (const std::string& line : split_lines(valid_utf8(text))) {
    std::size_t end = 0;
    for (std::size_t start = 0; start < line.size(); start = end + 1) {
      end = std::min(line.find(',', start), line.size());
      std::string name = trim(line.substr(start, end - start));
      std::size_t longer = end;
      for (std::ptrdiff_t commas = 0; commas <= most_commas; ++commas) {
        const auto found = known.find(fold_name(line.substr(start, longer - start)));
        if (found != known.end()) {
          name = classes[static_cast<std::size_t>(found->second)].name;
          end = longer;
        }
        if (longer == line.size()) break;
        longer = std::min(line.find(',', longer + 1), line.size());
      }
      if (!name.empty()) names.push_back(std::move(name));
    }
  }
  return names;
}

void check_classes(const ClassList& classes) {
  if (classes.empty()) {
    throw Error(ErrorKind::Usage, "The list of classes is empty. Name at least one sound, for example \"dog, rain\".");
  }
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const std::string folded = fold_name(classes[i].name);
    if (folded.empty()) {
      throw Error(ErrorKind::Usage, place(i) + " has no name that can be read (\"" + valid_utf8(classes[i].name) +
                                        "\"). Give it a name or remove it.");
    }
    const auto [other, is_new] = seen.emplace(folded, i);
    if (!is_new) {
      throw Error(ErrorKind::Usage, place(i) + ", \"" + classes[i].name + "\", is the same as class " +
                                        std::to_string(other->second + 1) + ", \"" + classes[other->second].name +
                                        "\". Rename or remove one of them.");
    }
  }
}

std::vector<std::pair<std::size_t, std::size_t>> near_duplicates(const ClassList& classes) {
  std::vector<std::string> names;
  std::vector<std::string> singular;
  std::vector<Letters> letters;
  for (const SoundClass& sound : classes) {
    names.push_back(fold_name(sound.name));
    singular.push_back(singular_words(names.back()));
    letters.emplace_back(names.back());
  }
  std::set<std::pair<std::size_t, std::size_t>> pairs = sharing_an_alias(classes);
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i + 1; j < names.size(); ++j) {
      if (names[i].empty() || names[j].empty()) continue;
      const bool same = names[i] == names[j] || singular[i] == singular[j];
      if (same || letters[i].nearly(letters[j])) pairs.emplace(i, j);
    }
  }
  return {pairs.begin(), pairs.end()};
}

std::string fill_template(std::string_view text_template, std::string_view name) {
  const std::string word = normalise_class_name(name);
  std::string out;
  std::size_t start = 0;
  bool any = false;
  for (auto at = text_template.find("{}"); at != std::string_view::npos; at = text_template.find("{}", start)) {
    out += text_template.substr(start, at - start);
    out += word;
    start = at + 2;
    any = true;
  }
  if (!any) {
    throw Error(ErrorKind::Usage, "The template \"" + std::string(text_template) +
                                      "\" has no {} where the class name goes. Write for example \"" +
                                      std::string(kDefaultTemplate) + "\".");
  }
  return out + std::string(text_template.substr(start));
}

std::vector<Preset> bundled_presets() {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(resources_folder() / "presets")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  const auto is_first = [](const fs::path& file) { return file.stem() == "bundled-sounds"; };
  std::ranges::sort(files);
  std::ranges::stable_partition(files, is_first);
  std::vector<Preset> presets;
  for (const fs::path& file : files) {
    const std::string text = read_text_file(file);
    const std::string first = text.substr(0, text.find('\n'));
    // The first comment line is the preset's name.
    Preset preset{first.starts_with('#') ? trim(first.substr(1)) : file.stem().string(), read_classes(file)};
    presets.push_back(std::move(preset));
  }
  return presets;
}

}  // namespace hearsay
