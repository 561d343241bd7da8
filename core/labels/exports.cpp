#include "labels/exports.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "audio/decode.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"

namespace hearsay {
namespace {

using nlohmann::json;
using std::filesystem::path;

/// All that goes into an export, read once.
struct Contents {
  explicit Contents(const LabelSession& from) : session(from), clips(from.clips()) {
    for (const SessionClass& one : from.classes()) class_names[one.id] = one.name;
    labels = from.all_labels();
    regions = from.all_regions();
  }
  [[nodiscard]] const std::string& name(ClassId id) const { return class_names.at(id); }
  [[nodiscard]] std::vector<ClipLabel> labels_of(ClipId id) const {
    const auto found = labels.find(id);
    return found == labels.end() ? std::vector<ClipLabel>{} : found->second;
  }
  [[nodiscard]] std::vector<Region> regions_of(ClipId id) const {
    const auto found = regions.find(id);
    return found == regions.end() ? std::vector<Region>{} : found->second;
  }

  const LabelSession& session;
  std::vector<Clip> clips;
  std::map<ClassId, std::string> class_names;
  std::map<ClipId, std::vector<ClipLabel>> labels;
  std::map<ClipId, std::vector<Region>> regions;
};

const char* by_text(LabelledBy by) {
  return by == LabelledBy::Person ? "person" : "model";
}

std::string seconds_text(double value) {
  return decimal_text(value, 6);
}

std::string score_text(std::optional<double> score) {
  return score ? decimal_text(*score, 4) : std::string();
}

/// For tables with tabs: no tabs or line ends within a field.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

std::string csv_text(const Contents& contents) {
  std::string text = "file,start,end,label,by,score,note\n";
  const auto add_line = [&](const Clip& clip, const std::string& start, const std::string& end, ClassId class_id,
                            LabelledBy by, std::optional<double> score) {
    text += csv_field(clip.stored) + "," + start + "," + end + "," + csv_field(contents.name(class_id)) + "," +
            by_text(by) + "," + score_text(score) + "," + csv_field(clip.note) + "\n";
  };
  for (const Clip& clip : contents.clips) {
    const auto labels = contents.labels_of(clip.id);
    const auto regions = contents.regions_of(clip.id);
    for (const ClipLabel& label : labels) add_line(clip, "", "", label.class_id, label.by, label.score);
    for (const Region& region : regions) {
      add_line(clip, seconds_text(region.start), seconds_text(region.end), region.class_id, region.by, region.score);
    }
    // A note is a person's work too, also on a clip that has nothing else.
    if (labels.empty() && regions.empty() && !clip.note.empty()) {
      text += csv_field(clip.stored) + ",,,,,," + csv_field(clip.note) + "\n";
    }
  }
  return text;
}

json score_json(std::optional<double> score) {
  return score ? json(*score) : json(nullptr);
}

const char* state_text(ClipState state) {
  switch (state) {
    case ClipState::Labelled:
      return "labelled";
    case ClipState::Skipped:
      return "skipped";
    case ClipState::Unseen:
      break;
  }
  return "unseen";
}

std::string dumped(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string json_text(const Contents& contents) {
  json root;
  root["audio_folder"] = contents.session.audio_folder().string();
  root["classes"] = json::array();
  for (const auto& [id, name] : contents.class_names) root["classes"].push_back(name);
  root["clips"] = json::array();
  for (const Clip& clip : contents.clips) {
    json one = {{"file", clip.name},
                {"seconds", clip.seconds > 0.0 ? json(clip.seconds) : json(nullptr)},
                {"state", state_text(clip.state)},
                {"note", clip.note},
                {"labels", json::array()},
                {"regions", json::array()}};
    for (const ClipLabel& label : contents.labels_of(clip.id)) {
      one["labels"].push_back(
          {{"label", contents.name(label.class_id)}, {"by", by_text(label.by)}, {"score", score_json(label.score)}});
    }
    for (const Region& region : contents.regions_of(clip.id)) {
      one["regions"].push_back({{"start", region.start},
                                {"end", region.end},
                                {"label", contents.name(region.class_id)},
                                {"by", by_text(region.by)},
                                {"score", score_json(region.score)}});
    }
    root["clips"].push_back(std::move(one));
  }
  return dumped(root);
}

/// Escapes what a URL's query cannot hold (RFC 3986), slashes left.
std::string url_escaped(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result.append(1, '%').append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
    }
  }
  return result;
}

json choices_result(const std::vector<std::string>& names) {
  return {{"from_name", "class"}, {"to_name", "audio"}, {"type", "choices"}, {"value", {{"choices", names}}}};
}

json label_studio_task(const Contents& contents, const Clip& clip) {
  json result = json::array();
  std::vector<std::string> names;
  for (const ClipLabel& label : contents.labels_of(clip.id)) names.push_back(contents.name(label.class_id));
  if (!names.empty()) result.push_back(choices_result(names));
  for (const Region& region : contents.regions_of(clip.id)) {
    json value = {{"start", region.start}, {"end", region.end}, {"channel", 0}};
    value["labels"] = std::vector<std::string>{contents.name(region.class_id)};
    result.push_back({{"id", "region" + std::to_string(region.id)},
                      {"from_name", "label"},
                      {"to_name", "audio"},
                      {"type", "labels"},
                      {"value", std::move(value)}});
  }
  json task = {{"data", {{"audio", "/data/local-files/?d=" + url_escaped(clip.stored)}, {"note", clip.note}}}};
  if (!result.empty()) task["annotations"] = json::array({{{"result", std::move(result)}}});
  const Suggestions proposed = contents.session.suggestions(clip.id);
  if (!proposed.items.empty()) {
    const Suggestion& best = proposed.items.front();
    task["predictions"] = json::array({{{"model_version", proposed.fingerprint},
                                        {"score", best.score},
                                        {"result", json::array({choices_result({contents.name(best.class_id)})})}}});
  }
  return task;
}

std::string label_studio_text(const Contents& contents) {
  json tasks = json::array();
  for (const Clip& clip : contents.clips) tasks.push_back(label_studio_task(contents, clip));
  return dumped(tasks);
}

std::string audacity_text(const Contents& contents, const Clip& clip) {
  std::string text;
  const auto add_line = [&](double start, double end, ClassId class_id) {
    text += seconds_text(start) + "\t" + seconds_text(end) + "\t" + one_line(contents.name(class_id)) + "\n";
  };
  const auto labels = contents.labels_of(clip.id);
  const double whole = labels.empty() ? 0.0 : length_of(clip);
  for (const ClipLabel& label : labels) add_line(0.0, whole, label.class_id);
  for (const Region& region : contents.regions_of(clip.id)) add_line(region.start, region.end, region.class_id);
  return text;
}

/// Our labels have no frequencies: a selection spans what people hear, as far as the file's rate goes.
std::string highest_hertz(const path& file) {
  constexpr int kHeard = 20000;
  try {
    return std::to_string(std::min(kHeard, probe_audio(file).sample_rate / 2));
  } catch (const Error&) {  // gone, or no longer a sound: its labels are exported all the same
    return std::to_string(kHeard);
  }
}

std::string raven_text(const Contents& contents, const Clip& clip) {
  std::string text =
      "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin File\tLabel\tBy\t"
      "Score\tNote\n";
  int selection = 0;
  const std::string highest = highest_hertz(clip.file);
  const auto add_line = [&](double start, double end, ClassId class_id, LabelledBy by, std::optional<double> score) {
    text += std::to_string(++selection) + "\tSpectrogram 1\t1\t" + seconds_text(start) + "\t" + seconds_text(end) +
            "\t0\t" + highest + "\t" + one_line(clip.file.filename().string()) + "\t" +
            one_line(contents.name(class_id)) + "\t" + by_text(by) + "\t" + score_text(score) + "\t" +
            one_line(clip.note) + "\n";
  };
  const auto labels = contents.labels_of(clip.id);
  const double whole = labels.empty() ? 0.0 : length_of(clip);
  for (const ClipLabel& label : labels) add_line(0.0, whole, label.class_id, label.by, label.score);
  for (const Region& region : contents.regions_of(clip.id)) {
    add_line(region.start, region.end, region.class_id, region.by, region.score);
  }
  return text;
}

/// But for what tells two of them apart.
std::string track_name(const Clip& clip) {
  constexpr std::size_t kLongest = 150;
  std::string name = path(clip.name).replace_extension().generic_string();
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < ' ' || std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos) {
      c = '_';
    }
  }
  if (name.size() > kLongest) name = valid_utf8(name.substr(name.size() - kLongest));
  const bool hidden_or_empty = name.empty() || name.front() == '.';
  return hidden_or_empty ? "clip_" + name : name;
}

struct ClipFile {
  const Clip* clip;
  path file;
};

/// Which labelled clip goes into which file.
std::vector<ClipFile> files_per_clip(const std::vector<Clip>& clips, LabelFormat format, const path& folder) {
  const char* ending = format == LabelFormat::Raven ? ".selections.txt" : ".txt";
  const auto names = track_names(clips);
  std::vector<ClipFile> files;
  for (const Clip& clip : clips) {
    if (clip.state == ClipState::Labelled) files.push_back({&clip, folder / (names.at(clip.id) + ending)});
  }
  return files;
}

std::vector<path> write_per_clip(const Contents& contents, LabelFormat format, const path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw Error(ErrorKind::NoSpace, "The folder " + folder.string() + " cannot be made: " + failed.message() + ".");
  }
  const bool raven = format == LabelFormat::Raven;
  std::vector<path> written;
  for (const auto& [clip, file] : files_per_clip(contents.clips, format, folder)) {
    write_file_atomically(file, raven ? raven_text(contents, *clip) : audacity_text(contents, *clip));
    written.push_back(file);
  }
  std::sort(written.begin(), written.end());
  return written;
}

}  // namespace

double length_of(const Clip& clip) {
  if (clip.seconds > 0.0) return clip.seconds;
  try {
    return std::max(probe_audio(clip.file).seconds, 0.0);
  } catch (const Error&) {  // gone, or no longer a sound: its labels are exported all the same
    return 0.0;
  }
}

std::map<ClipId, std::string> track_names(std::span<const Clip> clips) {
  std::map<ClipId, std::string> names;
  std::set<std::string> taken;  // names that only differ in case are one file on some systems
  const auto give = [&](const Clip& clip, const std::string& name) {
    if (taken.insert(fold_name(name)).second) names.emplace(clip.id, name);
  };
  // First those that are called so: beside their sound their track must not be another clip's.
  for (const bool in_folder : {false, true}) {
    for (const Clip& clip : clips) {
      if ((clip.name.find('/') != std::string::npos) == in_folder) give(clip, track_name(clip));
    }
  }
  for (const Clip& clip : clips) {
    const std::string with_id = track_name(clip) + "_" + std::to_string(clip.id);
    for (int attempt = 1; names.count(clip.id) == 0; ++attempt) {
      give(clip, attempt > 1 ? with_id + "_" + std::to_string(attempt) : with_id);
    }
  }
  return names;
}

bool writes_folder(LabelFormat format) {
  return format == LabelFormat::Audacity || format == LabelFormat::Raven;
}

std::vector<path> export_files(const LabelSession& session, LabelFormat format, const path& to) {
  if (!writes_folder(format)) return {to};
  const std::vector<Clip> clips = session.clips();
  std::vector<path> files;
  for (const ClipFile& one : files_per_clip(clips, format, to)) files.push_back(one.file);
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<path> export_labels(const LabelSession& session, LabelFormat format, const path& to) {
  const Contents contents(session);
  if (writes_folder(format)) return write_per_clip(contents, format, to);
  const std::string text = format == LabelFormat::Csv    ? csv_text(contents)
                           : format == LabelFormat::Json ? json_text(contents)
                                                         : label_studio_text(contents);
  write_file_atomically(to, text);
  return {to};
}

}  // namespace hearsay
