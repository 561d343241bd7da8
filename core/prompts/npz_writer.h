#pragma once
// NumPy's .npz: a zip archive of .npy arrays, stored without compression (numpy.lib.format, version 1.0; PKWARE
// APPNOTE 6.3.10). Files beyond 4 GiB are refused.

#include <filesystem>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace hearsay {

class NpzWriter {
 public:
  void add(const std::string& name, const Matrix& matrix);
  void add(const std::string& name, double scalar);
  /// UTF-8 texts as a NumPy array of strings.
  void add(const std::string& name, const std::vector<std::string>& texts);
  /// Atomic. Errors: NoSpace; Usage for more than the format holds.
  void write(const std::filesystem::path& file) const;

 private:
  struct Entry {
    std::string name;
    std::string bytes;
  };
  std::vector<Entry> entries_;
};

}  // namespace hearsay
