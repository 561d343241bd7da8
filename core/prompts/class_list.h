#pragma once
// The sounds a person cares about: names in order, with aliases and descriptions.
// Text form: one class a line, `name | alias | alias`; `#` starts a comment line; ": " after the names starts a
// description.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearsay {

struct SoundClass {
  std::string name;                  ///< as typed
  std::vector<std::string> aliases;  ///< other words for it
  std::string description;           ///< how it sounds, one sentence; may be empty
  std::string colour;                ///< "#rrggbb"; empty: by position in the series
};

using ClassList = std::vector<SoundClass>;

/// "dog, rain" or one a line. Errors: Usage for empty lists.
ClassList parse_classes(std::string_view text);
/// The text form, or from a .csv or .tsv of several rows: name, then aliases; with titles (name, class, label or sound;
/// aliases, with ";" between them; description) the columns called so. Errors: NotFound, Unreadable; Usage for a file
/// that names no class; BadFormat for a table whose quotes do not close.
ClassList read_classes(const std::filesystem::path& file);
std::string format_classes(const ClassList& classes);

/// Names of classes with commas or line ends between them, where names may have commas of their own ("child speech, kid
/// speaking"): from each place on, the longest name or alias that goes up to a comma or the end, as its class's name in
/// the list. What is no class is kept as it was written, up to the next comma. Blanks alone name nothing.
std::vector<std::string> split_class_names(std::string_view text, const ClassList& classes);

/// Places in the list by folded name or alias (fold_name); a class's name goes before another's alias, what comes first
/// in the list before what comes later. Names without a letter or digit ("!!!") are left out: folded they are all
/// equal.
std::map<std::string, int> classes_by_name(const ClassList& classes);

/// Throws Usage when the list is empty, a name is empty after normalising, or two names are equal after folding; the
/// sentence names the class and its place.
void check_classes(const ClassList& classes);

/// Pairs of classes that are near-duplicates (names equal after folding and plural, or of six letters and more and one
/// letter apart; an alias of
/// one that is a name or alias of the other): indices into the list.
std::vector<std::pair<std::size_t, std::size_t>> near_duplicates(const ClassList& classes);

/// "this is a sound of {}" with the normalised name. Error: Usage when the template has no {}.
std::string fill_template(std::string_view text_template, std::string_view name);
inline constexpr std::string_view kDefaultTemplate = "this is a sound of {}";

/// Bundled class lists of resources/presets (`*.txt`).
struct Preset {
  std::string name;
  ClassList classes;
};
std::vector<Preset> bundled_presets();

}  // namespace hearsay
