#pragma once
// One CLAP model behind one interface, whatever its family. No tensors in this header: the window, the command line and
// the labelling session use it as it is; the tuner reaches the text tower through text_tower().

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audio/log_mel_config.h"
#include "base/job.h"
#include "base/matrix.h"

namespace hearsay {

class Tokenizer;
class TextTower;
class AudioTower;

/// `--device auto|cpu|cuda[:n]`, resolved. `name` is what is said to people: "cpu", "cuda:0".
struct DeviceChoice {
  bool cuda = false;
  int index = 0;
  std::string name;
};
/// Errors: Usage (not a device name), Device (cuda asked for, none there).
DeviceChoice choose_device(std::string_view wanted);
/// LibTorch's thread count for this process; 0: as many as cores.
void set_compute_threads(int threads);

/// The names an audio tower has met in training, where its folder says so (config.json, "familiar_names"); what they
/// are for: prompts/familiarity.h.
struct FamiliarNames {
  std::vector<std::string> names;  ///< normalised; empty: not known
  double like_from = 0.65;         ///< cosine between prompts from which a class counts as like a familiar one,
  double like_to = 0.85;           ///< and at which it counts wholly
};

struct ModelInfo {
  std::string name;         ///< the configuration's ("starter"), else the folder's or file's
  std::string family;       ///< "hearsay", "laion-htsat", "laion-htsat-fused", "msclap-2022", "msclap-2023"
  std::string audio_tower;  ///< "convolutions", "htsat", "cnn14"
  std::string text_tower;   ///< "bert", "roberta", "gpt2"
  std::filesystem::path path;
  int sample_rate = 0;  ///< Hz
  double window_seconds = 0.0;
  std::int64_t window_samples = 0;
  int embedding_dim = 0;       ///< d
  int text_width = 0;          ///< width of the word embeddings: a context is [N, text_width]
  int frames_per_window = 0;   ///< rows of a window's frame embeddings
  double frame_seconds = 0.0;  ///< between two frames
  int max_text_tokens = 0;
  std::int64_t parameters = 0;
  std::uintmax_t bytes = 0;  ///< on disk
  double logit_scale = 1.0;  ///< exp, clamped to 100
  LogMelConfig mel;
  FamiliarNames familiar;
};

/// What the front end makes of windows, ready for the audio tower; opaque, so that it can be made on another thread.
class AudioFeatures {
 public:
  struct State;
  std::shared_ptr<const State> state;
  [[nodiscard]] std::int64_t windows() const;
};

struct AudioEmbeddings {
  Matrix clips;                ///< [n, d], L2-normalised
  std::vector<Matrix> frames;  ///< n times [T, d], L2-normalised
};

struct TextEmbeddings {
  Matrix sentences;  ///< [n, d], L2-normalised
  std::vector<Matrix>
      words;  ///< n times [words, d], L2-normalised; every real token after the first, closing one included
};

struct LoadOptions {
  std::string device = "auto";
  ProgressFn progress;
  JobControl* control = nullptr;
};

class ClapModel {
 public:
  /// A folder (config.json and weights) or an MS-CLAP .pth. Errors: NotFound, BadFormat (names the tensors that
  /// misled), Device.
  static std::shared_ptr<ClapModel> load(const std::filesystem::path& path, const LoadOptions& options = {});
  virtual ~ClapModel() = default;

  [[nodiscard]] virtual const ModelInfo& info() const = 0;
  [[nodiscard]] virtual const DeviceChoice& device() const = 0;
  /// SHA-256 over the weights file, lower-case hex; computed on first use and remembered in the cache folder by path,
  /// size and time of change.
  [[nodiscard]] virtual std::string fingerprint() const = 0;

  /// What the text tower is fed (no padding).
  [[nodiscard]] virtual std::vector<std::int64_t> tokens(std::string_view text) const = 0;
  /// Bucketed by length, in batches; text order is kept. Too long texts are cut. `control` may be null. Errors:
  /// BadFormat where the weights give no numbers, here and in embed_audio.
  [[nodiscard]] virtual Matrix embed_texts(std::span<const std::string> texts, JobControl* control = nullptr,
                                           const ProgressFn& progress = {}) const = 0;
  [[nodiscard]] virtual TextEmbeddings embed_texts_with_words(std::span<const std::string> texts,
                                                              JobControl* control = nullptr,
                                                              const ProgressFn& progress = {}) const = 0;

  /// `samples`: windows one after the other, each window_samples long, mono at sample_rate. Thread-safe beside embed.
  [[nodiscard]] virtual AudioFeatures features(std::span<const float> samples) const = 0;
  /// One clip of any length as this family feeds it, in one go: shorter than a window: filled; longer: its first
  /// window, or for LAION's fused models the whole shrunk with front, middle and back views at fixed places.
  [[nodiscard]] virtual AudioFeatures whole_features(std::span<const float> clip) const = 0;
  [[nodiscard]] virtual AudioEmbeddings embed_audio(const AudioFeatures& features) const = 0;
  /// Both in one.
  [[nodiscard]] AudioEmbeddings embed_windows(std::span<const float> samples) const {
    return embed_audio(features(samples));
  }
  /// A short clip made as long as a window, as this family does it (repeated end to end, or padded). Longer: cut.
  [[nodiscard]] virtual std::vector<float> fill_window(std::span<const float> clip) const = 0;

  [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;
  [[nodiscard]] virtual const TextTower& text_tower() const = 0;
};

/// A model folder's facts without loading its weights into memory (config and tensor headers only).
ModelInfo inspect_model(const std::filesystem::path& path);

/// ClapModel::tokens of a model whose weights stay on disk. Errors: as ClapModel::load.
std::function<std::vector<std::int64_t>(std::string_view)> token_reader(const std::filesystem::path& path);

/// Installed models: the starter in resources_folder(), and what was added (kept as a list in
/// data_folder()/models.json).
struct InstalledModel {
  std::string name;
  std::filesystem::path path;
  bool bundled = false;
};
std::vector<InstalledModel> installed_models();
/// Errors: BadFormat/NotFound when it is no model, or its tokenizer files are missing; Usage when the name is taken.
InstalledModel install_model(const std::filesystem::path& path);
void uninstall_model(const std::string& name);  ///< forgets it; files stay. Error: Usage for the starter, NotFound.
/// A name of an installed model, or a path -> path. Error: NotFound (lists the installed names).
std::filesystem::path find_model(const std::string& name_or_path);

}  // namespace hearsay
