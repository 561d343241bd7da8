#include "prompts/caption_features.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "model/clap_model.h"
#include "prompts/feature_cache.h"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 1024;  // most captions encoded together
constexpr std::size_t kOneIn = 384;   // texts ends a block; of wide towers one in a third, so that a crash loses little
// Captions x words x the features of a word, or classes where those are more, of one batch: 8 MB a tensor. On a CPU so
// few that the words are in its cache still when the gradient needs them, and that every thread gets as much to do.
constexpr std::int64_t kMostCells = 2'000'000;
constexpr std::int64_t kMostCellsOfCpu = 500'000;

/// Texts in order of their first use: equal ones would differ in their last bits where they fell into other batches.
struct DistinctTexts {
  std::vector<std::string> all;
  std::vector<std::size_t> first;  ///< of each text: its first caption
  std::vector<std::size_t> of;     ///< of each caption: its text
};

DistinctTexts distinct(const std::vector<Caption>& captions) {
  DistinctTexts texts;
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    const auto [entry, added] = known.try_emplace(captions[i].text, texts.all.size());
    texts.of.push_back(entry->second);
    if (!added) continue;
    texts.all.push_back(captions[i].text);
    texts.first.push_back(i);
  }
  return texts;
}

/// Where the block that begins at `start` ends. The texts themselves say so, so that one more or less moves the ends
/// near it only and the cache still knows the other blocks. `parts`: how much shorter blocks are than usual.
std::size_t end_of_block(const std::vector<std::string>& all, std::size_t start, std::size_t parts) {
  const std::size_t most = std::min(all.size(), start + kBlock / parts);
  for (std::size_t i = start; i < most; ++i) {
    if (std::hash<std::string>{}(all[i]) % (kOneIn / parts) == 0) return i + 1;
  }
  return most;
}

/// One block by the tower.
std::vector<CaptionFeature> encode_block(const ClapModel& model, std::span<const std::string> texts,
                                         JobControl* control, const std::function<void(double)>& progress) {
  TextEmbeddings made = model.embed_texts_with_words({texts.begin(), texts.end()}, control,
                                                     [&](const Progress& p) { progress(p.fraction); });
  std::vector<CaptionFeature> features;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = made.sentences.row(static_cast<std::int64_t>(i));
    features.push_back({{row.begin(), row.end()}, std::move(made.words[i])});
  }
  return features;
}

/// One block from the cache, where it knows all of it.
std::optional<std::vector<CaptionFeature>> known_block(FeatureCache* cache, std::span<const std::string> texts) {
  if (cache == nullptr) return std::nullopt;
  std::vector<CaptionFeature> features;
  for (std::optional<CaptionFeature>& feature : cache->find(texts)) {
    if (!feature) return std::nullopt;
    features.push_back(std::move(*feature));
  }
  return features;
}

}  // namespace

CaptionFeatures::CaptionFeatures(std::vector<Caption> captions, Matrix sentences, std::vector<Matrix> words)
    : captions_(std::move(captions)), sentences_(std::move(sentences)), words_(std::move(words)) {}

CaptionFeatures CaptionFeatures::encode(const ClapModel& model, std::vector<Caption> captions, JobControl* control,
                                        const std::function<void(double)>& progress, FeatureCache* cache) {
  const DistinctTexts texts = distinct(captions);
  std::vector<CaptionFeature> features;
  const auto tell = [&](double done) {
    if (progress) progress(done / static_cast<double>(texts.all.size()));
  };
  const std::size_t parts = model.info().text_width > kWideTower ? 3 : 1;
  while (features.size() < texts.all.size()) {
    const std::size_t start = features.size();
    const auto block = std::span(texts.all).subspan(start, end_of_block(texts.all, start, parts) - start);
    auto made = known_block(cache, block);
    if (!made) {
      made = encode_block(model, block, control, [&](double part) {
        tell(static_cast<double>(start) + part * static_cast<double>(block.size()));
      });
      if (cache != nullptr) cache->keep(block, *made);
    }
    std::ranges::move(*made, std::back_inserter(features));
    tell(static_cast<double>(features.size()));
  }
  Matrix sentences(static_cast<std::int64_t>(captions.size()), model.info().embedding_dim);
  std::vector<Matrix> words(captions.size());
  for (std::size_t i = captions.size(); i-- > 0;) {  // the first of equal texts may take what is there
    CaptionFeature& feature = features[texts.of[i]];
    std::ranges::copy(feature.sentence, sentences.row(static_cast<std::int64_t>(i)).begin());
    words[i] = texts.first[texts.of[i]] == i ? std::move(feature.words) : feature.words;
  }
  return {std::move(captions), std::move(sentences), std::move(words)};
}

std::vector<TrainingPair> CaptionFeatures::pairs(bool multi_label) const {
  std::vector<TrainingPair> pairs;
  for (std::size_t i = 0; i < captions_.size(); ++i) {
    for (const int label : captions_[i].labels) {
      pairs.push_back({i, label});
      if (multi_label) break;
    }
  }
  return pairs;
}

FeatureBatch CaptionFeatures::batch(std::span<const TrainingPair> pairs, std::size_t classes, at::Device device) const {
  const auto count = static_cast<std::int64_t>(pairs.size());
  const std::int64_t dim = sentences_.cols;
  std::int64_t longest = 1;
  for (const TrainingPair& pair : pairs) longest = std::max(longest, words_[pair.caption].rows);
  FeatureBatch batch;
  batch.sentences = at::empty({count, dim}, at::kFloat);
  batch.words = at::zeros({count, longest, dim}, at::kFloat);
  batch.mask = at::zeros({count, longest}, at::kBool);
  batch.labels = at::empty({count}, at::kLong);
  batch.targets = at::zeros({count, static_cast<std::int64_t>(classes)}, at::kFloat);
  for (std::int64_t i = 0; i < count; ++i) {
    const TrainingPair& pair = pairs[static_cast<std::size_t>(i)];
    const Matrix& words = words_[pair.caption];
    std::ranges::copy(sentences_.row(static_cast<std::int64_t>(pair.caption)),
                      batch.sentences.data_ptr<float>() + i * dim);
    std::ranges::copy(words.data, batch.words.data_ptr<float>() + i * longest * dim);
    std::fill_n(batch.mask.data_ptr<bool>() + i * longest, words.rows, true);
    batch.labels.data_ptr<std::int64_t>()[i] = pair.label;
    for (const int label : captions_[pair.caption].labels) {
      batch.targets.data_ptr<float>()[i * static_cast<std::int64_t>(classes) + label] = 1.0F;
    }
  }
  if (device.is_cpu()) return batch;
  return {batch.sentences.to(device), batch.words.to(device), batch.mask.to(device), batch.labels.to(device),
          batch.targets.to(device)};
}

std::vector<FeatureBatch> CaptionFeatures::batches(std::vector<TrainingPair> pairs, std::size_t classes,
                                                   at::Device device) const {
  const auto length = [this](const TrainingPair& pair) { return words_[pair.caption].rows; };
  const std::int64_t columns = std::max<std::int64_t>(static_cast<std::int64_t>(classes), sentences_.cols);
  const std::int64_t most = device.is_cpu() ? kMostCellsOfCpu : kMostCells;
  std::int64_t longest = 0;
  for (const TrainingPair& pair : pairs) longest = std::max(longest, length(pair));
  if (static_cast<std::int64_t>(pairs.size()) * longest * columns <= most) {
    if (pairs.empty()) return {};
    return {batch(pairs, classes, device)};
  }
  std::ranges::stable_sort(pairs, {}, length);
  std::vector<FeatureBatch> batches;
  for (std::size_t start = 0; start < pairs.size();) {
    std::size_t end = start + 1;
    const auto fits = [&](std::size_t last) {
      return static_cast<std::int64_t>(last - start + 1) * length(pairs[last]) * columns <= most;
    };
    while (end < pairs.size() && fits(end)) ++end;
    batches.push_back(batch(std::span(pairs).subspan(start, end - start), classes, device));
    start = end;
  }
  return batches;
}

}  // namespace hearsay
