#pragma once
// Results into files for other programs.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "classify/file_classifier.h"

namespace hearsay::ui {

struct ExportItem {
  std::filesystem::path path;
  std::shared_ptr<const FileResult> result;  ///< null: failed, `error` says why
  std::shared_ptr<const PromptSet> prompts;
  std::string error;
  std::vector<double> thresholds{};  ///< of the classes of `prompts`, for events; empty: 0.5 for all
};

enum class ExportRows {
  Files,    ///< a file's best classes
  Windows,  ///< those of every window
  Events    ///< every class where it reaches its threshold; windows that touch or overlap are one
};

struct ExportOptions {
  std::string format = "csv";  ///< "csv", "jsonl", "audacity", "raven"
  ScoreKind kind = ScoreKind::Fused;
  int top = 3;  ///< classes a file or window; 0: all. Events: not looked at
  ExportRows rows = ExportRows::Files;
};

/// The result with the probabilities of this kind of score.
FileResult rescored(const FileResult& result, const PromptSet& prompts, ScoreKind kind);

/// Where the Audacity labels of each item go, in their order: "rain.txt", and where another rain.wav has that name
/// already "rain (its folder).txt" or "rain 2.txt". Empty for items without a result.
std::vector<std::filesystem::path> labelFiles(const std::vector<ExportItem>& items,
                                              const std::filesystem::path& folder);

/// One file for all results (atomic). Audacity labels belong to one sound file each: `target` is then a folder, and
/// every sound file with results gets its own file there (labelFiles()). Errors: Usage, NoSpace.
void exportResults(const std::vector<ExportItem>& items, const ExportOptions& options,
                   const std::filesystem::path& target);

}  // namespace hearsay::ui
