// Results as text for other programs.

#include <algorithm>
#include <array>
#include <cmath>
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
  std::string file;
  double start = 0.0;
  double end = 0.0;
  int rank = 1;
  std::string name;
  double score = 0.0;
  double similarity = 0.0;
};

ResultWriter::ResultWriter(const std::string& format, const PromptSet& prompts, ScoreKind kind, int top,
                           std::vector<double> thresholds)
    : format_(format), kind_(kind), top_(top), thresholds_(std::move(thresholds)) {
  if (std::ranges::find(kFormats, format) == kFormats.end()) {
    throw Error(ErrorKind::Usage, "There is no format \"" + format + "\"; choose csv, jsonl, audacity or raven.");
  }
  if (top < 0) throw Error(ErrorKind::Usage, "The number of classes to show must be 1 or more (0: all).");
  if (!std::ranges::all_of(thresholds_, [](double value) { return value >= 0.0 && value <= 1.0; })) {
    throw Error(ErrorKind::Usage, "A threshold is a probability: choose one from 0 to 1.");
  }
  if (thresholds_.size() > 1 && thresholds_.size() != prompts.size()) {
    throw Error(ErrorKind::Usage, "There are thresholds for " + std::to_string(thresholds_.size()) +
                                      " classes, and the set has " + std::to_string(prompts.size()) + ".");
  }
  if (thresholds_.size() == 1) thresholds_.assign(prompts.size(), thresholds_.front());
  take(prompts.classes);
}

void ResultWriter::take(const ClassList& classes) {
  names_.clear();
  for (const SoundClass& sound : classes) names_.push_back(sound.name);
}

std::string ResultWriter::header() const {
  if (format_ == "csv") return "file,start,end,rank,class,score,similarity\n";
  if (format_ == "raven") {
    return "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tBegin Path\tFile Offset (s)\tClass\tRank\tScore\t"
           "Similarity\n";
  }
  return {};
}

std::string ResultWriter::line(const Row& row) {
  if (format_ == "csv") {
    return csv_field(row.file) + "," + decimal_text(row.start, 3) + "," + decimal_text(row.end, 3) + "," +
           std::to_string(row.rank) + "," + csv_field(row.name) + "," + decimal_text(row.score, 6) + "," +
           decimal_text(row.similarity, 6) + "\n";
  }
  if (format_ == "jsonl") {
    return json_line({{"file", row.file},
                      {"start", rounded(row.start, 1e3)},
                      {"end", rounded(row.end, 1e3)},
                      {"rank", row.rank},
                      {"class", row.name},
                      {"score", rounded(row.score, 1e6)},
                      {"similarity", rounded(row.similarity, 1e6)}});
  }
  if (format_ == "audacity") {
    return decimal_text(row.start, 6) + "\t" + decimal_text(row.end, 6) + "\t" + without_tabs(row.name) + "\n";
  }
  return std::to_string(++selection_) + "\tSpectrogram 1\t1\t" + decimal_text(row.start, 3) + "\t" +
         decimal_text(row.end, 3) + "\t" + without_tabs(row.file) + "\t" + decimal_text(row.start, 3) + "\t" +
         without_tabs(row.name) + "\t" + std::to_string(row.rank) + "\t" + decimal_text(row.score, 6) + "\t" +
         decimal_text(row.similarity, 6) + "\n";
}

std::string ResultWriter::rows(const FileResult& result, bool per_window) {
  const std::string file = valid_utf8(result.file.string());
  if (!result.error.empty()) {
    return format_ == "jsonl" ? json_line({{"file", file}, {"error", result.error}}) : std::string();
  }
  std::string text;
  const auto add = [&](double start, double end, const WindowScores& scores, const std::vector<float>& probability) {
    const std::vector<int> order = ranking(scores_of(scores, kind_));
    const int all = static_cast<int>(order.size());
    const int last = top_ == 0 ? all : std::min(top_, all);
    for (int rank = 1; rank <= last; ++rank) {
      const auto k = static_cast<std::size_t>(order[static_cast<std::size_t>(rank - 1)]);
      const auto score = static_cast<double>(probability.at(k));
      if (!thresholds_.empty() && score < thresholds_.at(k)) continue;
      const auto similarity = static_cast<double>(similarity_of(scores, kind_, k));
      text += line({file, start, end, rank, names_.at(k), score, similarity});
    }
  };
  if (per_window) {
    for (const WindowResult& window : result.windows) {
      add(window.start, window.end, window.scores, window.probability);
    }
  } else {
    add(0.0, result.seconds, result.scores, result.probability);
  }
  if (format_ == "jsonl" && result.doubts.any()) {
    text += json_line({{"file", file}, {"doubts", sentences_of(result.doubts, result.file)}});
  }
  return text;
}

}  // namespace hearsay
