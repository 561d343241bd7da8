#include "model/text_batch.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace hearsay {

TextBatch make_text_batch(std::span<const TokenIds> texts, std::int64_t pad, std::int64_t vocabulary, std::int64_t most,
                          at::Device device) {
  if (texts.empty()) throw Error(ErrorKind::Internal, "The text tower was given no text.");
  TextBatch batch;
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
  for (const TokenIds& ids : texts) {
    const auto length = static_cast<std::int64_t>(ids.size());
    batch.longest = std::max(batch.longest, length);
    shortest = std::min(shortest, length);
  }
  if (shortest == 0) throw Error(ErrorKind::Internal, "The text tower was given a text without tokens.");
  if (batch.longest > most) {
    throw Error(ErrorKind::Usage, "A text is " + std::to_string(batch.longest) +
                                      " tokens long; this model takes at most " + std::to_string(most) +
                                      ". Shorten it, or use fewer context tokens.");
  }
  batch.ragged = shortest < batch.longest;
  const auto count = static_cast<std::int64_t>(texts.size());
  batch.ids = at::full({count, batch.longest}, pad, at::kLong);
  batch.lengths = at::empty({count}, at::kLong);
  auto* ids = batch.ids.data_ptr<std::int64_t>();
  auto* lengths = batch.lengths.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool known = std::ranges::all_of(texts[i], [&](std::int64_t id) { return id >= 0 && id < vocabulary; });
    if (!known) throw Error(ErrorKind::BadFormat, "The tokenizer gives ids that the model's vocabulary does not have.");
    std::ranges::copy(texts[i], ids + static_cast<std::int64_t>(i) * batch.longest);
    lengths[i] = static_cast<std::int64_t>(texts[i].size());
  }
  batch.ids = batch.ids.to(device);
  batch.lengths = batch.lengths.to(device);
  return batch;
}

at::Tensor for_every_set(const at::Tensor& of_classes, std::int64_t sets) {
  const at::IntArrayRef size = of_classes.sizes();
  return of_classes.unsqueeze(0).expand({sets, size[0], size[1], size[2]}).reshape({sets * size[0], size[1], size[2]});
}

at::Tensor for_every_class(const at::Tensor& of_sets, std::int64_t classes) {
  const at::IntArrayRef size = of_sets.sizes();
  return of_sets.unsqueeze(1)
      .expand({size[0], classes, size[1], size[2]})
      .reshape({size[0] * classes, size[1], size[2]});
}

at::Tensor embedding_rows(const at::Tensor& words, std::span<const std::int64_t> ids) {
  const TokenIds row(ids.begin(), ids.end());
  const TextBatch batch =
      make_text_batch(std::span(&row, 1), 0, words.size(0), static_cast<std::int64_t>(row.size()), words.device());
  return at::embedding(words, batch.ids[0]);
}

at::Tensor real_places(const at::Tensor& lengths, std::int64_t longest) {
  return at::arange(longest, lengths.options()).unsqueeze(0) < lengths.unsqueeze(1);
}

at::Tensor key_mask(const at::Tensor& real, at::ScalarType type) {
  const at::Tensor open = at::zeros(real.sizes(), real.options().dtype(type));
  return open.masked_fill(real.logical_not(), -std::numeric_limits<double>::infinity()).unsqueeze(1).unsqueeze(1);
}

}  // namespace hearsay
