#pragma once
// What tests of the field's checkpoints share: where they lie, texts and sounds in them.

#include <QtTest>

#include <nlohmann/json.hpp>

#include "model/families.h"
#include "tensors.h"

namespace hearsay::testing {

/// A reference model taken apart, in float32 or float64.
struct Opened {
  ModelSource source;
  ModelInfo info;
  ModelParts parts;
};

inline Opened open_parts(const std::filesystem::path& path, at::ScalarType type = at::kFloat) {
  Opened opened;
  opened.source = open_model(path);
  const Family& family = family_of(opened.source);
  opened.info = family.describe(opened.source);
  WeightOptions options;
  options.type = type;
  opened.parts = family.build(opened.source, opened.info, Weights(opened.source.checkpoint, options));
  return opened;
}

/// Padded ids and their mask as lists without padding.
inline std::vector<TokenIds> unpadded(const at::Tensor& ids, const at::Tensor& mask) {
  std::vector<TokenIds> result;
  for (std::int64_t i = 0; i < ids.size(0); ++i) {
    const at::Tensor row = ids[i].narrow(0, 0, mask[i].sum().item<std::int64_t>()).to(at::kLong).contiguous();
    result.emplace_back(row.data_ptr<std::int64_t>(), row.data_ptr<std::int64_t>() + row.numel());
  }
  return result;
}

/// A list of texts in the metadata, by itself (Microsoft's) or inside `info` (Hugging Face's).
inline std::vector<std::string> listed(const std::filesystem::path& expected, const std::string& key) {
  const auto file = SafetensorsFile::open(expected);
  const auto& metadata = file.metadata();
  const auto alone = metadata.find(key);
  const auto values = alone != metadata.end() ? nlohmann::json::parse(alone->second)
                                              : nlohmann::json::parse(metadata.at("info")).at(key);
  return values.get<std::vector<std::string>>();
}

inline std::vector<float> samples_of(const at::Tensor& wave) {
  const at::Tensor plain = wave.to(at::kFloat).contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

/// A sound of Hugging Face's folders; the long one of the small set is its short one again and again.
inline std::vector<float> waveform(const Expected& waves, int clip) {
  if (waves.has(std::to_string(clip) + ".waveform")) return samples_of(waves(std::to_string(clip) + ".waveform"));
  const std::vector<float> part = samples_of(waves("1.waveform"));
  std::vector<float> result;
  while (result.size() < 600000) result.insert(result.end(), part.begin(), part.end());
  return result;
}

/// What Microsoft's tower is fed. The small set has the first sound's log-mel and the samples of its first frames.
inline at::Tensor microsoft_log_mel(const Expected& expected, const Opened& model) {
  const at::Tensor wanted = expected("audio.logmel", at::kFloat);
  at::Tensor waves = expected("audio.waveform_i16", at::kFloat) / 32768.0;
  if (!small_reference()) return model.parts.front_end->windows(samples_of(waves)).log_mel;
  const std::int64_t whole = (waves.size(1) - 512) / model.info.mel.hop;
  std::vector<float> samples = samples_of(waves);
  samples.resize(static_cast<std::size_t>(model.info.window_samples));
  const at::Tensor found = model.parts.front_end->windows(samples).log_mel;
  const double off = distance(found.narrow(1, 0, whole) / 100.0, wanted.narrow(1, 0, whole) / 100.0);
  if (!(off < 2e-5)) throw std::runtime_error("The first frames are off by " + std::to_string(100 * off) + " dB.");
  return wanted;
}

/// As many rows as were fed: the small set feeds the first sound alone.
inline at::Tensor rows_like(const at::Tensor& wanted, const at::Tensor& found) {
  return wanted.narrow(0, 0, std::min(wanted.size(0), found.size(0)));
}

inline at::Tensor tensor_of(const Matrix& matrix) {
  return at::from_blob(const_cast<float*>(matrix.data.data()), {matrix.rows, matrix.cols}).clone();
}

}  // namespace hearsay::testing
