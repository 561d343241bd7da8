#pragma once
// Where a model's files lie, whatever of them was named: a folder, its weights, or a folder of the hub's cache.

#include <filesystem>
#include <string>
#include <vector>

namespace hearsay {

struct ModelFiles {
  std::filesystem::path path;     ///< what stands for the model: the folder, or one of several weights in it
  std::filesystem::path folder;   ///< of the configuration and tokenizer files
  std::filesystem::path weights;  ///< model.safetensors, pytorch_model.bin, or a .pth: the fingerprint is of this file
  std::string name;               ///< for people: the folder's, or the file's
};

/// `path`: a folder with weights; the weights themselves; or huggingface_hub's folder models--owner--name, whose
/// snapshot of refs/main is taken. Errors: NotFound, Unreadable, BadFormat (several .pth files: names them).
ModelFiles find_model_files(const std::filesystem::path& path);

/// What may be read of the model, there or not: weights, configuration, tokenizer, reference sounds.
std::vector<std::filesystem::path> possible_files(const ModelFiles& files);

}  // namespace hearsay
