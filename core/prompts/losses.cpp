#include "prompts/losses.h"

#include "prompts/word_attention.h"

namespace hearsay {
namespace {

/// One row for each wanted class of each caption, against all that are not wanted.
struct Hinges {
  at::Tensor captions;  ///< [P]
  at::Tensor values;    ///< [P, K]
};

Hinges ranking_hinges(const at::Tensor& cosines, const at::Tensor& targets) {
  const at::Tensor wanted = targets.nonzero();
  const at::Tensor captions = wanted.select(1, 0);
  const at::Tensor rows = cosines.index_select(0, captions);
  const at::Tensor wanted_cosines = rows.gather(1, wanted.narrow(1, 1, 1));
  const at::Tensor unwanted = 1 - targets.index_select(0, captions).to(cosines.scalar_type());
  return {captions, at::relu(kRankMargin + kRankScale * (rows - wanted_cosines)) * unwanted};
}

}  // namespace

at::Tensor coarse_cosines(const at::Tensor& sentences, const at::Tensor& classes) {
  return sentences.matmul(classes.t());
}

at::Tensor fine_cosines(const at::Tensor& words, const at::Tensor& mask, const at::Tensor& classes) {
  return attended_cosines(words.matmul(classes.t()), mask, kWordTemperature);
}

at::Tensor cross_entropy_loss(const at::Tensor& cosines, const at::Tensor& labels, double scale) {
  return at::nll_loss(at::log_softmax(cosines * scale, 1), labels);
}

at::Tensor every_label_losses(const at::Tensor& cosines, const at::Tensor& targets, double scale) {
  return -(at::log_softmax(cosines * scale, 1) * targets).sum(1);
}

at::Tensor ranking_loss(const at::Tensor& cosines, const at::Tensor& targets) {
  return ranking_hinges(cosines, targets).values.sum() / static_cast<double>(cosines.size(0));
}

at::Tensor ranking_losses(const at::Tensor& cosines, const at::Tensor& targets) {
  const Hinges hinges = ranking_hinges(cosines, targets);
  return at::zeros({cosines.size(0)}, cosines.options()).index_add(0, hinges.captions, hinges.values.sum(1));
}

}  // namespace hearsay
