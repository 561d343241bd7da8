#pragma once
// A labelling session: the clips of a folder, what a model proposes for each, and what a person decided. One SQLite
// file (DESIGN section 6); every act is one transaction that is on the disk when the call returns, and can be undone,
// also after the file was closed and opened again.
//
// Classes have ids that stay (a removed class leaves a hole), so nothing has to be renumbered; their order is the order
// they were added in. Times are seconds from the start of the clip. All text is UTF-8; invalid bytes become U+FFFD.
//
// Not thread-safe: use one LabelSession from one thread at a time. An act costs about one fsync (milliseconds), a query
// less. The file is locked while it is open: a second open(), also of another process, fails with a sentence.
//
// Errors every call may throw: NoSpace (disk full or not writable; the act did not happen, everything before it
// stands), Unreadable (the file is open elsewhere, or the disk fails), BadFormat (the file is damaged), Usage (an id
// that is not in the session, a time that is not a number, a name that is empty or already there).

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

using ClipId = std::int64_t;    ///< from 1, in the order the files were given
using ClassId = std::int64_t;   ///< from 1
using RegionId = std::int64_t;  ///< from 1

enum class ClipState {
  Unseen,    ///< nothing decided
  Labelled,  ///< has a label or a region
  Skipped    ///< passed over on purpose
};

enum class LabelledBy {
  Person,
  Model  ///< a suggestion a person accepted
};

struct SessionClass {
  ClassId id = 0;
  std::string name;
};

/// A file to label. `seconds` <= 0: not known yet (see set_seconds).
struct SessionFile {
  std::filesystem::path path;
  double seconds = 0.0;
};

struct Clip {
  ClipId id = 0;
  std::string name;            ///< for people: the path inside the audio folder, or else the whole path
  std::filesystem::path file;  ///< absolute
  std::string stored;          ///< as `name`, with the file's own bytes, which may be no UTF-8: for what finds it again
  double seconds = 0.0;        ///< <= 0: not known yet
  ClipState state = ClipState::Unseen;
  std::string note;
  bool missing = false;  ///< the file was not there when last looked (open, merge_files, relocate)
};

struct ClipLabel {
  ClassId class_id = 0;
  LabelledBy by = LabelledBy::Person;
  std::optional<double> score;  ///< of the accepted suggestion
};

struct Region {
  RegionId id = 0;
  ClipId clip = 0;
  double start = 0.0;  ///< s
  double end = 0.0;    ///< s, > start
  ClassId class_id = 0;
  LabelledBy by = LabelledBy::Person;
  std::optional<double> score;
};

/// What was said of a clip elsewhere.
struct GivenLabel {
  ClipId clip = 0;
  std::string class_name;  ///< empty: only a note
  double start = 0.0;      ///< s; both 0: of the whole clip
  double end = 0.0;
  LabelledBy by = LabelledBy::Person;
  std::optional<double> score;
  std::string note;  ///< on the clip
};

struct Suggestion {
  ClassId class_id = 0;
  double score = 0.0;  ///< 0..1 as the classifier shows it; only the order and the differences matter here
};

/// What a model said about one clip.
struct Suggestions {
  std::string fingerprint;        ///< of the prompt set (and model) that said it; empty: none yet
  std::vector<Suggestion> items;  ///< best first
};

/// What an act did, so that a window redraws only that. An act that had nothing to do gives an empty one, and leaves no
/// step to undo.
struct Change {
  std::string text;  ///< the act in words: "Label rain.wav: rain"; empty: nothing happened
  std::vector<ClipId>
      clips;             ///< whose state, note, labels, regions, suggestions, length or presence changed; ascending
  bool classes = false;  ///< the class list changed
  std::optional<RegionId> region;  ///< the region that was added or changed (also by undo and redo; not when removed)
  [[nodiscard]] bool empty() const { return text.empty(); }
};

enum class QueueOrder {
  InOrder,        ///< as the files were given
  Random,         ///< by the seed; what is left keeps its order while clips are done
  UncertainFirst  ///< smallest difference of the two best suggestion scores first; clips without suggestions last
};

struct SessionProgress {
  std::int64_t total = 0;
  std::int64_t unseen = 0;
  std::int64_t labelled = 0;
  std::int64_t skipped = 0;
  std::int64_t missing = 0;                   ///< counted in one of the three above as well
  std::int64_t regions = 0;                   ///< in all clips
  std::map<ClassId, std::int64_t> per_class;  ///< clips with a label or region of the class; every class has an entry
};

class LabelSession {
 public:
  /// The file format's version this program writes; a newer file is refused.
  static constexpr int kSchemaVersion = 1;
  /// Of one clip's suggestions, so many of the best are kept.
  static constexpr std::size_t kMaxSuggestions = 20;
  /// The customary ending of a session file.
  static constexpr const char* kSuffix = ".hearsay-labels";

  /// A new session file at `file` (its folder must exist; an existing file is refused: Usage). Files below
  /// `audio_folder` are stored relative to it, and the folder relative to the session where that is below the session's
  /// own folder, so that both can be moved together. Class names: normalised blanks, no empty ones, no duplicates
  /// (compared as fold_name does): Usage. No classes at all is allowed (add_class later).
  static LabelSession create(const std::filesystem::path& file, const std::filesystem::path& audio_folder,
                             std::span<const SessionFile> files, std::span<const std::string> class_names);

  /// Errors: NotFound; BadFormat (not a session, damaged, or of a newer Hearsay); Unreadable (open elsewhere).
  static LabelSession open(const std::filesystem::path& file);

  /// Cheap: do the file's bytes begin as a session's would?
  static bool looks_like_session(const std::filesystem::path& file);

  LabelSession(LabelSession&&) noexcept;
  LabelSession& operator=(LabelSession&&) noexcept;
  ~LabelSession();  ///< closes the file; nothing has to be saved

  // --- What is there
  [[nodiscard]] const std::filesystem::path& file() const;
  [[nodiscard]] std::filesystem::path audio_folder() const;  ///< absolute
  [[nodiscard]] std::vector<SessionClass> classes() const;   ///< in the order they were added
  [[nodiscard]] std::vector<Clip> clips() const;             ///< all, by id
  [[nodiscard]] Clip clip(ClipId id) const;
  [[nodiscard]] std::vector<ClipLabel> labels(ClipId id) const;               ///< of the whole clip, in class order
  [[nodiscard]] std::vector<Region> regions(ClipId id) const;                 ///< by start, then end, then id
  [[nodiscard]] std::map<ClipId, std::vector<ClipLabel>> all_labels() const;  ///< clips without any have no entry
  [[nodiscard]] std::map<ClipId, std::vector<Region>> all_regions() const;
  [[nodiscard]] Suggestions suggestions(ClipId id) const;
  [[nodiscard]] SessionProgress progress() const;

  /// The clips still to be done (Unseen and not missing; with `skipped_too` the Skipped ones as well), in this order.
  [[nodiscard]] std::vector<ClipId> queue(QueueOrder order, std::uint64_t seed = 0, bool skipped_too = false) const;

  // --- Acts of the person: each is one transaction and one step of undo
  /// Accepts a suggestion: its class is added to the clip's labels, marked as the model's. Usage if the model did not
  /// suggest the class.
  Change accept(ClipId clip, ClassId class_id);
  /// Accepts the best suggestion of every one of these clips that has one, as one act; `at_least`: only scores from
  /// here.
  Change accept_best(std::span<const ClipId> clips, double at_least = 0.0);
  /// These classes and no others (an empty list takes all labels away; regions stay). A class that is there already
  /// keeps who gave it. For several clips it is one act.
  Change set_labels(ClipId clip, std::span<const ClassId> class_ids);
  Change set_labels(std::span<const ClipId> clips, std::span<const ClassId> class_ids);
  /// Labels, regions and the skip mark go; the note stays. The clip is Unseen again.
  Change clear(ClipId clip);
  /// Passes over a clip. One that is labelled stays as it is (an empty Change): clear it first.
  Change skip(ClipId clip);
  Change set_note(ClipId clip, std::string_view note);
  /// Adds these labels and regions, and the classes that are not there yet, as one act. What is there already stays as
  /// it is, and is not added twice; a note is added where a clip has none. Sentences on what cannot be (a region that
  /// is no part of its clip, a name that is none) go to `left_out`.
  Change add_given(std::span<const GivenLabel> given, std::vector<std::string>& left_out);

  /// 0 <= start < end, and end <= the clip's length if that is known (a few ms beyond are cut off); otherwise Usage.
  Change add_region(ClipId clip, double start, double end, ClassId class_id, LabelledBy by = LabelledBy::Person,
                    std::optional<double> score = {});
  Change move_region(RegionId region, double start, double end);
  Change set_region_class(RegionId region, ClassId class_id);
  Change remove_region(RegionId region);

  Change add_class(std::string_view name);
  Change rename_class(ClassId id, std::string_view name);
  /// With its labels, regions and suggestions (suggestions do not come back with undo; the model gives them again).
  Change remove_class(ClassId id);

  // --- Undo: unlimited, kept in the file
  [[nodiscard]] std::optional<std::string> undo_text() const;  ///< what undo() would take back; none: nothing to undo
  [[nodiscard]] std::optional<std::string> redo_text() const;
  Change undo();  ///< empty Change when there is nothing
  Change redo();

  // --- What the program does by itself: kept in the file, but not steps of undo
  /// Replaces what was suggested for the clip: sorted by score here, the best kMaxSuggestions kept. Unknown class ids
  /// and scores that are no numbers are Usage.
  Change set_suggestions(ClipId clip, std::string_view fingerprint, std::span<const Suggestion> items);
  /// Clips the prompt set with this fingerprint has not looked at, missing ones left out: where a stopped run goes on.
  [[nodiscard]] std::vector<ClipId> without_suggestions(std::string_view fingerprint) const;
  Change set_seconds(ClipId clip, double seconds);
  /// After looking through the folder again: files not in the session are added behind the others, and `missing` is
  /// brought up to date for every clip. Lengths that were unknown are filled in.
  Change merge_files(std::span<const SessionFile> files);
  /// For every missing clip: looks for it below `folder` (by its name within the audio folder, then by ever shorter
  /// tails of its path) and points the clip there when found.
  Change relocate(const std::filesystem::path& folder);

 private:
  class Store;
  explicit LabelSession(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace hearsay
