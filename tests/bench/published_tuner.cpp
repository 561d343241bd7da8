#include "published_tuner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "eager_towers.h"
#include "model/bert_tower.h"
#include "model/clap_model.h"
#include "model/gpt2_tower.h"
#include "prompts/losses.h"

namespace hearsay::bench {

namespace {

constexpr std::int64_t kPadded = 100;
constexpr double kScale = 1.0 / 0.07;

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, -1, true);
}

Matrix to_matrix(const at::Tensor& rows) {
  const at::Tensor plain = rows.to(at::kCPU, at::kFloat).contiguous();
  Matrix matrix(plain.size(0), plain.size(1));
  std::memcpy(matrix.data.data(), plain.data_ptr<float>(), matrix.data.size() * sizeof(float));
  return matrix;
}

std::unique_ptr<TextTower> our_tower(Published which, const WeightOptions& as) {
  const Weights weights = text_weights(which, as);
  const Weights end = text_projection(which, as);
  if (which == Published::Microsoft2023) {
    return std::make_unique<Gpt2Tower>(weights, Gpt2Config{}, Projection::residual(end, 768));
  }
  BertConfig config;
  config.roberta = which != Published::Microsoft2022;
  config.pad = config.roberta ? 1 : 0;
  return std::make_unique<BertTower>(
      weights, config,
      config.roberta
          ? Projection::plain(end, 768, Activation::Relu, Linear::load(weights.under("pooler.dense"), 768, 768))
          : Projection::residual(end, 768));
}

/// The starter's words through a tower of published size.
class TextModel final : public ClapModel {
 public:
  TextModel(Published which, const WeightOptions& as)
      : tower_(our_tower(which, as)), device_{as.device.is_cuda(), 0, as.device.str()} {
    LoadOptions options;
    options.device = "cpu";
    words_ = ClapModel::load(resources_folder() / "starter", options);
    info_.name = text_name_of(which) + " with random weights";
    info_.embedding_dim = tower_->embedding_dim();
    info_.text_width = tower_->width();
    info_.max_text_tokens = tower_->max_tokens();
    info_.logit_scale = kScale;
  }
  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const DeviceChoice& device() const override { return device_; }
  [[nodiscard]] std::string fingerprint() const override { return std::string(64, '0'); }
  [[nodiscard]] std::vector<std::int64_t> tokens(std::string_view text) const override { return words_->tokens(text); }
  [[nodiscard]] Matrix embed_texts(std::span<const std::string> texts, JobControl* control,
                                   const ProgressFn& progress) const override {
    return embed_texts_with_words(texts, control, progress).sentences;
  }
  [[nodiscard]] TextEmbeddings embed_texts_with_words(std::span<const std::string> texts, JobControl*,
                                                      const ProgressFn&) const override {
    std::vector<TokenIds> ids;
    for (const std::string& text : texts) ids.push_back(tokens(text));
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return ids[i].size(); });
    TextEmbeddings all;
    all.sentences = Matrix(static_cast<std::int64_t>(ids.size()), info_.embedding_dim);
    all.words.resize(ids.size());
    constexpr std::size_t kTogether = 64;
    for (std::size_t start = 0; start < order.size(); start += kTogether) {
      const std::size_t end = std::min(order.size(), start + kTogether);
      std::vector<TokenIds> batch;
      for (std::size_t i = start; i < end; ++i) batch.push_back(ids[order[i]]);
      const TextOutput out = tower_->encode(batch, true);
      const Matrix sentences = to_matrix(unit(out.sentence));
      for (std::size_t i = start; i < end; ++i) {
        const auto row = static_cast<std::int64_t>(i - start);
        std::ranges::copy(sentences.row(row), all.sentences.row(static_cast<std::int64_t>(order[i])).begin());
        const at::Tensor real = out.word_mask[row].nonzero().squeeze(1);
        all.words[order[i]] = to_matrix(unit(out.words[row].index_select(0, real)));
      }
    }
    return all;
  }
  [[nodiscard]] AudioFeatures features(std::span<const float>) const override { return no_audio(); }
  [[nodiscard]] AudioFeatures whole_features(std::span<const float>) const override { return no_audio(); }
  [[nodiscard]] AudioEmbeddings embed_audio(const AudioFeatures&) const override {
    no_audio();
    return {};
  }
  [[nodiscard]] std::vector<float> fill_window(std::span<const float>) const override {
    no_audio();
    return {};
  }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return words_->tokenizer(); }
  [[nodiscard]] const TextTower& text_tower() const override { return *tower_; }

 private:
  [[noreturn]] static AudioFeatures no_audio() {
    throw Error(ErrorKind::Usage, "This model of the benchmark has no audio tower.");
  }
  std::unique_ptr<TextTower> tower_;
  DeviceChoice device_;
  std::shared_ptr<ClapModel> words_;
  ModelInfo info_;
};

}  // namespace

std::string text_name_of(Published which) {
  if (which == Published::Microsoft2022) return "BERT-base";
  return which == Published::Microsoft2023 ? "GPT-2" : "RoBERTa-base";
}

/// The tower operation by operation, with what differs between BERT and GPT-2 in a padded batch.
class PublishedSize::Eager {
 public:
  explicit Eager(Published which) : contexts_first_(which == Published::Microsoft2023) {
    const Weights weights = text_weights(which);
    const Weights end = text_projection(which);
    if (contexts_first_) {
      take(std::make_shared<EagerGpt2>(weights, end));
    } else {
      take(std::make_shared<EagerBert>(weights, end, which != Published::Microsoft2022));
    }
  }

  struct Padded {
    at::Tensor ids;      ///< [B, L]
    at::Tensor mask;     ///< [B, 1, 1, kPadded], added to the scores
    at::Tensor lengths;  ///< [B]
  };
  /// `before`: places that contexts take.
  static Padded pad(std::span<const TokenIds> texts, std::int64_t before) {
    const auto count = static_cast<std::int64_t>(texts.size());
    Padded padded{at::zeros({count, kPadded - before}, at::kLong), at::zeros({count, 1, 1, kPadded}),
                  at::zeros({count}, at::kLong)};
    for (std::int64_t i = 0; i < count; ++i) {
      const TokenIds& text = texts[static_cast<std::size_t>(i)];
      const std::int64_t length = std::min<std::int64_t>(static_cast<std::int64_t>(text.size()), kPadded - before);
      std::copy_n(text.begin(), length, padded.ids[i].data_ptr<std::int64_t>());
      padded.mask[i].slice(2, before + length).fill_(-1e9);
      padded.lengths[i].fill_(before + length);
    }
    return padded;
  }

  /// Sentences [B, d] and words [B, kPadded, d], L2-normalised, and which places hold a word.
  struct Captions {
    at::Tensor sentences;
    at::Tensor words;
    at::Tensor mask;
  };
  [[nodiscard]] Captions captions(std::span<const TokenIds> texts) const {
    const Padded padded = pad(texts, 0);
    const at::Tensor all = unit(project_(hidden_(words_(padded.ids), padded.mask)));
    const at::Tensor place = at::arange(kPadded, at::kLong).unsqueeze(0);
    const at::Tensor length = padded.lengths.unsqueeze(1);
    const at::Tensor mask = contexts_first_ ? place < length - 1 : (place >= 1).logical_and(place < length);
    return {at_sentence(all, padded.lengths), all, mask};
  }

  /// Class embeddings [K, d], L2-normalised.
  [[nodiscard]] at::Tensor classes(const at::Tensor& context, std::span<const TokenIds> names) const {
    const Padded padded = pad(names, context.size(0));
    const at::Tensor words = words_(padded.ids);
    const at::Tensor contexts = context.unsqueeze(0).expand({words.size(0), -1, -1});
    const std::int64_t first = contexts_first_ ? 0 : 1;
    const at::Tensor x =
        at::cat({words.narrow(1, 0, first), contexts, words.narrow(1, first, words.size(1) - first)}, 1);
    return unit(project_(at_sentence(hidden_(x, padded.mask), padded.lengths)));
  }

 private:
  template <class Tower>
  void take(const std::shared_ptr<Tower>& tower) {
    words_ = [tower](const at::Tensor& ids) { return tower->words(ids); };
    hidden_ = [tower](const at::Tensor& x, const at::Tensor& mask) { return tower->hidden(x, mask); };
    project_ = [tower](const at::Tensor& x) { return tower->project(x); };
  }
  [[nodiscard]] at::Tensor at_sentence(const at::Tensor& x, const at::Tensor& lengths) const {
    if (!contexts_first_) return x.select(1, 0);
    const at::Tensor last = (lengths - 1).view({-1, 1, 1}).expand({-1, 1, x.size(2)});
    return x.gather(1, last).squeeze(1);
  }

  bool contexts_first_;
  std::function<at::Tensor(const at::Tensor&)> words_;
  std::function<at::Tensor(const at::Tensor&, const at::Tensor&)> hidden_;
  std::function<at::Tensor(const at::Tensor&)> project_;
};

PublishedSize::PublishedSize(Published which, const WeightOptions& as)
    : eager_(std::make_unique<Eager>(which)), model_(std::make_unique<TextModel>(which, as)) {}
PublishedSize::~PublishedSize() = default;

at::Tensor PublishedSize::published_gradient(const at::Tensor& contexts, std::span<const TokenIds> names,
                                             std::span<const TokenIds> texts,
                                             std::span<const std::int64_t> labels) const {
  const at::Tensor leaf = contexts.detach().clone().set_requires_grad(true);
  const Eager::Captions captions = eager_->captions(texts);
  const at::Tensor wanted = at::tensor(at::ArrayRef<std::int64_t>(labels.data(), labels.size()), at::kLong);
  const at::Tensor coarse = coarse_cosines(captions.sentences, eager_->classes(leaf[0], names));
  const at::Tensor fine = fine_cosines(captions.words, captions.mask, eager_->classes(leaf[1], names));
  (cross_entropy_loss(coarse, wanted, kScale) + cross_entropy_loss(fine, wanted, kScale)).backward();
  return leaf.grad();
}

}  // namespace hearsay::bench
