#include "prompts/losses.h"

namespace hearsay {
namespace {

// What padding gets in place of its cosine. Finite, so that a text without any real word gives 0 and not NaN; beside
// real words its share is exp(-1e30) = 0 exactly.
constexpr double kMasked = -1e30;

}  // namespace

at::Tensor coarse_cosines(const at::Tensor& sentences, const at::Tensor& classes) {
  return sentences.matmul(classes.t());
}

at::Tensor fine_cosines(const at::Tensor& words, const at::Tensor& mask, const at::Tensor& classes) {
  const at::Tensor cosines = words.matmul(classes.t());
  const at::Tensor padding = mask.logical_not().unsqueeze(-1);
  const at::Tensor attention = at::softmax((cosines / kWordTemperature).masked_fill(padding, kMasked), 1);
  return (attention * cosines).sum(1);
}

at::Tensor cross_entropy_loss(const at::Tensor& cosines, const at::Tensor& labels, double scale) {
  return at::nll_loss(at::log_softmax(cosines * scale, 1), labels);
}

at::Tensor ranking_loss(const at::Tensor& cosines, const at::Tensor& targets) {
  // One row for each wanted class of each caption, against all that are not wanted: [P, K].
  const at::Tensor wanted = targets.nonzero();
  const at::Tensor captions = wanted.select(1, 0);
  const at::Tensor rows = cosines.index_select(0, captions);
  const at::Tensor wanted_cosines = rows.gather(1, wanted.narrow(1, 1, 1));
  const at::Tensor unwanted = 1 - targets.index_select(0, captions).to(cosines.scalar_type());
  const at::Tensor hinges = at::relu(kRankMargin + kRankScale * (rows - wanted_cosines)) * unwanted;
  return hinges.sum() / static_cast<double>(cosines.size(0));
}

}  // namespace hearsay
