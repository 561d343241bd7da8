#pragma once
// What tests of the towers share: tensors from a .safetensors file, and how far apart two tensors are.

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "model/weights.h"
#include "support/reference.h"

namespace hearsay::testing {

/// The numbers a reference file holds.
class Expected {
 public:
  explicit Expected(const std::filesystem::path& file) : checkpoint_(Checkpoint::open(file)) {}
  [[nodiscard]] bool has(const std::string& name) const { return checkpoint_->tensors().contains(name); }
  [[nodiscard]] at::Tensor operator()(const std::string& name, at::ScalarType type = at::kDouble) const {
    const auto& shape = checkpoint_->tensors().at(name).shape;
    WeightOptions options;
    options.type = type;
    return Weights(checkpoint_, options).get(name, at::IntArrayRef(shape));
  }

 private:
  std::shared_ptr<const Checkpoint> checkpoint_;
};

/// Largest absolute difference; entries beyond 1 count relative to the largest entry. Infinite for other shapes or NaN.
inline double distance(const at::Tensor& found, const at::Tensor& wanted) {
  if (found.sizes() != wanted.sizes() || found.numel() == 0) return INFINITY;
  const at::Tensor a = found.to(at::kDouble);
  const at::Tensor b = wanted.to(at::kDouble);
  const double largest = std::max(1.0, b.abs().max().item<double>());
  const double difference = (a - b).abs().max().item<double>();
  return difference == difference ? difference / largest : INFINITY;
}

inline std::filesystem::path test_data(const std::string& name) {
  return std::filesystem::path(HEARSAY_TEST_DATA) / name;
}

}  // namespace hearsay::testing

/// Fails naming the difference; prints it with HEARSAY_SHOW_DISTANCES set.
#define CLOSE(found, wanted, tolerance)                                                                    \
  do {                                                                                                     \
    const double distance_ = hearsay::testing::distance((found), (wanted));                                \
    if (qEnvironmentVariableIsSet("HEARSAY_SHOW_DISTANCES")) qInfo("%s: %.2e", #wanted, distance_);        \
    QVERIFY2(distance_ <= (tolerance), qPrintable(QStringLiteral(#found " is off by %1").arg(distance_))); \
  } while (false)
