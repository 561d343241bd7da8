#pragma once
// A prompt set with something in every field, and its file with one thing changed.

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "model/safetensors.h"
#include "prompts/prompt_set.h"

namespace hearsay::testing {

inline Matrix numbered(std::int64_t rows, std::int64_t cols, float start) {
  Matrix matrix(rows, cols);
  for (std::size_t i = 0; i < matrix.data.size(); ++i) matrix.data[i] = start + static_cast<float>(i) / 7.0F;
  return matrix;
}

inline PromptSet example() {
  PromptSet prompts;
  prompts.classes = parse_classes("dog | hound: It barks; \"loudly\".\nдождь\ncar, horn");
  prompts.classes[0].colour = "#0072b2";
  prompts.tuned = true;
  prompts.coarse_context = numbered(4, 5, 0.5F);
  prompts.fine_context = numbered(4, 5, -3.0F);
  prompts.zero_shot = numbered(3, 6, 0.0F);
  prompts.coarse = numbered(3, 6, 1.0F);
  prompts.fine = numbered(3, 6, 2.0F);
  prompts.anchored = numbered(3, 6, 4.0F);
  prompts.logit_scale = 18.25;
  prompts.preferred = ScoreKind::Fine;
  prompts.thresholds = {0.5, 0.25, 1.0};
  prompts.weights = {0.3, 0.1, 0.6};
  prompts.offsets = {0.03, -0.0125, -0.0175};
  prompts.unseen = {"дождь"};
  prompts.model_name = "tiny";
  prompts.model_fingerprint = std::string(64, 'a');
  prompts.recipe = R"({"name":"fast","steps":3})";
  prompts.seed = 18446744073709551615ULL;
  prompts.text_hash = "00ff";
  prompts.curve = {{1, 3.5, 1.5, 2.0}, {2, 0.1, 0.05, 0.05}};
  prompts.held_out_curve = {{0, {0.1, 0.2, 0.3, 0.4}}};
  prompts.held_out = {0.5, 0.6, 0.7, 1.0 / 3.0};
  prompts.created_by = "hearsay 0.1.0";
  prompts.created_at = "2026-01-02T03:04:05Z";
  return prompts;
}

using Tensors = std::map<std::string, Matrix>;
using Metadata = std::map<std::string, std::string>;

/// Writes the example to `file`, with its tensors and metadata as `change` leaves them.
template <class Change>
void change_prompts(const std::filesystem::path& file, Change&& change) {
  save_prompts(example(), file);
  Tensors tensors;
  Metadata metadata;
  {
    const SafetensorsFile content = SafetensorsFile::open(file);
    metadata = content.metadata();
    for (const auto& [name, view] : content.tensors()) {
      if (name != "logit_scale") tensors[name] = content.matrix(name);
    }
  }
  change(tensors, metadata);
  SafetensorsWriter writer;
  for (const auto& [name, matrix] : tensors) writer.add(name, matrix);
  const float scale = 1.0F;
  writer.add("logit_scale", {}, std::span(&scale, 1));
  for (const auto& [key, value] : metadata) writer.set_metadata(key, value);
  writer.write(file);
}

}  // namespace hearsay::testing
