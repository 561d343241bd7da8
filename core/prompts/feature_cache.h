#pragma once
// What the text tower makes of captions, kept on disk between runs: one SQLite file, $XDG_CACHE_HOME/hearsay/
// captions.sqlite. Several processes may use it at once. It is never needed: whatever is wrong with the file is told in
// a sentence by problem(), and from then on nothing is found and nothing is kept.
//
// An entry belongs to everything that decides its bits: the weights' fingerprint, config.json, device, LibTorch's
// build, the number of threads, the tokens the tower is fed (which stand for text and tokenizer), and those of the
// texts encoded with it, since a tower's matrix products round differently in other company (1e-7). So a run gives the
// same bytes with the cache, with another's entries in it, and without. CaptionFeatures cuts captions into blocks such
// that a caption more or less changes the company of few.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace hearsay {

class ClapModel;

/// One caption as CaptionFeatures needs it.
struct CaptionFeature {
  std::vector<float> sentence;  ///< [d]
  Matrix words;                 ///< [words, d]
};

struct CacheModelUse {
  std::string model;  ///< its name when it was first used
  std::string fingerprint;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;  ///< of features
};

struct CacheContents {
  std::filesystem::path file;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;  ///< the files on disk
  std::vector<CacheModelUse> models;
  std::string problem;  ///< why it cannot be used; empty: it can
};

/// captions.sqlite in cache_folder(). Error: NotFound (no home folder), NoSpace (it cannot be made).
std::filesystem::path feature_cache_file();
/// $HEARSAY_CACHE_MB times 2^20, or 1 GiB. What is no number is taken as unset; 0 keeps nothing.
std::int64_t feature_cache_limit();
/// Errors as feature_cache_file(); what is wrong with the file itself is in `problem`.
CacheContents feature_cache_contents();
/// Removes all entries, or the files where they cannot be used. Error: NoSpace.
void clear_feature_cache();

class FeatureCache {
 public:
  /// For one run with `model`; entries found or kept by it are the last to be dropped. Never throws.
  explicit FeatureCache(const ClapModel& model);
  FeatureCache(const ClapModel& model, std::filesystem::path file, std::int64_t most_bytes);
  FeatureCache(const FeatureCache&) = delete;
  FeatureCache& operator=(const FeatureCache&) = delete;
  ~FeatureCache();  ///< cuts the file to its bound

  /// One for each text, empty where it is not known in the company of all the others given. Damaged entries are not
  /// known.
  [[nodiscard]] std::vector<std::optional<CaptionFeature>> find(std::span<const std::string> texts);
  /// Texts that were encoded together, in this order. In one transaction; the entries used longest ago make room. Stops
  /// where only this run's entries are left.
  void keep(std::span<const std::string> texts, std::span<const CaptionFeature> features);

  [[nodiscard]] std::int64_t found() const;  ///< texts of the calls of find() that knew all of theirs
  [[nodiscard]] const std::string& problem() const;
  /// For the person: "2,310 of 2,400 captions came from the cache.", or what is wrong; empty: nothing to say.
  [[nodiscard]] std::string summary() const;

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace hearsay
