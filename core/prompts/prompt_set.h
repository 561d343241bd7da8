#pragma once
// A tuned prompt set: contexts, class embeddings and where they come from; one .safetensors file (DESIGN section 6).

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "prompts/class_list.h"

namespace hearsay {

class ClapModel;
class JobControl;

enum class ScoreKind { ZeroShot, Coarse, Fine, Fused };
std::string_view score_name(ScoreKind kind) noexcept;  ///< "zero-shot", "coarse", "fine", "fused"
/// Error: Usage.
ScoreKind parse_score(std::string_view name);

/// What coarse, fine and zero-shot cosines are multiplied by before they are added to the fused score. 1, 1, 0 is the
/// paper's coarse + fine; weights that were chosen on held-out text are shares that sum to 1.
struct ScoreWeights {
  double coarse = 1.0;
  double fine = 1.0;
  double zero_shot = 0.0;
  [[nodiscard]] double sum() const noexcept { return coarse + fine + zero_shot; }
  bool operator==(const ScoreWeights&) const = default;
};
/// From this probability on a class counts as heard where nobody has said otherwise.
inline constexpr double kUsualThreshold = 0.5;
/// The share that zero-shot keeps at least when held-out text chooses (score_weights.h says why).
inline constexpr double kLeastZeroShot = 0.8;

struct CurvePoint {
  int step = 0;
  double loss = 0.0;
  double coarse_loss = 0.0;
  double fine_loss = 0.0;
};

/// Share of held-out captions whose best class is right.
struct TextAccuracy {
  double zero_shot = 0.0;
  double coarse = 0.0;
  double fine = 0.0;
  double fused = 0.0;
};

/// Of tuned classes and of those held out of tuning: high only when both are. 0 when either is.
double harmonic_mean(double seen, double unseen) noexcept;
TextAccuracy harmonic_mean(const TextAccuracy& seen, const TextAccuracy& unseen) noexcept;  ///< score by score

struct HeldOutPoint {
  int step = 0;
  TextAccuracy accuracy;
};

struct PromptSet {
  ClassList classes;
  std::string text_template{kDefaultTemplate};
  bool tuned = false;     ///< false: zero-shot only; the contexts and the two tuned matrices are empty
  Matrix coarse_context;  ///< [N, h]
  Matrix fine_context;    ///< [N, h]
  Matrix zero_shot;       ///< [K, d], L2-normalised
  Matrix coarse;          ///< [K, d], L2-normalised
  Matrix fine;            ///< [K, d], L2-normalised
  Matrix anchored;  ///< [K, d], L2-normalised: zero_shot drawn towards names the audio tower has met (familiarity.h);
                    ///< has its place in the fused score; empty: zero_shot itself
  Matrix noise_drift;  ///< [K, d], where noise moves each class's text (noise_drift.h); empty: never asked for
  double logit_scale = 1.0;
  ScoreKind preferred = ScoreKind::Fused;  ///< zero-shot when tuning did not beat the template on held-out text
  ScoreWeights weights;                    ///< of the fused score
  std::vector<double> offsets;      ///< [K], taken off the fused score's cosines (reference_sounds.h); empty: none
  std::vector<std::string> unseen;  ///< names of the classes that were held out of tuning
  std::vector<double> thresholds;   ///< [K], 0..1: from which probability on a class counts as heard; empty: usual

  std::string model_name;
  std::string model_fingerprint;
  std::string recipe;  ///< JSON: name, steps, lr, batch, ...
  std::uint64_t seed = 0;
  std::string text_hash;
  std::vector<CurvePoint> curve;
  std::vector<HeldOutPoint> held_out_curve;
  TextAccuracy held_out;
  std::string created_by;  ///< "hearsay 0.1.0"
  std::string created_at;  ///< ISO 8601, UTC; the window's, not the tuner's: else load_prompts takes the file's time

  [[nodiscard]] std::size_t size() const noexcept { return classes.size(); }
  /// What the fused score's zero-shot part is made with.
  [[nodiscard]] const Matrix& anchor() const noexcept { return anchored.empty() ? zero_shot : anchored; }
};

/// For each class whether it was held out of tuning.
std::vector<bool> unseen_classes(const PromptSet& prompts);

/// The template's embeddings for a class list: what works before any tuning. Aliases and descriptions, when given, are
/// further prompts whose embeddings are averaged with the name's. `control` may be null. Error: Cancelled.
PromptSet zero_shot_prompts(const ClapModel& model, const ClassList& classes,
                            const std::string& text_template = std::string(kDefaultTemplate),
                            JobControl* control = nullptr);

/// Atomic. Error: NoSpace.
void save_prompts(const PromptSet& prompts, const std::filesystem::path& file);
/// Errors: NotFound, Unreadable, BadFormat (truncated, hostile, not a prompt set; shapes are checked against each
/// other).
PromptSet load_prompts(const std::filesystem::path& file);
/// Throws WrongModel with both fingerprints named unless the set was made with this model. `file`: where the set came
/// from, for the sentence.
void check_prompts_fit(const PromptSet& prompts, const ClapModel& model, const std::filesystem::path& file = {});

/// `format`: "json", "csv" (class, score kind, embedding values), "npz". Errors: Usage, NoSpace.
void export_prompts(const PromptSet& prompts, const std::string& format, const std::filesystem::path& file);
/// What `prompts show` prints: JSON without the matrices.
std::string describe_prompts(const PromptSet& prompts);

}  // namespace hearsay
