#pragma once
// What every page shares: the model and the prompt set in use, the job line, the loudspeaker, settings and notices.

#include <QObject>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <filesystem>
#include <functional>
#include <memory>

#include "audio/playback.h"
#include "model/clap_model.h"
#include "prompts/prompt_set.h"
#include "ui/shell/job_service.h"
#include "ui/shell/used_prompts.h"

namespace hearsay::ui {

class AppContext : public QObject {
  Q_OBJECT
 public:
  explicit AppContext(QObject* parent = nullptr);
  ~AppContext() override;

  // The model: loaded in the background; null until then.
  [[nodiscard]] std::shared_ptr<const ClapModel> model() const;
  [[nodiscard]] bool modelLoading() const;
  [[nodiscard]] QString loadingName() const;  ///< of the model being loaded: a folder, a file or an installed one
  /// How model files are opened; tests put slower ones here.
  using Opener = std::function<std::shared_ptr<ClapModel>(const std::filesystem::path&, const LoadOptions&)>;
  void setOpener(Opener opener);
  void loadModel(const QString& nameOrPath);       ///< remembered for the next start
  void setDevice(const QString& device);           ///< "auto", "cpu", "cuda", "cuda:1"; takes effect at the next load
  [[nodiscard]] QString device() const;            ///< as set
  [[nodiscard]] QString modelFingerprint() const;  ///< of model(), known as soon as it is there

  // Classes and prompts. The class list can be edited before any model is there; a zero-shot prompt set is made in the
  // background whenever model or classes change, so that Listen and Files work at once without tuning.
  [[nodiscard]] const ClassList& classes() const;
  void setClasses(const ClassList& classes);
  [[nodiscard]] QString textTemplate() const;  ///< of the zero-shot set: "this is a sound of {}"
  void setTextTemplate(const QString& text);
  [[nodiscard]] std::shared_ptr<const PromptSet> prompts() const;  ///< the set in use; null until there is a model
  [[nodiscard]] QString promptsFile() const;                       ///< empty: never saved
  [[nodiscard]] bool promptsUnsaved() const;                       ///< tuned, and not saved yet
  [[nodiscard]] QString promptsKept() const;                       ///< where such a set is kept meanwhile
  [[nodiscard]] bool promptsEdited() const;  ///< other words, colours, order or thresholds than in its file
  /// A list that has the same names stays as it is, with its order, words and colours. A tuned set that was in use
  /// before comes back with its file and its thresholds where none is given.
  void usePrompts(const PromptSet& prompts, const QString& file = {});
  void useZeroShot();  ///< back to the template; a tuned set that was never saved stays in keptPrompts()
  /// Reads what the noise correction needs from text, once for the set in use, in the background; promptsChanged()
  /// when it is there (PromptSet::noise_drift). Nothing happens without a set, or when it is there already.
  void wantNoiseDrift();
  /// Sentences for failures (wrong model, unreadable file) go out as notices; false then.
  bool openPrompts(const QString& file);
  bool savePrompts(const QString& file);
  bool saveOther(const PromptSet& prompts, const QString& file);  ///< of a set that need not be the one in use
  bool exportPrompts(const PromptSet& prompts, const QString& format, const QString& file);
  [[nodiscard]] QStringList recentPrompts() const;  ///< files that were opened or saved, newest first
  [[nodiscard]] QStringList keptPrompts() const;    ///< files of keepTuned(), newest first
  /// Keeps a tuned set that nobody saved yet in the data folder, so that a crash or a later tuning cannot lose it: the
  /// newest 20, and those in use besides. Thread-safe; returns the file, empty (with a line in the log, and why in
  /// `problem`) when it cannot be written.
  QString keepTuned(const PromptSet& prompts, QString* problem = nullptr);

  /// From which probability on each class counts as heard: as they are now for a set that was in use, else the set's
  /// own. Every set has its own ones, which are part of what is saved and exported; a class that is typed anew begins
  /// with what is remembered by its name.
  [[nodiscard]] std::vector<double> thresholds(const PromptSet& prompts) const;
  void rememberThresholds(const ClassList& classes, const std::vector<double>& thresholds);  ///< of the set in use

  [[nodiscard]] JobService& jobs() { return jobs_; }
  [[nodiscard]] QSettings& settings() { return settings_; }
  /// Plays a clip, or says as a notice that there is no sound output. Returns what tells it from what is played later
  /// (0: nothing plays).
  int play(std::shared_ptr<const std::vector<float>> samples, double rate, double from = 0.0, double until = -1.0);
  void stopPlaying();
  [[nodiscard]] bool playing() const;
  /// Whether that clip was the last to be played, still sounding or not.
  [[nodiscard]] bool playedLast(int clip) const { return clip > 0 && clip == played_; }
  [[nodiscard]] double playPosition() const;

  enum class NoticeLevel { Info, Warning, Error };
  void notify(const QString& sentence, NoticeLevel level = NoticeLevel::Info);

  /// Short background work beside the job line (inspecting, previewing): runs on a thread of its own, in order; `done`
  /// on the UI thread, unless `owner` is gone by then. Errors come as a sentence.
  void runQuietly(QObject* owner, std::function<void()> work, std::function<void(const QString& error)> done);

  /// Shows another page ("teach", "listen", "files", "label", "models"); `start`: also begins what the page is for.
  void showPage(const QString& page, bool start = false);
  /// What the window's microphone level shows: RMS in dBFS; `listening` false when nothing is being heard.
  void reportMicrophone(double levelDb, bool listening);

  /// Loads the class list and the prompt set of the last time; a preset at the first start. Called once, by the window.
  void restore();
  [[nodiscard]] bool firstStart() const;  ///< nothing was there to restore
  /// Stops the work in the background and writes what is not written yet; the window calls it last when closing.
  void shutDown();

 Q_SIGNALS:
  void modelLoadingChanged();
  void modelLoadingProgressed(double fraction);  ///< 0..1; 1: only the fingerprint is left
  void modelChanged();                           ///< a model is ready, or loading failed (model() null)
  void classesChanged();
  void promptsChanged();
  void thresholdsChanged();  ///< by the person, of the set in use
  void noticed(const QString& sentence, NoticeLevel level);
  void settled(const QString& sentence);  ///< what was told is no longer so
  void recentPromptsChanged();
  void pageRequested(const QString& page, bool start);
  void microphoneLevel(double levelDb, bool listening);

 private:
  struct Loaded;
  /// Sentences that stand until they are no longer so.
  struct Told {
    QString misfit;   ///< the tuned set of the list is of another model
    QString refused;  ///< a set that was asked for is of another model
    QString names;    ///< no tuned set is in use, and why
    QString list;     ///< a set brought its list
    QString words;    ///< new words for the classes wait for a tuning
  };
  void modelLoaded(const std::shared_ptr<Loaded>& loaded, const QString& error);
  void choosePrompts();    ///< after model or classes changed: the set that fits them, or the template
  void sayMisfit();        ///< where the tuned set of the list is of another model
  void dropPrompts();      ///< there is nothing to tell apart
  void refreshZeroShot();  ///< in the background
  void stopZeroShot();
  void tellOfWords(const ClassList& before);  ///< where the list has others, which the set in use was not tuned with
  void sayThatListGoes(const ClassList& before, const QString& file);
  void tell(QString& told, const QString& sentence, NoticeLevel level);  ///< in place of what it said before
  void settle(QString& told);
  void settleForSet();      ///< a set is in use that a person wanted
  void dropOldest() const;  ///< of the sets that keepTuned() wrote
  void take(UsedSet set);
  void rememberInUse(bool untyped);  ///< `untyped`: also a template's set without a file, whose list goes
  [[nodiscard]] UsedSet usedBefore(const PromptSet& prompts, const QString& file) const;
  [[nodiscard]] const UsedSet* known(const PromptSet& prompts) const;
  [[nodiscard]] Marks marksFor(const ClassList& classes) const;         ///< of a set that has none of its own
  [[nodiscard]] Marks rememberedMarks(const ClassList& classes) const;  ///< by the names of the classes alone
  void completeMarks(UsedSet& set) const;                               ///< likewise, where it has none
  void keepMarks();  ///< in the file where a set that nobody saved is kept
  void takeOpened(UsedSet set, bool restoring);
  bool open(const QString& file, bool restoring);
  bool write(const PromptSet& prompts, const QString& file);
  [[nodiscard]] PromptSet withThresholds(const PromptSet& prompts) const;
  [[nodiscard]] bool fitsModel(const PromptSet& prompts) const;
  void rememberRecent(const QString& file);
  [[nodiscard]] std::string stateNow() const;  ///< what the next start begins with, as JSON
  void writeState();
  void keepTheirList(const std::string& theirs);
  [[nodiscard]] QString readState();

  JobService jobs_;
  JobService loading_;  ///< models and templates: beside the job line, so that neither waits for a tuning
  JobService quiet_;
  QSettings settings_;
  std::shared_ptr<const ClapModel> model_;
  Opener opener_ = &ClapModel::load;
  QString fingerprint_;
  ClassList classes_;
  UsedSet inUse_;
  UsedPrompts used_;
  Told told_;
  QString textTemplate_;
  QString device_;
  QTimer zeroShotTimer_;
  QTimer stateTimer_;
  std::string state_;  ///< of the next start, as this window last read or wrote it
  int loadJob_ = -1;
  QString loadingName_;
  int zeroShotJob_ = -1;
  std::shared_ptr<const PromptSet> driftOf_;  ///< the set whose noise drift is being read
  bool firstStart_ = false;
  std::unique_ptr<Player> player_;
  int played_ = 0;  ///< clips so far
};

}  // namespace hearsay::ui
