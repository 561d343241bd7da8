#pragma once
// From embeddings to scores, on plain floats (DESIGN section 3, "Test time"; arXiv 2309.08357 section 3;
// ../shared/reference/README-ms.md "afpt").

#include <span>
#include <vector>

#include "base/matrix.h"
#include "prompts/prompt_set.h"

namespace hearsay {

inline constexpr double kFrameTemperature = 0.10;  ///< T of the attention over frames; the tuner's for words

/// Everything one window gives for K classes.
struct WindowScores {
  std::vector<float> zero_shot;  ///< [K] cosines with the template's embeddings
  std::vector<float> coarse;     ///< [K] cosines; empty for sets that are not tuned
  std::vector<float> fine;       ///< [K] attention-weighted cosines over frames; empty likewise
  std::vector<float> fused;   ///< [K] weighted sum (PromptSet::weights; the paper's: coarse + fine), zero-shot's with
                              ///< PromptSet::anchored where there is one, less the sum of the weights times
                              ///< PromptSet::offsets; empty likewise
  double fused_weight = 2.0;  ///< sum of the weights: fused / fused_weight is a cosine
  Matrix frame_similarity;    ///< [T, K] cosines of frames with the chosen kind's class embeddings (for charts)
};

/// `clip` [d] and `frames` [T, d] are L2-normalised. `kind` chooses the class embeddings for frame_similarity.
/// `noise_correction`: weight of the clip's inner product with PromptSet::noise_drift, which is added to every cosine
/// (not to frame_similarity); 0, or a set without drift: none.
WindowScores score_window(std::span<const float> clip, const Matrix& frames, const PromptSet& prompts, ScoreKind kind,
                          bool with_frames, double noise_correction = 0.0);

/// Attention-weighted cosines over frames that come in pieces: sum_t a_tk <w_t, f_k>, a_tk = softmax over all frames of
/// <w_t, f_k> / T. The order and the size of the pieces do not matter.
class FineScore {
 public:
  explicit FineScore(std::size_t classes) : weighted_(classes), weights_(classes) {}
  /// frames [T, d], classes [K, d], L2-normalised.
  void add(const Matrix& frames, const Matrix& classes);
  [[nodiscard]] bool empty() const noexcept { return frames_ == 0; }
  [[nodiscard]] std::vector<float> value() const;  ///< [K]; zeros before the first frame

 private:
  std::vector<double> weighted_;
  std::vector<double> weights_;
  std::int64_t frames_ = 0;
};

/// As score_window, for a whole file: the mean of its windows' embeddings (normalised), and all its frames.
WindowScores score_file(std::span<const float> clip, const FineScore& fine, const PromptSet& prompts,
                        double noise_correction = 0.0);

/// For every class and kind the larger of two scores; `best` may be empty yet. Frames' similarities are left alone.
void take_larger(WindowScores& best, const WindowScores& other);

/// Cosines of L2-normalised rows: a [n, d], b [K, d] -> [n, K].
Matrix cosines(const Matrix& a, const Matrix& b);

/// The attention itself, [T, K]; every column sums to 1.
Matrix frame_attention(const Matrix& frames, const Matrix& classes);

/// Cosines of frames with the class embeddings of one kind (fused: their weighted mean), [T, K].
Matrix frame_similarity(const Matrix& frames, const PromptSet& prompts, ScoreKind kind);

/// The [K] numbers of one kind (zero-shot for a set that is not tuned).
std::span<const float> scores_of(const WindowScores& scores, ScoreKind kind);

/// softmax(scale * values).
std::vector<float> softmax(std::span<const float> values, double scale);

/// What is shown as "similarity": a cosine (fused: the weighted mean).
float similarity_of(const WindowScores& scores, ScoreKind kind, std::size_t k);

/// Class indices by falling score; ties by index; NaN last.
std::vector<int> ranking(std::span<const float> values);

/// Throws WrongModel when the set's embeddings are not `embedding_dim` wide, and Usage when it has no classes.
void check_width(const PromptSet& prompts, int embedding_dim);

}  // namespace hearsay
