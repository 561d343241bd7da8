#include "labels/imports.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "labels/exports.h"

namespace hearsay {
namespace {

using std::filesystem::path;

constexpr double kSlackSeconds = 0.01;  ///< so near to the whole clip is the whole clip

/// A number as people and programs write it, also with a comma for the point.
std::optional<double> number_in(std::string_view field) {
  std::string text = trim(field);
  if (text.find('.') == std::string::npos) std::replace(text.begin(), text.end(), ',', '.');
  double value = 0.0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<std::string> tab_fields(std::string_view line) {
  std::vector<std::string> fields;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', from), line.size());
    fields.emplace_back(line.substr(from, tab - from));
    from = tab + 1;
  }
  return fields;
}

bool is_track(const std::vector<std::string>& lines) {
  const auto first = std::find_if(lines.begin(), lines.end(), [](const auto& line) { return !trim(line).empty(); });
  if (first == lines.end()) return false;
  const auto fields = tab_fields(*first);
  return fields.size() >= 2 && number_in(fields[0]) && number_in(fields[1]);
}

/// Which clip a name in a file means: none where nothing is called so, 0 where more than one is.
class ClipNames {
 public:
  explicit ClipNames(const LabelSession& session) {
    const std::vector<Clip> clips = session.clips();
    for (const Clip& clip : clips) {
      add(by_name_, clip.stored, clip.id);
      if (clip.name != clip.stored) add(by_name_, clip.name, clip.id);
      add(by_path_, clip.file.lexically_normal().string(), clip.id);
      add(by_file_, clip.file.filename().string(), clip.id);
      add(by_stem_path_, (clip.file.parent_path() / clip.file.stem()).lexically_normal().string(), clip.id);
      add(by_stem_, fold_name(clip.file.stem().string()), clip.id);
    }
    for (const auto& [id, name] : track_names(clips)) add(by_track_, name, id);
  }

  [[nodiscard]] std::optional<ClipId> of_row(const std::string& file, const path& csv) const {
    const path full = (csv.parent_path() / file).lexically_normal();
    return first({at(by_name_, file), at(by_path_, full.string()), at(by_file_, file)});
  }

  [[nodiscard]] std::optional<ClipId> of_track(const path& track) const {
    const std::string name = track.stem().string();
    const std::string beside = (track.parent_path() / name).lexically_normal().string();
    return first({at(by_path_, beside), at(by_stem_path_, beside), at(by_track_, name), at(by_file_, name),
                  at(by_stem_, fold_name(name))});
  }

 private:
  using Ids = std::map<std::string, ClipId>;
  static void add(Ids& ids, const std::string& name, ClipId id) {
    const auto [at, added] = ids.emplace(name, id);
    if (!added && at->second != id) at->second = 0;
  }
  static std::optional<ClipId> at(const Ids& ids, const std::string& name) {
    const auto found = ids.find(name);
    return found == ids.end() ? std::nullopt : std::optional(found->second);
  }
  /// A name that could mean several clips is not tried in a looser sense: that would take one of them by chance.
  static std::optional<ClipId> first(std::initializer_list<std::optional<ClipId>> found) {
    const auto* const hit = std::find_if(found.begin(), found.end(), [](const auto& id) { return id.has_value(); });
    return hit == found.end() ? std::nullopt : *hit;
  }

  Ids by_name_, by_path_, by_file_, by_stem_path_, by_stem_, by_track_;
};

class Reader {
 public:
  Reader(LabelSession& session, std::vector<std::string>& left_out)
      : session_(session), names_(session), left_out_(left_out) {}

  void read(const path& given) {
    try {
      const path file = std::filesystem::absolute(given);
      const std::string text = read_text_file(file);
      const auto lines = split_lines(text);
      if (is_track(lines)) {
        read_track(file, lines);
      } else {
        read_csv(file, text);
      }
    } catch (const Error& error) {
      left_out_.emplace_back(error.what());
    }
  }

  [[nodiscard]] const std::vector<GivenLabel>& labels() const { return labels_; }

 private:
  void leave_out(const path& file, std::size_t line, const std::string& why) {
    left_out_.push_back(file.filename().string() + ", line " + std::to_string(line) + ": " + why);
  }

  /// 0: it cannot be told; that is said.
  ClipId clip_of_track(const path& file) {
    const auto clip = names_.of_track(file);
    const std::string name = file.filename().string();
    if (!clip) {
      left_out_.push_back(name + " is of no clip of this session: a label track has the name of its sound.");
    } else if (*clip == 0) {
      left_out_.push_back(name +
                          " could be of several clips of this session: put it beside its sound, and call it as the "
                          "sound with .txt behind (rain.wav.txt).");
    }
    return clip.value_or(0);
  }

  void read_track(const path& file, const std::vector<std::string>& lines) {
    const ClipId clip = clip_of_track(file);
    if (clip == 0) return;
    const double whole = length(clip);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto fields = tab_fields(lines[i]);
      // A line that begins with a backslash holds the frequencies of the label before it.
      if (trim(lines[i]).empty() || fields[0] == "\\") continue;
      const auto start = number_in(fields[0]);
      const auto end = fields.size() > 1 ? number_in(fields[1]) : std::nullopt;
      if (!start || !end || fields.size() < 3 || trim(fields[2]).empty()) {
        leave_out(file, i + 1, "a label is its start, its end and a name, with tabs between.");
        continue;
      }
      GivenLabel label{clip, fields[2], *start, *end, LabelledBy::Person, {}, {}};
      const bool all = *end <= kSlackSeconds || (whole > 0.0 && std::abs(*end - whole) <= kSlackSeconds);
      if (*start >= 0.0 && *start <= kSlackSeconds && all) label.start = label.end = 0.0;
      labels_.push_back(std::move(label));
    }
  }

  void read_csv(const path& file, const std::string& text) {
    const CsvTable table = parse_csv(text, file.string());
    if (table.column("file") < 0 || table.column("label") < 0) {
      throw Error(ErrorKind::BadFormat,
                  file.string() + " holds no labels: a CSV needs the columns file and label, a label track numbers.");
    }
    for (std::size_t i = 0; i < table.rows.size(); ++i) read_row(file, table, i);
  }

  void read_row(const path& file, const CsvTable& table, std::size_t row) {
    const auto field = [&](const char* name) {
      const int column = table.column(name);
      return column < 0 ? std::string() : trim(table.rows[row][static_cast<std::size_t>(column)]);
    };
    GivenLabel label;
    const auto clip = names_.of_row(field("file"), file);
    if (!clip || *clip == 0) {
      const std::string why = clip ? "this session has several clips \"" : "this session has no clip \"";
      return leave_out(file, table.lines[row], why + beginning_of(field("file")) + "\".");
    }
    label.clip = *clip;
    label.class_name = field("label");
    label.note = field("note");
    if (label.class_name.empty() && label.note.empty()) return;
    if (ascii_lower(field("by")) == "model") {
      label.by = LabelledBy::Model;
      label.score = number_in(field("score"));
    }
    if (!field("start").empty() || !field("end").empty()) {
      const auto start = number_in(field("start"));
      const auto end = number_in(field("end"));
      if (!start || !end) return leave_out(file, table.lines[row], "the start and the end must be numbers of seconds.");
      label.start = *start;
      label.end = *end;
      (void)length(label.clip);
      if (*start == 0.0 && *end == 0.0) return leave_out(file, table.lines[row], "its end is not behind its start.");
    }
    labels_.push_back(std::move(label));
  }

  /// Of the clip; 0: it cannot be told.
  double length(ClipId id) {
    const auto [at, added] = lengths_.emplace(id, 0.0);
    if (!added) return at->second;
    const Clip clip = session_.clip(id);
    at->second = length_of(clip);
    if (clip.seconds <= 0.0 && at->second > 0.0) session_.set_seconds(id, at->second);
    return at->second;
  }

  LabelSession& session_;
  ClipNames names_;
  std::vector<std::string>& left_out_;
  std::map<ClipId, double> lengths_;
  std::vector<GivenLabel> labels_;
};

}  // namespace

Change import_labels(LabelSession& session, std::span<const path> files, std::vector<std::string>& left_out) {
  Reader reader(session, left_out);
  for (const path& file : files) reader.read(file);
  return session.add_given(reader.labels(), left_out);
}

}  // namespace hearsay
