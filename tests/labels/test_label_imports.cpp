// Labels from elsewhere: what Label exports comes back, tracks and tables find their clips, what cannot be is told.

#include <QtTest>

#include "audio/decode.h"
#include "base/files.h"
#include "labels/exports.h"
#include "labels/imports.h"
#include "session_fixture.h"

using namespace session_fixture;

namespace {

using Paths = std::vector<std::filesystem::path>;

std::vector<std::string> import_into(LabelSession& session, const Paths& files) {
  std::vector<std::string> left_out;
  import_labels(session, files, left_out);
  return left_out;
}

/// "dog 1.5-2.25 p; rain m"
std::string of(const LabelSession& session, ClipId clip) {
  std::string text;
  const auto add = [&](ClassId id, const std::string& times, LabelledBy by) {
    for (const SessionClass& one : session.classes()) {
      if (one.id == id) text += (text.empty() ? "" : "; ") + one.name + times + (by == LabelledBy::Model ? " m" : " p");
    }
  };
  for (const ClipLabel& label : session.labels(clip)) add(label.class_id, "", label.by);
  for (const Region& region : session.regions(clip)) {
    add(region.class_id,
        " " + QString::number(region.start).toStdString() + "-" + QString::number(region.end).toStdString(), region.by);
  }
  return text;
}

void write(const std::filesystem::path& file, std::string_view text) {
  write_file_atomically(file, text);
}

}  // namespace

class TestLabelImports : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatWasExportedComesBack_data() {
    QTest::addColumn<bool>("csv");
    QTest::newRow("csv") << true;
    QTest::newRow("label tracks") << false;
  }

  void whatWasExportedComesBack() {
    QFETCH(const bool, csv);
    const Fixture fixture;
    const auto target = fixture.root() / (csv ? "out.csv" : "tracks");
    Paths files;
    {
      auto session = fixture.create();
      session.set_suggestions(1, "print", std::vector<Suggestion>{{2, 0.75}});
      session.accept(1, 2);
      session.add_region(1, 1.5, 2.25, 1);
      session.set_labels(2, ClassIds{1});
      session.add_region(2, 0.125, 3.0, 3);
      session.set_note(4, "wind, mostly");
      files = export_labels(session, csv ? LabelFormat::Csv : LabelFormat::Audacity, target);
      std::filesystem::rename(fixture.file(), fixture.root() / "first.hearsay-labels");
    }
    auto session = fixture.create();
    const auto before = decisions(session);
    QVERIFY(import_into(session, files).empty());
    QCOMPARE(of(session, 1), std::string(csv ? "rain m; dog 1.5-2.25 p" : "rain p; dog 1.5-2.25 p"));
    QCOMPARE(of(session, 2), std::string("dog p; siren 0.125-3 p"));
    QCOMPARE(session.clip(4).note, std::string(csv ? "wind, mostly" : ""));
    const auto after = decisions(session);
    QVERIFY(import_into(session, files).empty());  // nothing is there twice
    QCOMPARE(decisions(session), after);
    session.undo();
    QCOMPARE(decisions(session), before);
    QVERIFY(!session.undo_text().has_value());
  }

  void aTrackIsOfTheSoundBesideIt() {
    const Fixture fixture;
    touch(fixture.sounds() / "cats/howl.wav");
    const std::vector<SessionFile> sounds = {{fixture.sounds() / "dogs/howl.wav", 4.0},
                                             {fixture.sounds() / "cats/howl.wav", 4.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), sounds, Names{"dog"});
    write(fixture.sounds() / "cats/howl.txt", "0.5\t1.25\tCat\n\\\t100\t2000\n2\t3\tdog\r\n");
    QVERIFY(import_into(session, {fixture.sounds() / "cats/howl.txt"}).empty());
    QCOMPARE(of(session, 2), std::string("Cat 0.5-1.25 p; dog 2-3 p"));
    QCOMPARE(of(session, 1), std::string());
    write(fixture.root() / "howl.txt", "0.5\t1.25\tdog\n");  // of which of them?
    const auto problems = import_into(session, {fixture.root() / "howl.txt"});
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY2(problems[0].starts_with("howl.txt could be of several clips"), problems[0].c_str());
    QCOMPARE(of(session, 1), std::string());
    write(fixture.root() / "owl.txt", "0.5\t1.25\tdog\n");
    const auto unknown = import_into(session, {fixture.root() / "owl.txt"});
    QCOMPARE(unknown.size(), std::size_t{1});
    QVERIFY2(unknown[0].starts_with("owl.txt is of no clip"), unknown[0].c_str());
  }

  void tracksOfAlikeNamesComeBackToTheirClips_data() {
    QTest::addColumn<QStringList>("sounds");
    QTest::addColumn<bool>("beside");  // exported into the folder of the sounds
    const QStringList folders{QStringLiteral("a/rain.wav"), QStringLiteral("a_rain.wav")};
    QTest::newRow("a folder and its name") << folders << false;
    QTest::newRow("a folder and its name, beside the sounds") << folders << true;
    QTest::newRow("two endings") << QStringList{QStringLiteral("dog.flac"), QStringLiteral("dog.wav")} << false;
    QTest::newRow("a name that an id would make")
        << QStringList{QStringLiteral("dog.flac"), QStringLiteral("dog.wav"), QStringLiteral("dog_2.wav")} << false;
  }

  void tracksOfAlikeNamesComeBackToTheirClips() {
    QFETCH(const QStringList, sounds);
    QFETCH(const bool, beside);
    const Fixture fixture;
    std::vector<SessionFile> files;
    for (const QString& sound : sounds) {
      touch(fixture.sounds() / sound.toStdString());
      files.push_back({fixture.sounds() / sound.toStdString(), 10.0});
    }
    // All labelled, or only one of them: what a track is called must not hang on it.
    for (ClipId only = 0; only <= sounds.size(); ++only) {
      std::filesystem::remove(fixture.file());
      auto session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"dog"});
      for (ClipId clip = 1; clip <= sounds.size(); ++clip) {
        if (only == 0 || clip == only) session.add_region(clip, static_cast<double>(clip), clip + 0.5, 1);
      }
      const auto before = decisions(session);
      const auto target = beside ? fixture.sounds() : fixture.root() / ("tracks" + std::to_string(only));
      const Paths tracks = export_labels(session, LabelFormat::Audacity, target);
      QCOMPARE(tracks.size(), static_cast<std::size_t>(only == 0 ? sounds.size() : 1));
      while (session.undo_text()) session.undo();
      const auto problems = import_into(session, tracks);
      QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].c_str());
      for (ClipId clip = 1; clip <= sounds.size(); ++clip) {
        const bool has = only == 0 || clip == only;
        const std::string times = std::to_string(clip) + "-" + std::to_string(clip) + ".5";
        QCOMPARE(of(session, clip), has ? "dog " + times + " p" : std::string());
      }
    }
  }

  void aTrackMayHaveTheEndingOfItsSound() {
    const Fixture fixture;
    touch(fixture.sounds() / "siren.wav");
    touch(fixture.sounds() / "cats/howl.wav");
    const std::vector<SessionFile> sounds = {{fixture.sounds() / "siren.flac", 4.0},
                                             {fixture.sounds() / "siren.wav", 4.0},
                                             {fixture.sounds() / "dogs/howl.wav", 4.0},
                                             {fixture.sounds() / "cats/howl.wav", 4.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), sounds, Names{"dog"});
    write(fixture.root() / "siren.wav.txt", "1\t2\tdog\n");
    write(fixture.sounds() / "cats/howl.wav.txt", "1\t2\tdog\n");
    QVERIFY(import_into(session, {fixture.root() / "siren.wav.txt", fixture.sounds() / "cats/howl.wav.txt"}).empty());
    QCOMPARE(of(session, 2), std::string("dog 1-2 p"));
    QCOMPARE(of(session, 4), std::string("dog 1-2 p"));
    write(fixture.sounds() / "siren.txt", "1\t2\tdog\n");  // beside two of its name
    write(fixture.root() / "howl.wav.txt", "1\t2\tdog\n");
    QCOMPARE(import_into(session, {fixture.sounds() / "siren.txt", fixture.root() / "howl.wav.txt"}).size(),
             std::size_t{2});
    QVERIFY(of(session, 1).empty() && of(session, 3).empty());
  }

  void aTrackThatSpansTheClipIsOfTheWholeClip() {
    const Fixture fixture;
    write_wav(fixture.sounds() / "new.wav", std::vector<float>(12000, 0.1F), 8000);
    const std::vector<SessionFile> sounds = {{fixture.sounds() / "new.wav", 0.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), sounds, Names{"dog", "rain"});
    write(fixture.sounds() / "new.txt", "0.000000\t1.500000\tdog\n0\t0\train\n");
    QVERIFY(import_into(session, {fixture.sounds() / "new.txt"}).empty());
    QCOMPARE(of(session, 1), std::string("dog p; rain p"));
    QCOMPARE(session.clip(1).seconds, 1.5);
  }

  void manyLabelsOfOneClipAreAddedInOneGo() {
    const Fixture fixture;
    auto session = fixture.create();
    const auto given = [](int count) {
      std::vector<GivenLabel> labels;
      for (int i = 0; i < count; ++i) {
        labels.push_back({3, "dog", 2.0 * i, 2.0 * i + 1.0, LabelledBy::Person, {}, "note " + std::to_string(i)});
      }
      return labels;
    };
    std::vector<std::string> left_out;
    session.add_given(given(500), left_out);
    session.undo();
    auto labels = given(5000);
    labels.push_back(labels.front());  // not twice
    session.add_given(labels, left_out);
    QCOMPARE(session.regions(3).size(), std::size_t{5000});
    QCOMPARE(session.clip(3).note, std::string("note 0"));
  }

  void whatIsNoLabelOfTheSessionIsTold() {
    const Fixture fixture;
    auto session = fixture.create();
    session.set_note(1, "mine");
    write(fixture.root() / "a.csv",
          "label;file;start;end;note\ndog;rain.wav;1,5;2,5;yours\nDOG;dogs/bark.wav;;;\ndog;gone.wav;;;\n"
          "dog;rain.wav;9;12;\ndog;rain.wav;x;2;\ndog;siren.flac;3;2;\n");
    write(fixture.root() / "siren.txt", "1\t1.5\tsiren\n1\t2\n");
    write(fixture.root() / "other.csv", "a,b\n1,2\n");
    const auto problems = import_into(session, {fixture.root() / "a.csv", fixture.root() / "siren.txt",
                                                fixture.root() / "other.csv", fixture.root() / "none.csv"});
    QCOMPARE(of(session, 1), std::string("dog 1.5-2.5 p"));
    QCOMPARE(of(session, 2), std::string("dog p"));
    QCOMPARE(of(session, 4), std::string("siren 1-1.5 p"));
    QCOMPARE(session.clip(1).note, std::string("mine"));
    QCOMPARE(session.classes().size(), std::size_t{3});
    QCOMPARE(problems.size(), std::size_t{7});
    QCOMPARE(problems[0], std::string("a.csv, line 4: this session has no clip \"gone.wav\"."));
    QCOMPARE(problems[1], std::string("a.csv, line 6: the start and the end must be numbers of seconds."));
    QVERIFY2(problems[2].starts_with("siren.txt, line 2: "), problems[2].c_str());
    QVERIFY2(problems[3].find("other.csv holds no labels") != std::string::npos, problems[3].c_str());
    QVERIFY2(problems[4].find("none.csv") != std::string::npos, problems[4].c_str());
    QVERIFY2(problems[5].starts_with("\"dog\" from 9.000 s to 12.000 s: A region must"), problems[5].c_str());
    QVERIFY2(problems[5].find("within rain.wav (10.00 s)") != std::string::npos, problems[5].c_str());
  }
};

QTEST_APPLESS_MAIN(TestLabelImports)
#include "test_label_imports.moc"
