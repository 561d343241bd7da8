#pragma once
// What the tests of tuning share: the tiny starter (random weights), captions of four classes, and a folder.

#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/tuner.h"
#include "prompts/tuning_checkpoint.h"

namespace hearsay::testing {

class TuningFixture {
 protected:
  explicit TuningFixture(const char* classes = "dog\nrain\ncar horn\nchurch bells")
      : classes_(parse_classes(classes)) {}

  /// Once, before the first test.
  void load() {
    model_ = ClapModel::load(std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny", {"cpu", {}, nullptr});
    captions_ = captions_from_bank(classes_, {.per_class = 30, .seed = 1});
  }

  /// A few steps with short contexts; plain ones when their number is given.
  static TunerOptions quick(int steps = 0) {
    TunerOptions options = recipe("fast");
    options.context_length = 4;
    options.epochs = 6;
    options.evaluate_every = 2;
    options.steps = steps;
    return options;
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return std::filesystem::path(dir_.path().toStdString()) / name;
  }

  std::shared_ptr<ClapModel> model_;
  ClassList classes_;
  CaptionSet captions_;
  QTemporaryDir dir_;
};

/// Every file of a folder.
inline std::vector<std::filesystem::path> all_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

/// The same for runs that are kept as they go, with ways to cut them off.
class CheckpointFixture : protected TuningFixture {
 protected:
  CheckpointFixture() : TuningFixture("dog | hound: A dog barks.\nrain\ncar horn\nchurch bells") {}

  /// Before every test.
  static void forget_unfinished() {
    std::error_code ignored;
    std::filesystem::remove_all(unfinished_folder(), ignored);
  }

  /// Twelve steps, whatever comes of them.
  static TunerOptions quick() {
    TunerOptions options = TuningFixture::quick();
    options.epochs = 12;
    options.patience = 0;
    return options;
  }

  TunerResult run(const TunerOptions& options, TuningCheckpoint* checkpoint, JobControl* control = nullptr,
                  const TunerFn& watch = {}, const std::optional<StartingContexts>& start = {}) {
    return tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), control, watch, start,
                checkpoint);
  }

  /// As a crash behind step `step` leaves it: nobody finishes the checkpoint. Returns what was written last.
  TunerResult cut_off(const TunerOptions& options, const std::filesystem::path& file, int step, std::string origin = {},
                      const std::optional<StartingContexts>& start = {}) {
    JobControl control;
    TuningCheckpoint checkpoint(
        {.file = file, .every = std::chrono::seconds(0), .origin = std::move(origin), .saved = [&](int done) {
           if (done == step) control.cancel();
         }});
    return run(options, &checkpoint, &control, {}, start);
  }

  std::string bytes_of(const PromptSet& prompts) {
    save_prompts(prompts, path("set.safetensors"));
    return read_file(path("set.safetensors"));
  }
};

}  // namespace hearsay::testing
