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

inline at::Tensor tensor_of(const Matrix& matrix) {
  return at::from_blob(const_cast<float*>(matrix.data.data()), {matrix.rows, matrix.cols}).clone();
}

}  // namespace hearsay::testing

#define NEEDS_REFERENCE(name)                                                                                    \
  do {                                                                                                           \
    if (!std::filesystem::exists(hearsay::testing::reference(name))) QSKIP("../shared/reference is not there."); \
  } while (false)
