#include "ui/files/result_export.h"

#include <algorithm>
#include <map>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"

namespace hearsay::ui {

namespace {

/// Of a sound whose result is from an earlier start; 0 for one that is gone.
int rateOf(const std::filesystem::path& sound) {
  try {
    return probe_audio(sound).sample_rate;
  } catch (const Error&) {
    return 0;
  }
}

std::string rowsOf(ResultWriter& writer, const ExportItem& item, const ExportOptions& options) {
  const bool perWindow = options.rows != ExportRows::Files;
  if (item.result) {
    FileResult result = rescored(*item.result, *item.prompts, options.kind);
    if (options.format == "raven" && result.sample_rate == 0) result.sample_rate = rateOf(item.path);
    return writer.rows(result, perWindow);
  }
  FileResult failed;
  failed.file = item.path;
  failed.error = item.error;
  return writer.rows(failed, perWindow);
}

std::vector<double> thresholdsOf(const ExportItem& item, const ExportOptions& options) {
  if (options.rows != ExportRows::Events) return {};
  return item.thresholds.empty() ? std::vector<double>{kUsualThreshold} : item.thresholds;
}

}  // namespace

FileResult rescored(const FileResult& result, const PromptSet& prompts, ScoreKind kind) {
  FileResult out = result;
  const auto again = [&](const WindowScores& scores) { return softmax(scores_of(scores, kind), prompts.logit_scale); };
  out.probability = again(out.scores);
  out.order = ranking(scores_of(out.scores, kind));
  for (WindowResult& window : out.windows) window.probability = again(window.scores);
  return out;
}

std::vector<std::filesystem::path> labelFiles(const std::vector<ExportItem>& items,
                                              const std::filesystem::path& folder) {
  std::map<std::filesystem::path, std::filesystem::path> taken;  // by a sound that is called so
  std::vector<std::filesystem::path> files;
  for (const ExportItem& item : items) {
    std::filesystem::path file;
    if (item.result) {
      const std::string stem = item.path.stem().string();
      const std::filesystem::path name = item.path.filename();
      file = folder / (stem + ".txt");
      if (taken.contains(file) && taken[file] != name) file = folder / (name.string() + ".txt");
      if (taken.contains(file)) file = folder / (stem + " (" + item.path.parent_path().filename().string() + ").txt");
      for (int i = 2; taken.contains(file); ++i) file = folder / (stem + " " + std::to_string(i) + ".txt");
      taken.emplace(file, name);
    }
    files.push_back(std::move(file));
  }
  return files;
}

void exportResults(const std::vector<ExportItem>& items, const ExportOptions& options,
                   const std::filesystem::path& target) {
  const auto first =
      std::find_if(items.begin(), items.end(), [](const ExportItem& item) { return item.result != nullptr; });
  if (first == items.end()) throw Error(ErrorKind::Usage, "There are no results to export yet.");
  const bool events = options.rows == ExportRows::Events;
  ResultWriter writer(options.format, *first->prompts, options.kind, events ? 0 : options.top,
                      thresholdsOf(*first, options), events);
  const auto text_of = [&](const ExportItem& item) {
    if (item.prompts) writer.take(item.prompts->classes, thresholdsOf(item, options));
    return rowsOf(writer, item, options);
  };
  if (options.format == "audacity") {
    const std::vector<std::filesystem::path> files = labelFiles(items, target);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].result) write_file_atomically(files[i], text_of(items[i]));
    }
    return;
  }
  std::string text = writer.header();
  for (const ExportItem& item : items) text += text_of(item);
  write_file_atomically(target, text);
}

}  // namespace hearsay::ui
