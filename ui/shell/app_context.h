#pragma once
// What every page shares: the model and the prompt set in use, the job line, the loudspeaker, settings and notices.

#include <QObject>
#include <QSettings>
#include <QString>
#include <memory>

#include "audio/playback.h"
#include "model/clap_model.h"
#include "prompts/prompt_set.h"
#include "ui/shell/job_service.h"

namespace hearsay::ui {

class AppContext : public QObject {
  Q_OBJECT
 public:
  explicit AppContext(QObject* parent = nullptr);
  ~AppContext() override;

  // The model: loaded in the background; null until then.
  [[nodiscard]] std::shared_ptr<const ClapModel> model() const;
  [[nodiscard]] bool modelLoading() const;
  void loadModel(const QString& nameOrPath);  ///< remembered for the next start
  void setDevice(const QString& device);      ///< "auto", "cpu", "cuda", "cuda:1"; takes effect at the next load

  // Classes and prompts. The class list can be edited before any model is there; a zero-shot prompt set is made in the
  // background whenever model or classes change, so that Listen and Files work at once without tuning.
  [[nodiscard]] const ClassList& classes() const;
  void setClasses(const ClassList& classes);
  [[nodiscard]] std::shared_ptr<const PromptSet> prompts() const;  ///< the set in use; null until there is a model
  [[nodiscard]] QString promptsFile() const;                       ///< empty: never saved
  [[nodiscard]] bool promptsUnsaved() const;                       ///< tuned, and not saved yet
  void usePrompts(const PromptSet& prompts, const QString& file = {});
  /// Sentences for failures (wrong model, unreadable file) go out as notices; false then.
  bool openPrompts(const QString& file);
  bool savePrompts(const QString& file);
  bool exportPrompts(const QString& format, const QString& file);

  [[nodiscard]] JobService& jobs() { return jobs_; }
  [[nodiscard]] QSettings& settings() { return settings_; }
  /// Plays a clip, or says as a notice that there is no sound output.
  void play(std::shared_ptr<const std::vector<float>> samples, double rate, double from = 0.0, double until = -1.0);
  void stopPlaying();
  [[nodiscard]] bool playing() const;
  [[nodiscard]] double playPosition() const;

  enum class NoticeLevel { Info, Warning, Error };
  void notify(const QString& sentence, NoticeLevel level = NoticeLevel::Info);

 Q_SIGNALS:
  void modelLoadingChanged();
  void modelChanged();    ///< a model is ready, or loading failed (model() null)
  void classesChanged();
  void promptsChanged();
  void noticed(const QString& sentence, NoticeLevel level);

 private:
  void refreshZeroShot();

  JobService jobs_;
  QSettings settings_;
  std::shared_ptr<const ClapModel> model_;
  std::shared_ptr<const PromptSet> prompts_;
  ClassList classes_;
  QString promptsFile_;
  QString device_ = QStringLiteral("auto");
  bool loading_ = false;
  bool unsaved_ = false;
  std::unique_ptr<Player> player_;
};

}  // namespace hearsay::ui
