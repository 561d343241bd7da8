#pragma once
// The families of CLAP models: how each is recognised, what it says of itself, how it is put together.
// Includes LibTorch: inside core/model only.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "model/audio_tower.h"
#include "model/clap_model.h"
#include "model/config.h"
#include "model/front_end.h"
#include "model/model_files.h"
#include "model/text_tower.h"
#include "model/weights.h"
#include "text/tokenizer.h"

namespace hearsay {

/// What lies on disk: where, the weights, and config.json (empty when there is none).
struct ModelSource {
  ModelFiles files;
  std::shared_ptr<const Checkpoint> checkpoint;
  Config config;
};

/// Errors: as find_model_files; BadFormat.
ModelSource open_model(const std::filesystem::path& path);

/// From a text to what the text tower is fed.
struct TextFeed {
  std::unique_ptr<Tokenizer> tokenizer;
  std::string suffix;    ///< appended before tokens are made (MS-CLAP 2023: " <|endoftext|>")
  std::size_t most = 0;  ///< tokens; the closing one stays when a text is cut
  [[nodiscard]] TokenIds operator()(std::string_view text) const;
};

struct ModelParts {
  TextFeed feed;
  std::unique_ptr<TextTower> text;
  std::unique_ptr<AudioTower> audio;
  std::unique_ptr<FrontEnd> front_end;
};

struct Family {
  /// Whether these are its tensors and its configuration.
  bool (*recognises)(const ModelSource& source);
  /// From the configuration and the tensors' shapes alone. Error: BadFormat.
  ModelInfo (*describe)(const ModelSource& source);
  ModelParts (*build)(const ModelSource& source, const ModelInfo& info, const Weights& weights);
};

/// Error: BadFormat when no family knows them: says what the file lacks and names some of its tensors.
const Family& family_of(const ModelSource& source);

/// From the files beside the weights. Errors: as Tokenizer::load; BadFormat when they are another text tower's.
TextFeed load_text_feed(const ModelSource& source, const ModelInfo& info);

extern const Family kStarterFamily;
extern const Family kHuggingFaceFamily;  ///< LAION's, as save_pretrained writes them
extern const Family kMicrosoftFamily;

/// What every description begins with: path, size on disk, parameters, logit scale (tensor `scale_name`, a log).
ModelInfo common_info(const ModelSource& source, const std::string& scale_name);

}  // namespace hearsay
