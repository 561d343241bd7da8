#pragma once
// Where the text for tuning comes from: the bundled caption grammar, a person's CSV or plain sentences, or both.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "prompts/class_list.h"

namespace hearsay {

struct Caption {
  std::string text;
  std::vector<int> labels;  ///< indices into the class list, ascending, at least one
  bool from_user = false;
  std::vector<std::string> found_by = {};  ///< a plain sentence's: the name or alias found in it, one a label
};

struct CaptionSet {
  std::vector<Caption> captions;
  std::vector<std::string> warnings;  ///< "No caption mentions 'rain'.", "12 rows name unknown classes: ..."
  [[nodiscard]] std::vector<int> counts(std::size_t classes) const;  ///< captions per class
  [[nodiscard]] bool multi_label() const;                            ///< some caption has several labels
  [[nodiscard]] std::string hash() const;                            ///< SHA-256 of texts and labels in order
};

/// Sentences from class names by the grammar in resources/captions (patterns, verbs, places, distances, surroundings,
/// several sounds at once): so many different sentences for each class as BankOptions says, deterministic from the
/// seed. Aliases and descriptions are used when given.
struct BankOptions {
  int per_class = 0;  ///< 0: as many as give at least 1,200 in all and 40 a class
  std::uint64_t seed = 0;
  bool multi_label = false;  ///< also sentences with two or three of the classes
};
CaptionSet captions_from_bank(const ClassList& classes, const BankOptions& options = {});

/// `caption,label` (several labels by `;`; other columns ignored; a `class`/`label` may be a name, an alias, or an
/// index), or rows of which four in five end with names of classes, or begin with them (unnamed_table.h). Other files,
/// and .txt without that header: one sentence a line, matched to classes by words and aliases. Unknown labels and empty
/// captions are left out and counted in `warnings`, which begin with what is about classes. Errors: NotFound,
/// Unreadable, BadFormat, Usage when nothing fits the classes. Classes with few captions or none are warned of where
/// these are all the captions there will be (`alone`).
CaptionSet captions_from_file(const std::filesystem::path& file, const ClassList& classes, bool alone = true);

/// Splits each class's captions, a caption being its first label's: one in `one_in` is held out, drawn by its text and
/// the seed whatever the order of classes and captions; a class's only caption is trained on.
struct CaptionSplit {
  std::vector<Caption> train;
  std::vector<Caption> held_out;
};
CaptionSplit split_captions(const CaptionSet& set, std::size_t classes, int one_in, std::uint64_t seed);

}  // namespace hearsay
