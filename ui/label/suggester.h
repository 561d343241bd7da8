#pragma once
// Lets the prompt set in use look at the clips of a session, in the background, and hands back what it proposes.

#include <QObject>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "labels/session.h"
#include "prompts/prompt_set.h"

namespace hearsay::ui {

class AppContext;

/// Tells apart what would propose something else: SHA-256 over the model's fingerprint, the prompt set's class names,
/// embeddings, weights and offsets, and which of the classes the session has.
std::string suggestionFingerprint(const PromptSet& prompts, const std::vector<SessionClass>& classes);

struct ClipToSuggest {
  ClipId clip = 0;
  std::filesystem::path file;
};

class Suggester : public QObject {
  Q_OBJECT
 public:
  explicit Suggester(AppContext& app, QObject* parent = nullptr);
  ~Suggester() override;

  /// Stops what runs, then looks at these clips in order. `classes`: the session's; classes of the prompt set that the
  /// session does not have are left out.
  void start(const std::vector<ClipToSuggest>& clips, const std::vector<SessionClass>& classes);
  void stop();
  [[nodiscard]] bool running() const { return job_ >= 0; }
  [[nodiscard]] QString waitsFor() const;            ///< JobService::waitsFor of what runs
  [[nodiscard]] bool comesLater(ClipId clip) const;  ///< other clips are looked at before this one

 Q_SIGNALS:
  /// On the UI thread, clip by clip. `seconds`: the clip's length.
  void suggested(qint64 clip, const QString& fingerprint, const std::vector<hearsay::Suggestion>& items,
                 double seconds);
  void failed(qint64 clip, const QString& sentence);
  void finished();

 private:
  AppContext& app_;
  int job_ = -1;
  int generation_ = 0;                ///< results of an earlier start are dropped
  std::vector<ClipToSuggest> clips_;  ///< of the start that runs
  std::size_t done_ = 0;              ///< so many of them are looked at
};

}  // namespace hearsay::ui
