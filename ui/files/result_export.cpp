#include "ui/files/result_export.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/files.h"

namespace hearsay::ui {

namespace {

std::string rowsOf(ResultWriter& writer, const ExportItem& item, const ExportOptions& options) {
  if (item.result) return writer.rows(rescored(*item.result, *item.prompts, options.kind), options.perWindow);
  FileResult failed;
  failed.file = item.path;
  failed.error = item.error;
  return writer.rows(failed, options.perWindow);
}

/// "rain.txt", or "rain 2.txt" when two folders have a rain.wav.
std::filesystem::path labelFile(const std::filesystem::path& folder, const std::filesystem::path& sound,
                                std::map<std::string, int>& used) {
  const std::string stem = sound.stem().string();
  const int number = ++used[stem];
  return folder / (number == 1 ? stem + ".txt" : stem + " " + std::to_string(number) + ".txt");
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

int exportResults(const std::vector<ExportItem>& items, const ExportOptions& options,
                  const std::filesystem::path& target) {
  const auto first =
      std::find_if(items.begin(), items.end(), [](const ExportItem& item) { return item.result != nullptr; });
  if (first == items.end()) throw Error(ErrorKind::Usage, "There are no results to export yet.");
  int written = 0;
  std::map<std::string, int> used;
  std::optional<ResultWriter> writer;
  const PromptSet* last = nullptr;
  const auto writerFor = [&](const ExportItem& item) -> ResultWriter& {
    const PromptSet* set = item.prompts ? item.prompts.get() : first->prompts.get();
    if (!writer || set != last) writer.emplace(options.format, *set, options.kind, options.top);
    last = set;
    return *writer;
  };
  if (options.format == "audacity") {
    for (const ExportItem& item : items) {
      if (!item.result) continue;
      const std::string text = rowsOf(writerFor(item), item, options);
      write_file_atomically(labelFile(target, item.path, used), text);
      ++written;
    }
    return written;
  }
  std::string text = writerFor(*first).header();
  for (const ExportItem& item : items) text += rowsOf(writerFor(item), item, options);
  write_file_atomically(target, text);
  return 1;
}

}  // namespace hearsay::ui
