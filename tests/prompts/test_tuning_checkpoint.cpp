// Tuning that was cut off and gone on with, on the tiny starter: equal to the bit, refused where it does not belong.
// What may come in its way is in test_tuning_checkpoint_limits.

#include <QtTest>

#include "base/files.h"
#include "prompts/tuning_fixture.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;
namespace fs = std::filesystem;

namespace {

std::vector<double> losses(const TunerReport& report) {
  std::vector<double> values;
  for (const CurvePoint& point : report.steps) values.push_back(point.loss);
  return values;
}

std::vector<int> look_steps(const TunerReport& report) {
  std::vector<int> steps;
  for (const HeldOutPoint& point : report.held_out_curve) steps.push_back(point.step);
  return steps;
}

}  // namespace

class TestTuningCheckpoint : public QObject, CheckpointFixture {
  Q_OBJECT

  TunerResult go_on(const TunerOptions& options, const fs::path& file) {
    TuningCheckpoint checkpoint({.file = file, .resume = true, .every = std::chrono::hours(1)});
    TunerResult result = run(options, &checkpoint);
    checkpoint.finish(result.report);
    return result;
  }

 private Q_SLOTS:
  void initTestCase() { load(); }
  void init() { forget_unfinished(); }

  void gone_on_with_is_the_same_to_the_bit_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("cut");
    for (int kind = 0; kind < 4; ++kind) {
      for (const int cut : {1, 4, 7, 11}) QTest::addRow("kind %d cut %d", kind, cut) << kind << cut;
    }
  }
  void gone_on_with_is_the_same_to_the_bit() {
    QFETCH(int, kind);
    QFETCH(int, cut);
    TunerOptions options = quick();
    if (kind == 1) options.steps = 12;  // plain: no looks
    if (kind == 2) {                    // shuffled batches, several epochs, several passes of class prompts
      options.batch = 13;
      options.epochs = 2;
      options.class_chunk = 3;
      options.start_from_template = false;
    }
    if (kind == 3) {  // the best is long ago when it is cut off, and patience ends it
      options.falling_rate = 0.3;
      options.evaluate_every = 1;
      options.patience = 9;
    }
    const TunerResult whole = run(options, nullptr);
    QVERIFY(static_cast<int>(whole.report.steps.size()) >= cut);
    const fs::path file = path("cut.safetensors");
    const TunerResult first = cut_off(options, file, cut);
    QVERIFY(first.report.cancelled);
    QCOMPARE(static_cast<int>(first.report.steps.size()), cut);
    const TunerResult second = go_on(options, file);
    QCOMPARE(second.report.resumed_after, cut);
    QCOMPARE(second.prompts.coarse_context.data, whole.prompts.coarse_context.data);
    QCOMPARE(second.prompts.fine_context.data, whole.prompts.fine_context.data);
    QCOMPARE(losses(second.report), losses(whole.report));
    QCOMPARE(look_steps(second.report), look_steps(whole.report));
    QCOMPARE(second.report.held_out_loss, whole.report.held_out_loss);
    QCOMPARE(bytes_of(second.prompts), bytes_of(whole.prompts));
    QVERIFY(second.report.seconds >= first.report.seconds_encoding);
    QVERIFY(!fs::exists(file));
  }

  void cut_off_before_the_first_step_and_several_times() {
    const TunerOptions options = quick();
    const TunerResult whole = run(options, nullptr);
    const fs::path file = path("often.safetensors");
    {  // a long time went into the captions, and a person stopped it then: nothing was learnt, nothing stays
      JobControl control;
      TuningCheckpoint checkpoint({.file = file, .every = std::chrono::seconds(0), .saved = [&](int) {
                                     fs::copy_file(file, path("first.ckpt"));
                                     control.cancel();
                                   }});
      QCOMPARE(refusal_of([&] { run(options, &checkpoint, &control); }).kind, ErrorKind::Cancelled);
      QVERIFY(!fs::exists(file));
    }
    fs::rename(path("first.ckpt"), file);  // as if it had been killed there
    QCOMPARE(read_unfinished(file).step, 0);
    for (const int step : {3, 4, 9}) {
      JobControl control;
      TuningCheckpoint checkpoint(
          {.file = file, .resume = true, .every = std::chrono::seconds(0), .saved = [&](int done) {
             if (done == step) control.cancel();
           }});
      run(options, &checkpoint, &control);
      QCOMPARE(read_unfinished(file).step, step);
    }
    QCOMPARE(bytes_of(go_on(options, file).prompts), bytes_of(whole.prompts));
  }

  void given_contexts_come_back_with_it() {
    const StartingContexts start{Matrix(6, 32, 0.25F), Matrix(6, 32, -0.25F)};
    const TunerResult whole = run(quick(), nullptr, nullptr, {}, start);
    const fs::path file = path("start.safetensors");
    cut_off(quick(), file, 5, R"({"from":"a test"})", start);
    const UnfinishedTuning found = read_unfinished(file);
    QVERIFY(found.start.has_value());
    QCOMPARE(found.start->fine.data, start.fine.data);
    TuningCheckpoint checkpoint({.file = file, .resume = true});
    const TunerResult rest = tune(*model_, found.classes, captions_, found.options, found.text_template, nullptr, {},
                                  found.start, &checkpoint);
    QCOMPARE(bytes_of(rest.prompts), bytes_of(whole.prompts));
  }

  void what_is_needed_to_ask_again_is_in_the_file() {
    TunerOptions options = quick();
    options.unseen = {"church bells"};
    options.seed = 12345678901234567ULL;
    options.learning_rate = 0.1 + 0.2;
    options.falling_rate = 0.1 + 0.7;
    TuningCheckpoint::Settings settings;
    settings.every = std::chrono::seconds(0);
    settings.origin = R"({"from":"here"})";
    JobControl control;
    settings.saved = [&](int done) {
      if (done == 1) control.cancel();
    };
    TuningCheckpoint checkpoint(settings);
    QVERIFY(run(options, &checkpoint, &control).report.cancelled);
    QVERIFY(unfinished_tunings().empty());  // held by `checkpoint`, as by a program that runs
    const UnfinishedTuning found = read_unfinished(checkpoint.file());
    QCOMPARE(found.file.parent_path(), unfinished_folder());
    QCOMPARE(found.origin, settings.origin);
    QCOMPARE(found.classes.size(), classes_.size());
    QCOMPARE(found.classes[0].aliases, classes_[0].aliases);
    QCOMPARE(found.classes[0].description, classes_[0].description);
    QCOMPARE(found.text_template, std::string(kDefaultTemplate));
    QCOMPARE(options_to_json(found.options), options_to_json(options));
    QVERIFY(found.options.seed == options.seed && found.options.learning_rate == options.learning_rate);
    QCOMPARE(found.options.falling_rate, options.falling_rate);
    QCOMPARE(found.step, 1);
    QCOMPARE(found.steps, 12);
    QCOMPARE(found.model_name, model_->info().name);
    QCOMPARE(found.saved_at.size(), std::string("2026-11-24T14:00:00Z").size());
    const TuningIdentity identity = identify_tuning(*model_, classes_, captions_, options, found.text_template);
    QVERIFY(found.identity == identity);
    QCOMPARE(identity.digest().size(), std::size_t{64});
    QCOMPARE(refusal_of([] { options_from_json("{\"recipe\":1}"); }).kind, ErrorKind::BadFormat);
  }

  void nothing_is_written_by_a_short_run() {
    TuningCheckpoint checkpoint({.every = std::chrono::hours(1), .saved = [](int) { QFAIL("written"); }});
    const TunerResult result = run(quick(), &checkpoint);
    QVERIFY(!fs::exists(checkpoint.file()));
    checkpoint.finish(result.report);
    QVERIFY(all_files(unfinished_folder()).empty());
    QVERIFY(checkpoint.problem().empty());
  }

  void the_next_run_of_the_same_overwrites_only_what_it_has_passed() {
    const TunerOptions options = quick();
    const fs::path file = path("further.safetensors");
    cut_off(options, file, 8);
    {
      TuningCheckpoint stopped_early({.file = file});
      stopped_early.begin(read_unfinished(file));
      TunerReport report;
      report.cancelled = true;
      stopped_early.finish(report);  // its steps are behind the file's
    }
    QCOMPARE(read_unfinished(file).step, 8);
    std::vector<int> written;
    TuningCheckpoint checkpoint(
        {.file = file, .every = std::chrono::seconds(0), .saved = [&](int step) { written.push_back(step); }});
    const TunerResult result = run(options, &checkpoint);
    QCOMPARE(written, (std::vector<int>{8, 9, 10, 11}));
    checkpoint.finish(result.report);
    QVERIFY(!fs::exists(file));
  }

  void others_tunings_are_refused_by_name() {
    const TunerOptions options = quick();
    const fs::path file = path("mine.safetensors");
    cut_off(options, file, 3);
    const auto refused = [&](const ClassList& classes, const CaptionSet& captions, const TunerOptions& wanted,
                             bool resume = true) {
      TuningCheckpoint checkpoint({.file = file, .resume = resume});
      return refusal_of([&] {
        tune(*model_, classes, captions, wanted, std::string(kDefaultTemplate), nullptr, {}, {}, &checkpoint);
      });
    };
    ClassList classes = classes_;
    classes[0].aliases = {"wolf"};
    CaptionSet captions = captions_;
    captions.captions.pop_back();
    TunerOptions other = options;
    other.learning_rate = 0.01;
    const std::vector<std::pair<Refusal, const char*>> all = {
        {refused(classes, captions_, options), "other classes"},
        {refused(classes_, captions, options), "other captions"},
        {refused(classes_, captions_, other), "other settings"},
        {refused(classes_, captions, options, false), "captions"}};
    for (const auto& [refusal, named] : all) {
      QCOMPARE(refusal.kind, ErrorKind::Usage);
      QVERIFY2(refusal.said.find(named) != std::string::npos, refusal.said.c_str());
      QVERIFY2(refusal.said.find("mine.safetensors") != std::string::npos, refusal.said.c_str());
    }
    QCOMPARE(read_unfinished(file).step, 3);
    UnfinishedTuning stranger = read_unfinished(file);
    stranger.identity.model = std::string(64, 'a');
    stranger.model_name = "another";
    TuningCheckpoint checkpoint({.file = file, .resume = true});
    const Refusal refusal = refusal_of([&] { checkpoint.begin(stranger); });
    QCOMPARE(refusal.kind, ErrorKind::WrongModel);
    QVERIFY(refusal.said.find(std::string(64, 'a')) != std::string::npos);
    QVERIFY(refusal.said.find(model_->fingerprint()) != std::string::npos);
  }

  void there_is_nothing_to_go_on_with() {
    TuningCheckpoint own({.resume = true});
    QCOMPARE(refusal_of([&] { run(quick(), &own); }).kind, ErrorKind::NotFound);
    TuningCheckpoint named({.file = path("none.safetensors"), .resume = true});
    QCOMPARE(refusal_of([&] { run(quick(), &named); }).kind, ErrorKind::NotFound);
  }

  void damaged_files_are_refused() {
    const fs::path file = path("whole.safetensors");
    cut_off(quick(), file, 6);
    const std::string whole = read_file(file);
    const fs::path broken = path("broken.safetensors");
    std::vector<std::string> contents = {
        "",         "hello", whole.substr(0, 100), whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1),
        whole + "x"};
    for (std::size_t at = 9; at < whole.size(); at += whole.size() / 40) {
      contents.push_back(whole);
      contents.back()[at] = static_cast<char>(contents.back()[at] ^ 4);
    }
    for (const std::string& content : contents) {
      write_file_atomically(broken, content);
      const Refusal refusal = refusal_of([&] { go_on(quick(), broken); });
      QCOMPARE(refusal.kind, ErrorKind::BadFormat);
      QVERIFY2(refusal.said.find("broken.safetensors\" holds no tuning that can be gone on with") != std::string::npos,
               refusal.said.c_str());
    }
    std::string older = whole;
    older.replace(older.find("\"version\":\"5\""), 13, "\"version\":\"4\"");
    write_file_atomically(broken, older);
    QVERIFY(refusal_of([&] { go_on(quick(), broken); }).said.find("another version of Hearsay") != std::string::npos);
    save_prompts(run(quick(), nullptr).prompts, broken);
    QVERIFY(refusal_of([&] { go_on(quick(), broken); }).said.find("another file") != std::string::npos);
    // A file of somebody's is not written over either; one of our own places is.
    TuningCheckpoint checkpoint({.file = broken});
    QCOMPARE(refusal_of([&] { run(quick(), &checkpoint); }).kind, ErrorKind::BadFormat);
    QVERIFY(load_prompts(broken).tuned);
  }

  void damage_in_our_own_folder_is_passed_over() {
    fs::path file;
    {
      TuningCheckpoint checkpoint({.every = std::chrono::seconds(0)});
      run(quick(), &checkpoint);
      file = checkpoint.file();
    }
    QCOMPARE(unfinished_tunings().size(), std::size_t{1});
    write_file_atomically(file, "hello");
    QVERIFY(unfinished_tunings().empty());
    TuningCheckpoint checkpoint({.every = std::chrono::seconds(0)});
    run(quick(), &checkpoint);
    QCOMPARE(checkpoint.file(), file);
    QCOMPARE(read_unfinished(file).step, 11);
  }
};

QTEST_GUILESS_MAIN(TestTuningCheckpoint)
#include "test_tuning_checkpoint.moc"
