#pragma once
// A temporary folder with a few sound files (empty ones: the session never reads them) and a session over it.

#include <QTemporaryDir>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "labels/session.h"

namespace session_fixture {

using namespace hearsay;
using Names = std::vector<std::string>;
using ClassIds = std::vector<ClassId>;
using ClipIds = std::vector<ClipId>;

inline void touch(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << "x";
}

struct Fixture {
  Fixture() {
    for (const char* name : {"rain.wav", "dogs/bark.wav", "dogs/howl.wav", "siren.flac"}) touch(sounds() / name);
  }
  [[nodiscard]] std::filesystem::path root() const { return folder.path().toStdString(); }
  [[nodiscard]] std::filesystem::path sounds() const { return root() / "sounds"; }
  [[nodiscard]] std::filesystem::path file() const { return root() / "work.hearsay-labels"; }

  /// Clips 1 rain (10 s), 2 bark (4 s), 3 howl (length unknown), 4 siren (2.5 s); classes 1 dog, 2 rain, 3 siren.
  [[nodiscard]] LabelSession create() const {
    const std::vector<SessionFile> files = {{sounds() / "rain.wav", 10.0},
                                            {sounds() / "dogs/bark.wav", 4.0},
                                            {sounds() / "dogs/howl.wav", 0.0},
                                            {sounds() / "siren.flac", 2.5}};
    return LabelSession::create(file(), sounds(), files, Names{"dog", "rain", "siren"});
  }
  [[nodiscard]] LabelSession open() const { return LabelSession::open(file()); }

  QTemporaryDir folder;
};

/// The kind of the Error an act throws; none if it throws no Error.
inline std::optional<ErrorKind> kind_of(const std::function<void()>& act, std::string* message = nullptr) {
  try {
    act();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  return std::nullopt;
}

/// All a person decided, as text, to compare sessions by.
inline std::string decisions(const LabelSession& session) {
  std::string text;
  for (const auto& one : session.classes()) text += std::to_string(one.id) + one.name + ";";
  for (const Clip& clip : session.clips()) {
    text += "\n" + clip.name + " " + std::to_string(static_cast<int>(clip.state)) + " [" + clip.note + "]";
    for (const auto& label : session.labels(clip.id)) {
      text += " L" + std::to_string(label.class_id) + (label.by == LabelledBy::Model ? "m" : "p") +
              std::to_string(label.score.value_or(-1.0));
    }
    for (const auto& region : session.regions(clip.id)) {
      text += " R" + std::to_string(region.id) + ":" + std::to_string(region.start) + "-" + std::to_string(region.end) +
              "=" + std::to_string(region.class_id) + (region.by == LabelledBy::Model ? "m" : "p");
    }
  }
  return text;
}

}  // namespace session_fixture
