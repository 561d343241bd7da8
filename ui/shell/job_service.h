#pragma once
// The one background thread for long work (loading, tuning, batch files, evaluation): one job at a time, others wait in
// line. Results come back to the UI thread by queued calls.

#include <QObject>
#include <QString>
#include <functional>
#include <memory>

#include "base/job.h"

namespace hearsay::ui {

class JobService : public QObject {
  Q_OBJECT
 public:
  explicit JobService(QObject* parent = nullptr);
  ~JobService() override;  ///< cancels what runs and waits for it

  /// `work` runs on the job thread and may throw hearsay::Error; `done` then runs on the UI thread with an empty
  /// sentence for success, the error's sentence otherwise (`cancelled` true when the person stopped it). Returns the
  /// job's id.
  using Work = std::function<void(JobControl& control, const ProgressFn& progress)>;
  struct Outcome {
    bool ok = false;
    bool cancelled = false;
    QString error;
  };
  using Done = std::function<void(const Outcome&)>;
  int submit(const QString& title, Work work, Done done);

  /// Cancels everything and waits until the running work has ended; nothing is reported or begun afterwards.
  void stop();
  [[nodiscard]] bool stopping() const;  ///< stop() was called; any thread may ask

  [[nodiscard]] bool busy() const;       ///< something runs or waits
  [[nodiscard]] int currentJob() const;  ///< -1: none
  [[nodiscard]] QString currentTitle() const;
  [[nodiscard]] bool paused() const;
  [[nodiscard]] int waiting() const;  ///< how many jobs have not begun
  /// What job `id` has to wait for, in words: the job that runs, and whether it is paused. Empty when it runs itself.
  [[nodiscard]] QString waitsFor(int id) const;

  void cancel();           ///< the running job
  void cancelJob(int id);  ///< that one; when it still waits it is over at once, whatever is before it
  void pause();
  void resume();

 Q_SIGNALS:
  void started(int id, const QString& title);
  void progressed(int id, const QString& stage, double fraction, double secondsLeft);
  void pausedChanged(bool paused);
  void finished(int id, bool ok);
  void submitted();                                    ///< waiting() has grown
  void held(const QString& title, const QString& by);  ///< a job came in behind one that is paused

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hearsay::ui
