#pragma once
// What the tests of tuning share: the tiny starter (random weights), captions of four classes, and a folder.

#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <string>

#include "model/clap_model.h"
#include "prompts/tuner.h"

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

}  // namespace hearsay::testing
