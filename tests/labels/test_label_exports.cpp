// The exports, to the byte where the format is text, and as other programs read them where it is JSON.

#include <QtTest>
#include <nlohmann/json.hpp>
#include <sstream>

#include "audio/decode.h"
#include "labels/exports.h"
#include "session_fixture.h"

using namespace session_fixture;

namespace {

std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// rain: two labels (one by the model) and a region; bark: a region; howl: a label, length unknown; siren: skipped.
LabelSession labelled(const Fixture& fixture) {
  LabelSession session = fixture.create();
  session.rename_class(3, "siren, police");
  session.set_suggestions(1, "print", std::vector<Suggestion>{{2, 0.75}, {1, 0.125}});
  session.accept(1, 2);
  session.set_labels(1, ClassIds{2, 3});
  session.set_note(1, "loud, \"very\"");
  session.add_region(1, 1.5, 2.25, 1);
  session.add_region(2, 0.0, 4.0, 1, LabelledBy::Model, 0.5);
  session.set_labels(3, ClassIds{1});
  session.skip(4);
  return session;
}

}  // namespace

class TestLabelExports : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void csv() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "out.csv";
    QCOMPARE(export_labels(session, LabelFormat::Csv, target), std::vector<std::filesystem::path>{target});
    QCOMPARE(slurp(target), std::string("file,start,end,label,by,score,note\n"
                                        "rain.wav,,,rain,model,0.7500,\"loud, \"\"very\"\"\"\n"
                                        "rain.wav,,,\"siren, police\",person,,\"loud, \"\"very\"\"\"\n"
                                        "rain.wav,1.500000,2.250000,dog,person,,\"loud, \"\"very\"\"\"\n"
                                        "dogs/bark.wav,0.000000,4.000000,dog,model,0.5000,\n"
                                        "dogs/howl.wav,,,dog,person,,\n"));
  }

  void aNoteWithoutALabelIsExportedToo() {
    const Fixture fixture;
    auto session = labelled(fixture);
    session.set_note(4, "wind, mostly");  // skipped
    session.clear(3);
    session.set_note(3, "ask Ann");  // not done
    const auto target = fixture.root() / "out.csv";
    export_labels(session, LabelFormat::Csv, target);
    const std::string text = slurp(target);
    QVERIFY(text.ends_with("dogs/howl.wav,,,,,,ask Ann\nsiren.flac,,,,,,\"wind, mostly\"\n"));
    QVERIFY(text.find("bark.wav,,") == std::string::npos);  // nothing to say of it
  }

  void json() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "out.json";
    export_labels(session, LabelFormat::Json, target);
    const auto root = nlohmann::json::parse(slurp(target));
    QVERIFY(root.at("classes") == nlohmann::json({"dog", "rain", "siren, police"}));
    QCOMPARE(root.at("clips").size(), std::size_t{4});
    const auto& rain = root["clips"][0];
    QCOMPARE(rain.at("file").get<std::string>(), std::string("rain.wav"));
    QCOMPARE(rain.at("seconds").get<double>(), 10.0);
    QCOMPARE(rain.at("state").get<std::string>(), std::string("labelled"));
    QVERIFY(rain.at("labels")[0] == nlohmann::json({{"label", "rain"}, {"by", "model"}, {"score", 0.75}}));
    QVERIFY(rain.at("regions")[0] ==
            nlohmann::json({{"start", 1.5}, {"end", 2.25}, {"label", "dog"}, {"by", "person"}, {"score", nullptr}}));
    QVERIFY(root["clips"][2].at("seconds").is_null());
    QCOMPARE(root["clips"][3].at("state").get<std::string>(), std::string("skipped"));
  }

  void audacity() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "tracks" / "deep";
    QVERIFY(writes_folder(LabelFormat::Audacity));
    const auto files = export_labels(session, LabelFormat::Audacity, target);
    QCOMPARE(files, (std::vector<std::filesystem::path>{target / "dogs_bark.txt", target / "dogs_howl.txt",
                                                        target / "rain.txt"}));
    QCOMPARE(slurp(target / "rain.txt"), std::string("0.000000\t10.000000\train\n"
                                                     "0.000000\t10.000000\tsiren, police\n"
                                                     "1.500000\t2.250000\tdog\n"));
    QCOMPARE(slurp(target / "dogs_howl.txt"), std::string("0.000000\t0.000000\tdog\n"));
  }

  void raven() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "raven";
    QVERIFY(writes_folder(LabelFormat::Raven));
    QCOMPARE(export_labels(session, LabelFormat::Raven, target).size(), std::size_t{3});
    std::istringstream lines(slurp(target / "dogs_bark.selections.txt"));
    std::string header;
    std::string line;
    std::getline(lines, header);
    std::getline(lines, line);
    QVERIFY(
        header.starts_with("Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"));
    QCOMPARE(std::count(header.begin(), header.end(), '\t'), std::count(line.begin(), line.end(), '\t'));
    QVERIFY(line.starts_with("1\tSpectrogram 1\t1\t0.000000\t4.000000\t"));
    QVERIFY(line.find("\tbark.wav\tdog\tmodel\t0.5000\t") != std::string::npos);
    QVERIFY(!std::getline(lines, line));
  }

  void ravenGoesNoHigherThanTheFile() {
    const Fixture fixture;
    write_wav(fixture.sounds() / "low.wav", std::vector<float>(800, 0.1F), 8000);
    write_wav(fixture.sounds() / "high.wav", std::vector<float>(4800, 0.1F), 48000);
    const std::vector<SessionFile> files = {{fixture.sounds() / "low.wav", 0.1},
                                            {fixture.sounds() / "high.wav", 0.1},
                                            {fixture.sounds() / "rain.wav", 10.0}};  // holds no sound
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"a"});
    session.set_labels(ClipIds{1, 2, 3}, ClassIds{1});
    const auto target = fixture.root() / "raven";
    export_labels(session, LabelFormat::Raven, target);
    QVERIFY(slurp(target / "low.selections.txt").find("\t0\t4000\tlow.wav\t") != std::string::npos);
    QVERIFY(slurp(target / "high.selections.txt").find("\t0\t20000\thigh.wav\t") != std::string::npos);
    QVERIFY(slurp(target / "rain.selections.txt").find("\t0\t20000\train.wav\t") != std::string::npos);
  }

  void aLengthTheSessionDoesNotKnowIsTheFiles() {
    const Fixture fixture;
    write_wav(fixture.sounds() / "new.wav", std::vector<float>(12000, 0.1F), 8000);
    const std::vector<SessionFile> files = {{fixture.sounds() / "new.wav", 0.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"a"});
    session.set_labels(1, ClassIds{1});
    const auto target = fixture.root() / "out";
    export_labels(session, LabelFormat::Audacity, target);
    QCOMPARE(slurp(target / "new.txt"), std::string("0.000000\t1.500000\ta\n"));
    export_labels(session, LabelFormat::Raven, target);
    QVERIFY(slurp(target / "new.selections.txt").find("\t0.000000\t1.500000\t") != std::string::npos);
  }

  void labelStudio() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "tasks.json";
    QVERIFY(!writes_folder(LabelFormat::LabelStudio));
    export_labels(session, LabelFormat::LabelStudio, target);
    const auto tasks = nlohmann::json::parse(slurp(target));
    QCOMPARE(tasks.size(), std::size_t{4});
    const auto& rain = tasks[0];
    QCOMPARE(rain.at("data").at("audio").get<std::string>(), std::string("/data/local-files/?d=rain.wav"));
    const auto& result = rain.at("annotations")[0].at("result");
    QVERIFY(result[0].at("value").at("choices") == nlohmann::json({"rain", "siren, police"}));
    QCOMPARE(result[1].at("type").get<std::string>(), std::string("labels"));
    QCOMPARE(result[1].at("value").at("end").get<double>(), 2.25);
    QCOMPARE(rain.at("predictions")[0].at("model_version").get<std::string>(), std::string("print"));
    QCOMPARE(rain.at("predictions")[0].at("score").get<double>(), 0.75);
    QVERIFY(!tasks[3].contains("annotations"));
  }

  void namesThatWouldClashOrEscape() {
    const Fixture fixture;
    const std::vector<SessionFile> files = {
        {fixture.sounds() / "rain.wav", 1.0}, {fixture.sounds() / "Rain.flac", 1.0},
        {fixture.sounds() / "a/b.wav", 1.0},  {fixture.sounds() / "a_b.wav", 1.0},
        {"/outside/../etc/x.wav", 1.0},       {fixture.sounds() / (std::string(240, 'n') + ".wav"), 1.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"a"});
    session.set_labels(ClipIds{1, 2, 3, 4, 5, 6}, ClassIds{1});
    const auto target = fixture.root() / "tracks";
    const auto written = export_labels(session, LabelFormat::Audacity, target);
    QCOMPARE(written.size(), std::size_t{6});
    for (const auto& file : written) {
      QCOMPARE(file.parent_path(), target);
      QVERIFY(std::filesystem::exists(file));
    }
    QVERIFY(std::filesystem::exists(target / "Rain_2.txt"));
    QVERIFY(std::filesystem::exists(target / "a_b_3.txt"));
    QVERIFY(std::filesystem::exists(target / "_etc_x.txt"));
  }

  void aNameWithAnIdMayBeTakenToo() {
    const Fixture fixture;
    const std::vector<SessionFile> files = {{fixture.sounds() / "a_3.wav", 1.0},
                                            {fixture.sounds() / "a.wav", 1.0},
                                            {fixture.sounds() / "a.flac", 1.0},
                                            {fixture.sounds() / "A_3_2.ogg", 1.0}};
    auto session = LabelSession::create(fixture.file(), fixture.sounds(), files, Names{"a"});
    session.set_labels(ClipIds{1, 2, 3, 4}, ClassIds{1});
    const auto target = fixture.root() / "tracks";
    const std::vector<std::filesystem::path> expected = {target / "A_3_2.txt", target / "a.txt", target / "a_3.txt",
                                                         target / "a_3_3.txt"};
    QCOMPARE(export_files(session, LabelFormat::Audacity, target), expected);
    QVERIFY(!std::filesystem::exists(target));  // only told
    QCOMPARE(export_labels(session, LabelFormat::Audacity, target), expected);
  }

  void whatAnExportWouldWrite() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto target = fixture.root() / "out";
    QCOMPARE(export_files(session, LabelFormat::Json, target), std::vector<std::filesystem::path>{target});
    const auto told = export_files(session, LabelFormat::Raven, target);
    QCOMPARE(told.size(), std::size_t{3});
    QCOMPARE(export_labels(session, LabelFormat::Raven, target), told);
  }

  void aTargetThatCannotBeWritten() {
    const Fixture fixture;
    const auto session = labelled(fixture);
    const auto blocked = fixture.sounds() / "rain.wav" / "under";  // below a file
    for (const LabelFormat format : {LabelFormat::Csv, LabelFormat::Json, LabelFormat::Audacity, LabelFormat::Raven}) {
      std::string message;
      QCOMPARE(kind_of([&] { (void)export_labels(session, format, blocked); }, &message), ErrorKind::NoSpace);
      QVERIFY2(message.find("under") != std::string::npos, message.c_str());
    }
  }
};

QTEST_APPLESS_MAIN(TestLabelExports)
#include "test_label_exports.moc"
