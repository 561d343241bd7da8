#pragma once
// Loading on any device that LibTorch knows. Includes LibTorch: for core/model and tests only.

#include <ATen/ATen.h>

#include <filesystem>
#include <memory>

#include "model/clap_model.h"

namespace hearsay {

/// ClapModel::load on `device`, which `choice` names.
std::shared_ptr<ClapModel> load_on(at::Device device, DeviceChoice choice, const std::filesystem::path& path,
                                   const LoadOptions& options);

}  // namespace hearsay
