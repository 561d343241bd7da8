#pragma once
// Looks at the chosen file in the background, listens to it, and reads what is played of it. Another file makes all
// that stop, a newer wish for a closer look or for what is heard the older one.

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>

#include "classify/file_classifier.h"
#include "ui/sounds/sound_look.h"

namespace hearsay::ui {

class SoundLooker : public QObject {
  Q_OBJECT
 public:
  /// Similarity of every frame takes the whole model: only for so many seconds at once.
  static constexpr double kFrameSeconds = 120.0;

  explicit SoundLooker(QObject* parent = nullptr);
  ~SoundLooker() override;

  void look(const std::filesystem::path& file, const LogMelConfig& mel);
  /// After looked(): the windows of the file with their frames.
  void listen(const std::filesystem::path& file, std::shared_ptr<const ClapModel> model,
              std::shared_ptr<const PromptSet> prompts, ScoreKind kind);
  /// A stretch of the file that was looked at; a newer wish takes the place of one that waits.
  void lookCloser(const std::filesystem::path& file, const LogMelConfig& mel, double from, double seconds);
  /// The same, as heard(), for a stretch of a long file; a newer wish takes the place of one under way.
  void listenTo(const std::filesystem::path& file, std::shared_ptr<const ClapModel> model,
                std::shared_ptr<const PromptSet> prompts, ScoreKind kind, double from, double seconds);
  void readForPlaying(const std::filesystem::path& file, int rate, double from, double seconds);
  void stop();

 Q_SIGNALS:
  void looked(const std::shared_ptr<const hearsay::ui::SoundLook>& look);
  void lookedCloser(const std::shared_ptr<const hearsay::ui::SoundPicture>& picture);
  void heard(const std::shared_ptr<const hearsay::FileResult>& result);
  void readyToPlay(const std::shared_ptr<const std::vector<float>>& samples, double from);
  void notPlayed();  ///< with failed(): what was to be played cannot be read
  void failed(const QString& sentence);

 private:
  /// What `work` gives back is called on this object's thread, unless `control` was cancelled.
  void run(const std::shared_ptr<JobControl>& control, std::function<std::function<void()>(JobControl&)> work);
  const std::shared_ptr<JobControl>& control();

  std::shared_ptr<JobControl> control_;
  std::shared_ptr<JobControl> closer_;   ///< of the last wish for a closer look
  std::shared_ptr<JobControl> listens_;  ///< of the last wish to listen to a stretch
  QThreadPool pool_;
};

}  // namespace hearsay::ui
