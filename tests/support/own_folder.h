#pragma once
// A folder for one test, empty at its start and gone after it.

#include <QTemporaryDir>
#include <filesystem>
#include <memory>

namespace hearsay::testing {

class OwnFolder {
 protected:
  /// Before every test; false when there is no room for one.
  bool make_folder() {
    folder_ = std::make_unique<QTemporaryDir>();
    root_ = folder_->path().toStdString();
    return folder_->isValid();
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::filesystem::path root_;
};

}  // namespace hearsay::testing
