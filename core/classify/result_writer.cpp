// Results as text for other programs.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/csv.h"
#include "base/error.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "classify/file_classifier.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kFormats = {"csv", "jsonl", "audacity", "raven"};
constexpr int kUsualRate = 48000;  // where a file's own is not known

double rounded(double value, double places) {
  return std::round(value * places) / places;
}

/// For tab-separated formats, which know no quoting.
std::string without_tabs(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string json_line(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

struct ResultWriter::Row {
  std::size_t window = 0;  ///< of the file
  double start = 0.0;
  double end = 0.0;
  int rank = 1;
  std::size_t class_index = 0;
  double score = 0.0;
  double similarity = 0.0;
};

ResultWriter::ResultWriter(const std::string& format, const PromptSet& prompts, ScoreKind kind, int top,
                           std::vector<double> thresholds, bool join)
    : format_(format), kind_(kind), top_(top), join_(join) {
  if (std::ranges::find(kFormats, format) == kFormats.end()) {
    throw Error(ErrorKind::Usage, "There is no format \"" + format + "\"; choose csv, jsonl, audacity or raven.");
  }
  if (top < 0) throw Error(ErrorKind::Usage, "The number of classes to show must be 1 or more (0: all).");
  take(prompts.classes, std::move(thresholds));
}

void ResultWriter::take(const ClassList& classes, std::vector<double> thresholds) {
  if (!std::ranges::all_of(thresholds, [](double value) { return value >= 0.0 && value <= 1.0; })) {
    throw Error(ErrorKind::Usage, "A threshold is a probability: choose one from 0 to 1.");
  }
  if (thresholds.size() > 1 && thresholds.size() != classes.size()) {
    throw Error(ErrorKind::Usage, "There are thresholds for " + std::to_string(thresholds.size()) +
                                      " classes, and the set has " + std::to_string(classes.size()) + ".");
  }
  thresholds_ = std::move(thresholds);
  if (thresholds_.size() == 1) thresholds_.assign(classes.size(), thresholds_.front());
  names_.clear();
  for (const SoundClass& sound : classes) names_.push_back(sound.name);
}

std::string ResultWriter::header() const {
  if (format_ == "csv") return "file,start,end,rank,class,score,similarity\n";
  if (format_ == "raven") {
    return "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin Path\t"
           "File Offset (s)\tClass\tRank\tScore\tSimilarity\n";
  }
  return {};
}

std::string ResultWriter::line(const Row& row, const FileResult& result) {
  const std::string file = valid_utf8(result.file.string());
  const std::string& name = names_.at(row.class_index);
  if (format_ == "csv") {
    return csv_field(file) + "," + decimal_text(row.start, 3) + "," + decimal_text(row.end, 3) + "," +
           std::to_string(row.rank) + "," + csv_field(name) + "," + decimal_text(row.score, 6) + "," +
           decimal_text(row.similarity, 6) + "\n";
  }
  if (format_ == "jsonl") {
    return json_line({{"file", file},
                      {"start", rounded(row.start, 1e3)},
                      {"end", rounded(row.end, 1e3)},
                      {"rank", row.rank},
                      {"class", name},
                      {"score", rounded(row.score, 1e6)},
                      {"similarity", rounded(row.similarity, 1e6)}});
  }
  if (format_ == "audacity") {
    return decimal_text(row.start, 6) + "\t" + decimal_text(row.end, 6) + "\t" + without_tabs(name) + "\n";
  }
  const int rate = result.sample_rate > 0 ? result.sample_rate : kUsualRate;
  return std::to_string(++selection_) + "\tSpectrogram 1\t1\t" + decimal_text(before_ + row.start, 3) + "\t" +
         decimal_text(before_ + row.end, 3) + "\t0\t" + std::to_string(rate / 2) + "\t" + without_tabs(file) + "\t" +
         decimal_text(row.start, 3) + "\t" + without_tabs(name) + "\t" + std::to_string(row.rank) + "\t" +
         decimal_text(row.score, 6) + "\t" + decimal_text(row.similarity, 6) + "\n";
}

void ResultWriter::add(std::vector<Row>& rows, const Row& place, const WindowScores& scores,
                       const std::vector<float>& probability) const {
  const std::vector<int> order = ranking(scores_of(scores, kind_));
  const int all = static_cast<int>(order.size());
  const int last = top_ == 0 ? all : std::min(top_, all);
  for (int rank = 1; rank <= last; ++rank) {
    const auto k = static_cast<std::size_t>(order[static_cast<std::size_t>(rank - 1)]);
    const auto score = static_cast<double>(probability.at(k));
    if (!thresholds_.empty() && score < thresholds_.at(k)) continue;
    const auto similarity = static_cast<double>(similarity_of(scores, kind_, k));
    rows.push_back({place.window, place.start, place.end, rank, k, score, similarity});
  }
}

std::vector<ResultWriter::Row> ResultWriter::joined(const std::vector<Row>& rows) {
  std::vector<Row> all;
  std::map<std::size_t, std::size_t> newest;  // of each class, its row
  for (const Row& row : rows) {
    const auto [found, fresh] = newest.try_emplace(row.class_index, all.size());
    if (fresh || row.window > all[found->second].window + 1) {
      found->second = all.size();
      all.push_back(row);
      continue;
    }
    Row& before = all[found->second];
    const double start = before.start;
    if (row.score > before.score) before = row;
    before.start = start;
    before.end = row.end;
    before.window = row.window;
  }
  return all;
}

std::string ResultWriter::rows(const FileResult& result, bool per_window) {
  const std::string file = valid_utf8(result.file.string());
  if (!result.error.empty()) {
    return format_ == "jsonl" ? json_line({{"file", file}, {"error", result.error}}) : std::string();
  }
  std::vector<Row> rows;
  if (per_window) {
    for (std::size_t i = 0; i < result.windows.size(); ++i) {
      const WindowResult& window = result.windows[i];
      add(rows, {.window = i, .start = window.start, .end = window.end}, window.scores, window.probability);
    }
    if (join_) rows = joined(rows);
  } else {
    add(rows, {.end = result.seconds}, result.scores, result.probability);
  }
  std::string text;
  for (const Row& row : rows) text += line(row, result);
  before_ += result.seconds;
  if (format_ == "jsonl" && result.doubts.any()) {
    text += json_line({{"file", file}, {"doubts", sentences_of(result.doubts, result.file)}});
  }
  return text;
}

}  // namespace hearsay
