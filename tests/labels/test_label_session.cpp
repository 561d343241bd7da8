// Making and opening sessions, what they say about their clips, files that move, vanish and appear.

#include <QtTest>

#include "session_fixture.h"

using namespace session_fixture;

class TestLabelSession : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aNewSession() {
    const Fixture fixture;
    const LabelSession session = fixture.create();
    QCOMPARE(session.file(), fixture.file());
    QCOMPARE(session.audio_folder(), fixture.sounds());
    const auto clips = session.clips();
    QCOMPARE(clips.size(), std::size_t{4});
    QCOMPARE(clips[1].id, ClipId{2});
    QCOMPARE(clips[1].name, std::string("dogs/bark.wav"));
    QCOMPARE(clips[1].file, fixture.sounds() / "dogs/bark.wav");
    QCOMPARE(clips[1].seconds, 4.0);
    QVERIFY(clips[2].seconds <= 0.0);
    for (const Clip& clip : clips) {
      QVERIFY(clip.state == ClipState::Unseen && !clip.missing && clip.note.empty());
      QVERIFY(session.labels(clip.id).empty() && session.regions(clip.id).empty());
      QVERIFY(session.suggestions(clip.id).items.empty() && session.suggestions(clip.id).fingerprint.empty());
    }
    const auto classes = session.classes();
    QCOMPARE(classes.size(), std::size_t{3});
    QCOMPARE(classes[2].id, ClassId{3});
    QCOMPARE(classes[2].name, std::string("siren"));
    QVERIFY(!session.undo_text() && !session.redo_text());
    QVERIFY(session.all_labels().empty() && session.all_regions().empty());
  }

  void createRefusesWhatCannotBe() {
    const Fixture fixture;
    { const auto session = fixture.create(); }
    QCOMPARE(kind_of([&] { (void)fixture.create(); }), ErrorKind::Usage);  // there already
    const auto other = fixture.root() / "other.hearsay-labels";
    const auto with_classes = [&](const Names& names) {
      return kind_of([&] { (void)LabelSession::create(other, fixture.sounds(), {}, names); });
    };
    QCOMPARE(with_classes({"dog", "  Dog "}), ErrorKind::Usage);
    QCOMPARE(with_classes({"dog", " \n"}), ErrorKind::Usage);
    QVERIFY(!std::filesystem::exists(other));  // nothing half made is left
    QCOMPARE(kind_of([&] { (void)LabelSession::create("/no/such/folder/x", fixture.sounds(), {}, Names{}); }),
             ErrorKind::NotFound);
    QVERIFY(!with_classes({}));  // no classes yet, no files yet
    QVERIFY(LabelSession::open(other).clips().empty());
  }

  void openRefusesWhatIsNoSession() {
    const Fixture fixture;
    QCOMPARE(kind_of([&] { (void)fixture.open(); }), ErrorKind::NotFound);
    QVERIFY(!LabelSession::looks_like_session(fixture.file()));
    std::ofstream(fixture.file()) << "no database at all, but longer than the hundred bytes of the header of one "
                                     "so that it is not refused for its size alone";
    QCOMPARE(kind_of([&] { (void)fixture.open(); }), ErrorKind::BadFormat);
    QCOMPARE(kind_of([&] { (void)LabelSession::open(fixture.sounds()); }), ErrorKind::BadFormat);
    std::filesystem::remove(fixture.file());
    { const auto session = fixture.create(); }
    QVERIFY(LabelSession::looks_like_session(fixture.file()));
    QVERIFY(!LabelSession::looks_like_session(fixture.sounds() / "rain.wav"));
  }

  void everythingIsThereAfterReopening() {
    const Fixture fixture;
    std::string before;
    {
      LabelSession session = fixture.create();
      session.set_suggestions(2, "print", std::vector<Suggestion>{{1, 0.7}, {3, 0.2}});
      session.accept(2, 1);
      session.set_note(2, "a collie, I think \u2013 \u72d7");
      session.add_region(1, 0.5, 2.0, 2);
      session.skip(4);
      before = decisions(session);
    }
    QVERIFY(!std::filesystem::exists(fixture.file().string() + "-wal"));  // one file when it is closed
    const LabelSession session = fixture.open();
    QCOMPARE(decisions(session), before);
    QCOMPARE(session.clip(2).note, std::string("a collie, I think \u2013 \u72d7"));
    QCOMPARE(session.suggestions(2).items.size(), std::size_t{2});
    QCOMPARE(session.undo_text(), std::optional<std::string>("Skip siren.flac"));
  }

  void aSessionCanBeMovedInto() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    LabelSession other = std::move(session);
    QCOMPARE(other.clips().size(), std::size_t{4});
    const auto second = LabelSession::create(fixture.root() / "two.hearsay-labels", fixture.sounds(), {}, Names{});
    QVERIFY(second.clips().empty());
  }

  void sessionAndSoundsMoveTogether() {
    const Fixture fixture;
    { const auto session = fixture.create(); }
    const QTemporaryDir elsewhere;
    const std::filesystem::path moved = std::filesystem::path(elsewhere.path().toStdString()) / "moved";
    std::filesystem::rename(fixture.root(), moved);
    const auto session = LabelSession::open(moved / "work.hearsay-labels");
    QCOMPARE(session.clip(2).file, moved / "sounds/dogs/bark.wav");
    QVERIFY(!session.clip(2).missing);
    std::filesystem::rename(moved, fixture.root());
  }

  void filesOutsideTheFolderKeepTheirWholePath() {
    const Fixture fixture;
    touch(fixture.root() / "elsewhere/cat.wav");
    const auto session =
        LabelSession::create(fixture.file(), fixture.sounds(),
                             std::vector<SessionFile>{{fixture.root() / "elsewhere/cat.wav", 1.0}}, Names{});
    QCOMPARE(session.clip(1).name, (fixture.root() / "elsewhere/cat.wav").string());
    QCOMPARE(session.clip(1).file, fixture.root() / "elsewhere/cat.wav");
  }

  void mergeAddsAndFlags() {
    const Fixture fixture;
    { const auto session = fixture.create(); }
    std::filesystem::remove(fixture.sounds() / "rain.wav");
    touch(fixture.sounds() / "new.wav");
    LabelSession session = fixture.open();
    QVERIFY(session.clip(1).missing);  // seen when it was opened
    const std::vector<SessionFile> found = {{fixture.sounds() / "dogs/howl.wav", 7.0},
                                            {fixture.sounds() / "siren.flac", 99.0},
                                            {fixture.sounds() / "new.wav", 1.5},
                                            {fixture.sounds() / "dogs/../new.wav", 1.5}};
    const Change change = session.merge_files(found);
    QCOMPARE(change.clips, (ClipIds{3, 5}));
    QCOMPARE(change.text, std::string("Look through the folder: 1 new, 1 missing"));
    QCOMPARE(session.clip(3).seconds, 7.0);  // was unknown
    QCOMPARE(session.clip(4).seconds, 2.5);  // was known
    QCOMPARE(session.clip(5).name, std::string("new.wav"));
    QCOMPARE(session.progress().missing, std::int64_t{1});
    QVERIFY(session.merge_files(found).empty());
    QVERIFY(!session.undo_text());  // not an act of the person
    touch(fixture.sounds() / "rain.wav");
    QCOMPARE(session.merge_files({}).clips, (ClipIds{1}));
    QVERIFY(!session.clip(1).missing);
  }

  void namesThatAreNoTextAreShownAsTextAndFoundAllTheSame() {
    const Fixture fixture;
    const std::filesystem::path odd = fixture.sounds() / "caf\xE9.wav";
    touch(odd);
    const std::vector<SessionFile> files = {{odd, 1.0}};
    LabelSession session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"dog"});
    QCOMPARE(session.clips()[0].name, std::string("caf\xEF\xBF\xBD.wav"));
    QCOMPARE(session.clip(1).file, odd);
    QVERIFY(!session.clip(1).missing);
    QVERIFY(session.set_labels(1, ClassIds{1}).text.find("caf\xEF\xBF\xBD.wav") != std::string::npos);
  }

  void relocateFollowsAMovedFolder() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    const auto target = fixture.root() / "archive" / "recordings";
    std::filesystem::create_directories(target.parent_path());
    std::filesystem::rename(fixture.sounds(), target);
    session.merge_files({});
    QCOMPARE(session.progress().missing, std::int64_t{4});
    QVERIFY(session.relocate(fixture.root() / "nowhere").empty());
    const Change change = session.relocate(target);
    QCOMPARE(change.clips, (ClipIds{1, 2, 3, 4}));
    QCOMPARE(session.audio_folder(), target);
    QCOMPARE(session.clip(2).name, std::string("dogs/bark.wav"));
    QCOMPARE(session.clip(2).file, target / "dogs/bark.wav");
  }

  void relocateFindsSingleFiles() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    const auto target = fixture.root() / "attic";
    std::filesystem::create_directories(target);
    std::filesystem::rename(fixture.sounds() / "dogs/bark.wav", target / "bark.wav");
    const Change change = session.relocate(target);
    QCOMPARE(change.clips, (ClipIds{2}));
    QCOMPARE(session.clip(2).file, target / "bark.wav");
    QCOMPARE(session.audio_folder(), fixture.sounds());
  }

  void unknownIdsAreUsage() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    for (const ClipId id : {ClipId{0}, ClipId{5}, ClipId{-1}}) {
      QCOMPARE(kind_of([&] { (void)session.clip(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { (void)session.labels(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { (void)session.regions(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { (void)session.suggestions(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.set_labels(id, ClassIds{1}); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.clear(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.skip(id); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.set_note(id, "x"); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.set_seconds(id, 1.0); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.add_region(id, 0.0, 1.0, 1); }), ErrorKind::Usage);
      QCOMPARE(kind_of([&] { session.set_suggestions(id, "p", {}); }), ErrorKind::Usage);
    }
    QCOMPARE(kind_of([&] { session.set_labels(1, ClassIds{1, 9}); }), ErrorKind::Usage);
    QCOMPARE(kind_of([&] { session.set_labels(ClipIds{1, 9}, ClassIds{1}); }), ErrorKind::Usage);
    QVERIFY(session.labels(1).empty());  // all or nothing
    QCOMPARE(kind_of([&] { session.remove_region(1); }), ErrorKind::Usage);
    QCOMPARE(kind_of([&] { session.remove_class(9); }), ErrorKind::Usage);
    QVERIFY(!session.undo_text());
  }
};

QTEST_APPLESS_MAIN(TestLabelSession)
#include "test_label_session.moc"
