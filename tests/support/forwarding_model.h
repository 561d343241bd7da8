#pragma once
// A model that is another one but for what a test changes. No LibTorch here.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/clap_model.h"

namespace hearsay::testing {

class ForwardingModel : public ClapModel {
 public:
  explicit ForwardingModel(std::shared_ptr<ClapModel> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] const ModelInfo& info() const override { return inner_->info(); }
  [[nodiscard]] const DeviceChoice& device() const override { return inner_->device(); }
  [[nodiscard]] std::string fingerprint() const override { return inner_->fingerprint(); }
  [[nodiscard]] std::vector<std::int64_t> tokens(std::string_view text) const override { return inner_->tokens(text); }
  [[nodiscard]] Matrix embed_texts(std::span<const std::string> texts, JobControl* control,
                                   const ProgressFn& progress) const override {
    return inner_->embed_texts(texts, control, progress);
  }
  [[nodiscard]] TextEmbeddings embed_texts_with_words(std::span<const std::string> texts, JobControl* control,
                                                      const ProgressFn& progress) const override {
    return inner_->embed_texts_with_words(texts, control, progress);
  }
  [[nodiscard]] AudioFeatures features(std::span<const float> samples) const override {
    return inner_->features(samples);
  }
  [[nodiscard]] AudioFeatures whole_features(std::span<const float> clip) const override {
    return inner_->whole_features(clip);
  }
  [[nodiscard]] AudioEmbeddings embed_audio(const AudioFeatures& features) const override {
    return inner_->embed_audio(features);
  }
  [[nodiscard]] std::vector<float> fill_window(std::span<const float> clip) const override {
    return inner_->fill_window(clip);
  }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return inner_->tokenizer(); }
  [[nodiscard]] const TextTower& text_tower() const override { return inner_->text_tower(); }

 protected:
  [[nodiscard]] ClapModel& inner() const { return *inner_; }

 private:
  std::shared_ptr<ClapModel> inner_;
};

}  // namespace hearsay::testing
