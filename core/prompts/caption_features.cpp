#include "prompts/caption_features.h"

#include <algorithm>
#include <cstring>

#include "model/clap_model.h"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 1024;            // captions encoded between two reports of progress
constexpr std::int64_t kMostCells = 2'000'000;  // captions x words x classes of one batch: 8 MB a tensor

}  // namespace

CaptionFeatures::CaptionFeatures(std::vector<Caption> captions, Matrix sentences, std::vector<Matrix> words)
    : captions_(std::move(captions)), sentences_(std::move(sentences)), words_(std::move(words)) {}

CaptionFeatures CaptionFeatures::encode(const ClapModel& model, std::vector<Caption> captions, JobControl* control,
                                        const std::function<void(double)>& progress) {
  Matrix sentences(static_cast<std::int64_t>(captions.size()), model.info().embedding_dim);
  std::vector<Matrix> words;
  words.reserve(captions.size());
  for (std::size_t start = 0; start < captions.size(); start += kBlock) {
    const std::size_t end = std::min(captions.size(), start + kBlock);
    std::vector<std::string> texts;
    for (std::size_t i = start; i < end; ++i) texts.push_back(captions[i].text);
    const auto share = [&](double part) {
      const double done = static_cast<double>(start) + part * static_cast<double>(end - start);
      progress(done / static_cast<double>(captions.size()));
    };
    TextEmbeddings part = model.embed_texts_with_words(texts, control, [&](const Progress& p) { share(p.fraction); });
    std::ranges::copy(part.sentences.data, sentences.row(static_cast<std::int64_t>(start)).begin());
    std::ranges::move(part.words, std::back_inserter(words));
    share(1.0);
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
  std::ranges::stable_sort(pairs, {}, length);
  const std::int64_t columns = std::max<std::int64_t>(static_cast<std::int64_t>(classes), sentences_.cols);
  std::vector<FeatureBatch> batches;
  for (std::size_t start = 0; start < pairs.size();) {
    std::size_t end = start + 1;
    const auto fits = [&](std::size_t last) {
      return static_cast<std::int64_t>(last - start + 1) * length(pairs[last]) * columns <= kMostCells;
    };
    while (end < pairs.size() && fits(end)) ++end;
    batches.push_back(batch(std::span(pairs).subspan(start, end - start), classes, device));
    start = end;
  }
  return batches;
}

}  // namespace hearsay
