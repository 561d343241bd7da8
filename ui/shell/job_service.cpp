#include "ui/shell/job_service.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/error.h"

namespace hearsay::ui {
namespace {

// Long work yields to what listens live (DESIGN section 5): on Linux a nice value belongs to a thread, and the threads
// that LibTorch starts for it inherit it. Above that of the program, which may have been started as nice itself.
constexpr int kJobNice = 4;

struct Task {
  int id = 0;
  QString title;
  JobService::Work work;
  JobService::Done done;
  std::shared_ptr<JobControl> control;
};

JobService::Outcome run(const Task& task, const ProgressFn& progress) {
  JobService::Outcome outcome;
  try {
    if (task.control->cancelled()) throw Error(ErrorKind::Cancelled, "Stopped before it began.");
    task.work(*task.control, progress);
    outcome.ok = true;
    outcome.cancelled = task.control->cancelled();
  } catch (const Error& error) {
    outcome.cancelled = error.kind() == ErrorKind::Cancelled;
    outcome.error = QString::fromStdString(error.what());
  } catch (const std::bad_alloc&) {
    outcome.error = JobService::tr("There is not enough memory for this. Close other programs or use a smaller model.");
  } catch (const std::exception& error) {
    outcome.error = JobService::tr("Something went wrong inside Hearsay: %1").arg(QString::fromUtf8(error.what()));
  }
  return outcome;
}

}  // namespace

struct JobService::State {
  explicit State(JobService& service) : owner(service), thread([this] { loop(); }) {}
  ~State();

  void stop();
  void loop();
  void runOne(Task& task);
  void report(int id, const Progress& progress);
  void deliver(int id);
  void begin(int id, const QString& title);
  void end(const Task& task, const Outcome& outcome);

  JobService& owner;

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> waiting;
  std::shared_ptr<JobControl> running;  ///< control of the task that runs
  int runningId = -1;
  Progress latest;  ///< newest progress that the UI thread has not seen
  int latestId = -1;
  bool posted = false;
  bool quitting = false;

  // Seen by the UI thread only.
  int nextId = 1;
  int open = 0;  ///< submitted and not finished
  int current = -1;
  QString title;
  int pausedId = -1;

  std::thread thread;  ///< last: it starts when everything above is there
};

JobService::State::~State() {
  stop();
}

void JobService::State::stop() {
  {
    const std::lock_guard lock(mutex);
    quitting = true;
    waiting.clear();
    if (running) running->cancel();
  }
  wake.notify_all();
  if (thread.joinable()) thread.join();
}

void JobService::State::loop() {
  const auto me = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, me, getpriority(PRIO_PROCESS, me) + kJobNice);
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [this] { return quitting || !waiting.empty(); });
      if (quitting) return;
      task = std::move(waiting.front());
      waiting.pop_front();
      running = task.control;
      runningId = task.id;
    }
    runOne(task);
  }
}

void JobService::State::runOne(Task& task) {
  QMetaObject::invokeMethod(
      &owner, [this, id = task.id, name = task.title] { begin(id, name); }, Qt::QueuedConnection);
  const Outcome outcome = run(task, [this, id = task.id](const Progress& progress) { report(id, progress); });
  {
    const std::lock_guard lock(mutex);
    running.reset();
    runningId = -1;
  }
  task.work = nullptr;  // what it holds on to goes here, not on the UI thread
  QMetaObject::invokeMethod(
      &owner, [this, task, outcome] { end(task, outcome); }, Qt::QueuedConnection);
}

// Called from the job thread as often as the work likes: the UI thread gets the newest one, never a backlog.
void JobService::State::report(int id, const Progress& progress) {
  const std::lock_guard lock(mutex);
  latest = progress;
  latestId = id;
  if (posted) return;
  posted = true;
  QMetaObject::invokeMethod(
      &owner, [this, id] { deliver(id); }, Qt::QueuedConnection);
}

void JobService::State::deliver(int id) {
  Progress progress;
  {
    const std::lock_guard lock(mutex);
    posted = false;
    if (latestId != id) return;  // the next job's, which has not begun here yet
    progress = latest;
  }
  Q_EMIT owner.progressed(id, QString::fromStdString(progress.stage), progress.fraction, progress.seconds_left);
}

void JobService::State::begin(int id, const QString& name) {
  current = id;
  title = name;
  Q_EMIT owner.started(id, name);
}

void JobService::State::end(const Task& task, const Outcome& outcome) {
  if (current == task.id) current = -1;
  --open;
  if (pausedId == task.id) {
    pausedId = -1;
    Q_EMIT owner.pausedChanged(false);
  }
  if (task.done) task.done(outcome);
  Q_EMIT owner.finished(task.id, outcome.ok);
}

JobService::JobService(QObject* parent) : QObject(parent), state_(std::make_unique<State>(*this)) {}

JobService::~JobService() = default;

int JobService::submit(const QString& title, Work work, Done done) {
  const int id = state_->nextId++;
  ++state_->open;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->quitting) return id;
    state_->waiting.push_back({id, title, std::move(work), std::move(done), std::make_shared<JobControl>()});
  }
  state_->wake.notify_all();
  Q_EMIT submitted();
  if (paused()) Q_EMIT held(title, currentTitle());
  return id;
}

bool JobService::busy() const {
  return state_->open > 0;
}
int JobService::currentJob() const {
  return state_->current;
}
QString JobService::currentTitle() const {
  return state_->current < 0 ? QString() : state_->title;
}
bool JobService::paused() const {
  return state_->pausedId >= 0;
}

int JobService::waiting() const {
  return state_->open - (state_->current >= 0 ? 1 : 0);
}

QString JobService::waitsFor(int id) const {
  if (state_->current < 0 || id == state_->current) return {};
  return paused() ? tr("%1 (paused)").arg(state_->title) : state_->title;
}

void JobService::cancel() {
  const std::lock_guard lock(state_->mutex);
  if (state_->running) {
    state_->running->cancel();
  } else if (!state_->waiting.empty()) {
    state_->waiting.front().control->cancel();  // submitted, but the thread has not woken yet
  }
}

void JobService::cancelJob(int id) {
  Task task;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->runningId == id && state_->running) state_->running->cancel();
    const auto at = std::ranges::find(state_->waiting, id, &Task::id);
    if (at == state_->waiting.end()) return;
    task = std::move(*at);
    state_->waiting.erase(at);
  }
  task.control->cancel();
  const Outcome outcome = run(task, {});  // which is that it was stopped before it began
  task.work = nullptr;
  QMetaObject::invokeMethod(
      this, [state = state_.get(), task, outcome] { state->end(task, outcome); }, Qt::QueuedConnection);
}

void JobService::pause() {
  if (state_->current < 0 || state_->pausedId >= 0) return;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->running || state_->runningId != state_->current) return;
    state_->running->pause();
  }
  state_->pausedId = state_->current;
  Q_EMIT pausedChanged(true);
}

void JobService::resume() {
  if (state_->pausedId < 0) return;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->running && state_->runningId == state_->pausedId) state_->running->resume();
  }
  state_->pausedId = -1;
  Q_EMIT pausedChanged(false);
}

void JobService::stop() {
  state_->stop();
}

bool JobService::stopping() const {
  const std::lock_guard lock(state_->mutex);
  return state_->quitting;
}

}  // namespace hearsay::ui
