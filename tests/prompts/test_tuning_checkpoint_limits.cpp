// Tuning that is kept as it goes, on the tiny starter: beside other programs and threads, where nothing can be written,
// and cancelled at any moment.

#include <QtTest>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "base/files.h"
#include "prompts/tuning_fixture.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;
namespace fs = std::filesystem;

class TestTuningCheckpointLimits : public QObject, CheckpointFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { load(); }
  void init() { forget_unfinished(); }

  void two_programs_at_once_keep_apart() {
    std::vector<std::unique_ptr<TuningCheckpoint>> programs;
    std::set<fs::path> files;
    for (int i = 0; i < 3; ++i) {
      programs.push_back(
          std::make_unique<TuningCheckpoint>(TuningCheckpoint::Settings{.every = std::chrono::seconds(0)}));
      run(quick(), programs.back().get());
      files.insert(programs.back()->file());
    }
    QCOMPARE(files.size(), std::size_t{3});
    TuningCheckpoint late({.resume = true});
    QVERIFY(refusal_of([&] { run(quick(), &late); }).said.find("running in another program") != std::string::npos);
    TuningCheckpoint same({.file = *files.begin()});
    QVERIFY(refusal_of([&] { run(quick(), &same); }).said.find("running now") != std::string::npos);
    discard_unfinished(*files.begin());
    QVERIFY(fs::exists(*files.begin()));  // it is held
    programs.clear();
    QCOMPARE(unfinished_tunings().size(), std::size_t{3});
    discard_unfinished(*files.begin());
    QCOMPARE(unfinished_tunings().size(), std::size_t{2});
    QCOMPARE(all_files(unfinished_folder()).size(), std::size_t{2});  // no lock is left behind
  }

  void runs_in_two_threads_end_the_same() {
    const std::string whole = bytes_of(run(quick(), nullptr).prompts);
    std::vector<TunerResult> results(2);
    const auto work = [&](std::size_t i) {
      TuningCheckpoint checkpoint({.every = std::chrono::seconds(0)});
      results[i] = run(quick(), &checkpoint);
      checkpoint.finish(results[i].report);
    };
    std::thread other([&] { work(1); });
    work(0);
    other.join();
    for (const TunerResult& result : results) QCOMPARE(bytes_of(result.prompts), whole);
    QVERIFY(all_files(unfinished_folder()).empty());
  }

  void a_place_that_cannot_be_written_stops_nothing() {
    const std::string whole = bytes_of(run(quick(), nullptr).prompts);
    const auto one_note = [](const TunerReport& report) {
      return std::ranges::count_if(report.notes, [](const std::string& note) {
               return note.find("a crash would lose it") != std::string::npos ||
                      note.find("A crash would lose it") != std::string::npos;
             }) == 1;
    };
    // The folder is gone before the first write.
    fs::create_directory(path("gone"));
    TuningCheckpoint gone({.file = path("gone/a.safetensors"), .every = std::chrono::seconds(0)});
    bool removed = false;
    const TunerResult first = run(quick(), &gone, nullptr, [&](const TunerUpdate&) {
      if (!std::exchange(removed, true)) fs::remove_all(path("gone"));
    });
    QCOMPARE(bytes_of(first.prompts), whole);
    QVERIFY(one_note(first.report) && !gone.problem().empty());
    gone.finish(first.report);
    // It never was there.
    TuningCheckpoint never({.file = path("never/a.safetensors"), .every = std::chrono::seconds(0)});
    QVERIFY(one_note(run(quick(), &never).report));
    // Our own folder is a file.
    fs::remove_all(unfinished_folder());
    write_file_atomically(data_folder() / "unfinished", "in the way");
    TuningCheckpoint own({.every = std::chrono::seconds(0)});
    const TunerResult third = run(quick(), &own);
    QCOMPARE(bytes_of(third.prompts), whole);
    QVERIFY(one_note(third.report));
    QVERIFY(unfinished_tunings().empty());
    fs::remove(data_folder() / "unfinished");
  }

  void the_state_is_written_as_often_as_asked_and_no_more() {
    QCOMPARE(TuningCheckpoint::Settings{}.every.count(), 10.0);
    JobControl control;
    int written = 0;
    TuningCheckpoint checkpoint(
        {.file = path("timed.safetensors"), .every = std::chrono::milliseconds(100), .saved = [&](int) {
           if (++written == 5) control.cancel();
         }});
    TunerOptions options = quick();
    options.epochs = 100000;
    const auto start = std::chrono::steady_clock::now();
    const TunerResult result = run(options, &checkpoint, &control);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    QCOMPARE(written, 5);
    QVERIFY(result.report.cancelled && result.report.steps.size() >= 5);
    QVERIFY2(taken.count() > 0.25, qPrintable(QString::number(taken.count())));  // a write may come a step early
    checkpoint.finish(result.report);
  }

  /// What a killed program leaves of a tuning that had written nothing yet.
  void locks_of_nobody_are_removed() {
    const fs::path orphan = unfinished_folder() / "0123456789abcdef01234567.safetensors.lock";
    write_file_atomically(orphan, "");
    TuningCheckpoint checkpoint({});
    checkpoint.finish(run(quick(), &checkpoint).report);
    QVERIFY(!fs::exists(orphan));
    QVERIFY(all_files(unfinished_folder()).empty());
  }

  void cancelled_while_captions_are_encoded() {
    for (const double share : {0.0, 0.1}) {
      JobControl control;
      TunerOptions options = quick();
      options.caption_cache = false;
      TuningCheckpoint checkpoint({.every = std::chrono::seconds(0)});
      const Refusal refusal = refusal_of([&] {
        run(options, &checkpoint, &control, [&](const TunerUpdate& update) {
          if (update.progress.stage == "encoding captions" && update.progress.fraction >= share) control.cancel();
        });
      });
      // The watcher may be told too late for the larger share; then a later step ends it, and keeps the best so far.
      if (share == 0.0) QCOMPARE(refusal.kind, ErrorKind::Cancelled);
      for (const fs::path& file : all_files(unfinished_folder())) QVERIFY(file.extension() != ".part");
    }
  }

  void cancelled_at_each_step_keeps_the_best_so_far() {
    TunerOptions options = quick();
    options.falling_rate = 0.3;  // so that the best is not always the last
    options.evaluate_every = 1;
    double best = std::numeric_limits<double>::infinity();
    for (int step = 1; step < 12; ++step) {
      const fs::path file = path("each.safetensors");
      fs::remove(file);
      const TunerResult result = cut_off(options, file, step);
      QVERIFY(result.report.cancelled);
      QCOMPARE(static_cast<int>(result.report.steps.size()), step);
      QVERIFY(result.report.held_out_loss <= best);
      best = result.report.held_out_loss;
      save_prompts(result.prompts, path("kept.safetensors"));
      QCOMPARE(load_prompts(path("kept.safetensors")).coarse_context.data, result.prompts.coarse_context.data);
      for (const fs::path& left : all_files(dir_.path().toStdString())) {
        QVERIFY2(left.extension() == ".safetensors", left.c_str());
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestTuningCheckpointLimits)
#include "test_tuning_checkpoint_limits.moc"
