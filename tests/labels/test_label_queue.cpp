// Suggestions, the orders of the queue, progress.

#include <QtTest>
#include <set>

#include "session_fixture.h"

using namespace session_fixture;

namespace {

/// A session of many clips that are all there.
LabelSession many_clips(const Fixture& fixture, int count) {
  std::vector<SessionFile> files;
  for (int i = 0; i < count; ++i) {
    files.push_back({fixture.sounds() / ("clip" + std::to_string(i) + ".wav"), 1.0});
    touch(files.back().path);
  }
  return LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"a", "b", "c"});
}

}  // namespace

class TestLabelQueue : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void suggestionsAreSortedAndReplaced() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    QCOMPARE(session.without_suggestions("one"), (ClipIds{1, 2, 3, 4}));
    const Change change = session.set_suggestions(1, "one", std::vector<Suggestion>{{1, 0.1}, {3, 0.6}, {2, 0.3}});
    QCOMPARE(change.clips, (ClipIds{1}));
    const Suggestions said = session.suggestions(1);
    QCOMPARE(said.fingerprint, std::string("one"));
    QCOMPARE(said.items.size(), std::size_t{3});
    QCOMPARE(said.items[0].class_id, ClassId{3});
    QCOMPARE(said.items[0].score, 0.6);
    QCOMPARE(said.items[2].class_id, ClassId{1});
    QCOMPARE(session.without_suggestions("one"), (ClipIds{2, 3, 4}));
    QCOMPARE(session.without_suggestions("two"), (ClipIds{1, 2, 3, 4}));  // another prompt set
    session.set_suggestions(1, "two", std::vector<Suggestion>{});         // heard nothing, but looked
    QVERIFY(session.suggestions(1).items.empty());
    QCOMPARE(session.without_suggestions("two"), (ClipIds{2, 3, 4}));
    QVERIFY(!session.undo_text());
  }

  void suggestionsAreChecked() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_suggestions(1, "p", std::vector<Suggestion>{{1, 0.5}});
    const double nan = std::numeric_limits<double>::quiet_NaN();
    QCOMPARE(kind_of([&] { session.set_suggestions(1, "q", std::vector<Suggestion>{{9, 0.5}}); }), ErrorKind::Usage);
    QCOMPARE(kind_of([&] { session.set_suggestions(1, "q", std::vector<Suggestion>{{1, nan}}); }), ErrorKind::Usage);
    QCOMPARE(session.suggestions(1).fingerprint, std::string("p"));  // the old ones stand
    session.set_suggestions(1, "q", std::vector<Suggestion>{{1, 0.5}, {1, 0.9}});
    QCOMPARE(session.suggestions(1).items.size(), std::size_t{1});  // a class once, with its best score
    QCOMPARE(session.suggestions(1).items[0].score, 0.9);
  }

  void onlyTheBestSuggestionsAreKept() {
    const Fixture fixture;
    Names names;
    std::vector<Suggestion> items;
    for (int i = 1; i <= 50; ++i) {
      names.push_back("class " + std::to_string(i));
      items.push_back({i, i / 100.0});
    }
    auto session = LabelSession::create(fixture.file(), fixture.sounds(),
                                        std::vector<SessionFile>{{fixture.sounds() / "rain.wav", 1.0}}, names);
    session.set_suggestions(1, "p", items);
    const auto kept = session.suggestions(1).items;
    QCOMPARE(kept.size(), LabelSession::kMaxSuggestions);
    QCOMPARE(kept.front().class_id, ClassId{50});
    QCOMPARE(kept.back().class_id, ClassId{31});
  }

  void queueLeavesOutWhatIsDone() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    QCOMPARE(session.queue(QueueOrder::InOrder), (ClipIds{1, 2, 3, 4}));
    session.set_labels(2, ClassIds{1});
    session.skip(3);
    QCOMPARE(session.queue(QueueOrder::InOrder), (ClipIds{1, 4}));
    QCOMPARE(session.queue(QueueOrder::InOrder, 0, true), (ClipIds{1, 3, 4}));
    std::filesystem::remove(fixture.sounds() / "rain.wav");
    session.merge_files({});
    QCOMPARE(session.queue(QueueOrder::InOrder), (ClipIds{4}));
  }

  void uncertainFirst() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_suggestions(1, "p", std::vector<Suggestion>{{1, 0.9}, {2, 0.05}});
    session.set_suggestions(2, "p", std::vector<Suggestion>{{1, 0.5}, {2, 0.45}, {3, 0.05}});
    session.set_suggestions(4, "p", std::vector<Suggestion>{{1, 0.6}});  // one suggestion: its score is the margin
    QCOMPARE(session.queue(QueueOrder::UncertainFirst), (ClipIds{2, 4, 1, 3}));
  }

  void randomOrderIsSeededAndStable() {
    const Fixture fixture;
    LabelSession session = many_clips(fixture, 60);
    const ClipIds first = session.queue(QueueOrder::Random, 1);
    QCOMPARE(session.queue(QueueOrder::Random, 1), first);
    QVERIFY(session.queue(QueueOrder::Random, 2) != first);
    QVERIFY(first != session.queue(QueueOrder::InOrder));
    QCOMPARE(std::set<ClipId>(first.begin(), first.end()).size(), std::size_t{60});
    session.set_labels(first[5], ClassIds{1});
    ClipIds rest = first;
    rest.erase(rest.begin() + 5);
    QCOMPARE(session.queue(QueueOrder::Random, 1), rest);  // what is left keeps its order
  }

  void progressCounts() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_labels(ClipIds{1, 2}, ClassIds{1});
    session.add_region(1, 0.0, 1.0, 1);  // the same class in the same clip counts once
    session.add_region(1, 2.0, 3.0, 2);
    session.skip(3);
    std::filesystem::remove(fixture.sounds() / "siren.flac");
    session.merge_files({});
    const SessionProgress progress = session.progress();
    QCOMPARE(progress.total, std::int64_t{4});
    QCOMPARE(progress.labelled, std::int64_t{2});
    QCOMPARE(progress.skipped, std::int64_t{1});
    QCOMPARE(progress.unseen, std::int64_t{1});
    QCOMPARE(progress.missing, std::int64_t{1});
    QCOMPARE(progress.regions, std::int64_t{2});
    QCOMPARE(progress.per_class, (std::map<ClassId, std::int64_t>{{1, 2}, {2, 1}, {3, 0}}));
  }

  void lengthsCanBeFilledIn() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    QCOMPARE(session.set_seconds(3, 12.5).clips, (ClipIds{3}));
    QCOMPARE(session.clip(3).seconds, 12.5);
    QVERIFY(!session.undo_text());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    QCOMPARE(kind_of([&] { session.set_seconds(3, nan); }), ErrorKind::Usage);
  }

  void thousandsOfClips() {
    const Fixture fixture;
    LabelSession session = many_clips(fixture, 5000);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(session.clips().size(), std::size_t{5000});
    QCOMPARE(session.queue(QueueOrder::UncertainFirst).size(), std::size_t{5000});
    session.set_labels(session.queue(QueueOrder::InOrder), ClassIds{1});
    QCOMPARE(session.progress().labelled, std::int64_t{5000});
    session.undo();
    QCOMPARE(session.progress().unseen, std::int64_t{5000});
    QVERIFY2(clock.elapsed() < 15000, "5,000 clips should be labelled and unlabelled within seconds");
  }
};

QTEST_APPLESS_MAIN(TestLabelQueue)
#include "test_label_queue.moc"
