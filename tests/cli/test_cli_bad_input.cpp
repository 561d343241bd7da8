#include <QJsonArray>
#include <limits>

#include "base/files.h"
#include "cli/cli_runner.h"
#include "prompts/prompt_set.h"
#include "support/sounds.h"

using namespace hearsay_test;

namespace {

const QStringList kTwo = {"--classes", "dog, rain"};

}  // namespace

/// What goes wrong: one clear sentence on stderr, the right exit code, no crash, and the rest goes on.
class TestCliBadInput : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }

 private Q_SLOTS:
  void wrong_usage_data() {
    QTest::addColumn<QStringList>("arguments");
    const QString sound = cli_.tone("usage.wav", 1.0);
    const QStringList classify = QStringList{"classify", sound} + kTiny;
    const auto row = [](const char* name, const QStringList& arguments) { QTest::newRow(name) << arguments; };
    row("nothing", {});
    row("no such command", {"sing"});
    row("no such option", classify + kTwo + QStringList{"--loud"});
    row("no classes", classify);
    row("two ways to name classes", classify + kTwo + QStringList{"--prompts", "p.safetensors"});
    row("empty class name", classify + QStringList{"-c", "dog, ,_"});
    row("a class twice", classify + QStringList{"-c", "dog, Dog"});
    row("no such format", classify + kTwo + QStringList{"--format", "xml"});
    row("no such score", classify + kTwo + QStringList{"--scores", "best"});
    row("tuned scores without tuning", classify + kTwo + QStringList{"--scores", "fused"});
    row("window longer than the model's", classify + kTwo + QStringList{"--window", "60"});
    row("hop below zero", classify + kTwo + QStringList{"--hop", "-1"});
    row("hop of nothing", classify + kTwo + QStringList{"--hop", "0"});
    row("window of nothing", classify + kTwo + QStringList{"--window", "0"});
    row("hop that is no number", classify + kTwo + QStringList{"--hop", "nan"});
    row("hop longer than the window", classify + kTwo + QStringList{"--hop", "7"});
    row("top that is no number", classify + kTwo + QStringList{"--top", "many"});
    row("threshold above one", classify + kTwo + QStringList{"--threshold", "1.5"});
    row("template without {}", classify + kTwo + QStringList{"--template", "sound"});
    row("threads below zero", classify + kTwo + QStringList{"--threads", "-2"});
    row("more threads than any machine has", classify + kTwo + QStringList{"--threads", "100000"});
    row("aliases between commas", classify + QStringList{"-c", "rain | drizzle, siren, wind"});
    row("a description between commas", classify + QStringList{"-c", "wind: a gust, rain"});
    row("no class at the top", classify + kTwo + QStringList{"--top", "0"});
    row("no such device", QStringList{"classify", sound, "--model", Cli::tiny(), "--device", "abacus"} + kTwo);
    row("tokens of nothing", QStringList{"tokens"} + kTiny);
    row("embed of nothing", QStringList{"embed", "--out", "x.safetensors"} + kTiny);
    row("embed without out", QStringList{"embed", "--text", "a"} + kTiny);
    row("frames of a text", QStringList{"embed", "--text", "a", "--frames", "--out", "x.safetensors"} + kTiny);
    row("tune without out", QStringList{"tune"} + kTwo + kTiny);
    const QStringList tune = QStringList{"tune", "--out", cli_.path("never.safetensors")} + kTwo + kTiny;
    row("context too long", tune + QStringList{"--context", "65"});
    row("another length than the contexts to start from",
        tune + QStringList{"--init", cli_.tuned("four.safetensors"), "--context", "8"});
    row("sounds for offsets that there will not be",
        tune + QStringList{"--steps", "1", "--reference-sounds", cli_.path("none.safetensors")});
    row("learning rate that is no number", tune + QStringList{"--lr", "nan"});
    row("no such recipe", tune + QStringList{"--recipe", "slow"});
    row("no steps", tune + QStringList{"--steps", "0"});
    row("captions of other classes",
        tune + QStringList{"--captions", cli_.text_file("other.csv", "caption,label\na cat,cat\n")});
    row("listen with a hop of nothing", QStringList{"listen", "--hop", "0", "--replay", sound} + kTwo + kTiny);
    row("export to an unknown format", {"prompts", "export", "p", "--out", "x"});
  }
  void no_result_takes_the_place_of_what_is_read() {
    const QString sound = cli_.tone("mine.wav", 1.0);
    const QString list = cli_.text_file("mine.txt", "dog\nrain\n");
    const QString texts = cli_.text_file("texts.txt", "a dog\n");
    const QString manifest = cli_.text_file("mine.csv", "file,label\nmine.wav,dog\n");
    const QString set = cli_.path("mine.safetensors");
    const QStringList tune = {"tune", "--steps", "1", "--context", "4", "--out", set};
    QCOMPARE(run(tune + kTwo + kTiny).code, 0);
    const QStringList eval = QStringList{"eval", "--manifest", manifest} + kTwo + kTiny;
    const std::string model = cli_.path("model").toStdString();
    std::filesystem::copy(Cli::tiny().toStdString(), model, std::filesystem::copy_options::recursive);
    const QString weights = cli_.path("model/model.safetensors");
    const QString tokenizer = cli_.path("model/tokenizer.json");
    const QStringList own = {"--model", cli_.path("model"), "--device", "cpu"};
    const QString track = cli_.text_file("mine.wav.txt", "dog\nrain\n");
    const QString other = cli_.tone("mine2.wav", 1.0);
    for (const auto& [read, arguments] : std::vector<std::pair<QString, QStringList>>{
             {sound, QStringList{"classify", sound, "--out", sound} + kTwo + kTiny},
             {list, QStringList{"classify", sound, "--out", list, "--classes-file", list} + kTiny},
             {set, QStringList{"classify", sound, "--out", set, "--prompts", set} + kTiny},
             {sound, QStringList{"embed", "--audio", sound, "--out", sound} + kTiny},
             {texts, QStringList{"embed", "--texts", texts, "--out", texts} + kTiny},
             {texts, QStringList{"tokens", "--texts", texts, "--out", texts} + kTiny},
             {set, {"prompts", "export", set, "--format", "json", "--out", set}},
             {manifest, eval + QStringList{"--report", manifest}},
             {sound, eval + QStringList{"--report", sound}},
             {sound, QStringList{"classify", sound, "--format", "audacity", "--out", sound} + kTwo + kTiny},
             {track, QStringList{"classify", sound, other, "--format", "audacity", "--out", cli_.path(""),
                                 "--classes-file", track} +
                         kTiny},
             {weights, QStringList{"embed", "--text", "a", "--out", weights} + own},
             {weights, QStringList{"classify", sound, "--out", weights} + kTwo + own},
             {weights, QStringList{"tune", "--steps", "1", "--out", weights} + kTwo + own},
             {weights, QStringList{"tune", "--steps", "1", "--out", set, "--report", weights} + kTwo + own},
             {tokenizer, QStringList{"tokens", "--text", "a", "--out", tokenizer} + own}}) {
      const std::string before = hearsay::read_file(read.toStdString());
      const CliResult r = run(arguments);
      QVERIFY2(r.code == 2 && r.err.contains("would be overwritten"), qPrintable(arguments.join(' ') + r.err));
      QVERIFY2(hearsay::read_file(read.toStdString()) == before, qPrintable(arguments.join(' ')));
    }
  }

  void classes_that_look_like_the_same_sound_are_told() {
    const QString list = cli_.text_file("alike.txt", "rain | drizzle\ndogs\ndog\nshower | Drizzle\n");
    const CliResult r = run(QStringList{"classify", cli_.tone("alike.wav", 1.0), "--classes-file", list} + kTiny);
    QCOMPARE(r.code, 0);
    QVERIFY2(r.err.contains("\"dogs\" and \"dog\" look like the same sound"), qPrintable(r.err));
    QVERIFY2(r.err.contains("\"rain\" and \"shower\" look like the same sound"), qPrintable(r.err));
  }

  void a_command_that_there_is_not_is_named() {
    QVERIFY(run({"clasify", "x"}).err.contains("\"clasify\""));
    QVERIFY(run({"prompts", "shwo", "x"}).err.contains("\"shwo\""));
    QVERIFY(run({"prompts"}).err.contains("subcommand"));
    QVERIFY(run({"tune", "dog, rain"}).err.contains("--out"));  // what is missing there is no command
  }

  void wrong_usage() {
    QFETCH(QStringList, arguments);
    const CliResult r = run(arguments);
    QVERIFY2(r.code == 2, qPrintable(QString::number(r.code) + " " + r.err));
    QVERIFY(!r.err.trimmed().isEmpty());
    QVERIFY(r.out.isEmpty());
    QVERIFY(!std::filesystem::exists(cli_.path("never.safetensors").toStdString()));
  }

  void what_cannot_be_done_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* name, const QStringList& arguments, const QString& named) {
      QTest::newRow(name) << arguments << named;
    };
    const auto classify = [&](const QString& file) { return QStringList{"classify", file} + kTwo + kTiny; };
    row("absent file", classify("gone.wav"), "gone.wav");
    row("text named .wav", classify(cli_.text_file("text.wav", "hello")), "text.wav");
    row("empty file", classify(cli_.text_file("empty.wav", "")), "empty.wav");
    hearsay::write_wav(cli_.path("none.wav").toStdString(), std::vector<float>(), 32000);
    row("no samples", classify(cli_.path("none.wav")), "none.wav");
    std::filesystem::create_directories(cli_.path("nothing").toStdString());
    row("folder without sounds", classify(cli_.path("nothing")), "no sound file");
    row("absent model", QStringList{"models", "info", "whisper"}, "whisper");
    row("folder that is no model", QStringList{"models", "info", cli_.path("nothing")}, "nothing");
    row("absent classes file", QStringList{"classify", "x.wav", "--classes-file", "gone.txt"} + kTiny, "gone.txt");
    row("absent prompt set", {"prompts", "show", "gone.safetensors"}, "gone.safetensors");
    row("text as a prompt set", {"prompts", "show", cli_.text_file("text.safetensors", "hello")}, "text.safetensors");
    row("hostile prompt set", {"prompts", "show", cli_.text_file("hostile.safetensors", std::string(8, '\xFF') + "{}")},
        "hostile.safetensors");
    const QString sound = cli_.tone("good.wav", 1.0);
    row("folder for --out absent", classify(sound) + QStringList{"--out", "no/such/out.csv"}, "out.csv");
    row("--out is a folder", classify(sound) + QStringList{"--out", cli_.path("nothing")}, "nothing");
    row("disk full", classify(sound) + QStringList{"--out", "/dev/full"}, "/dev/full");
    row("no manifest", QStringList{"eval", "--manifest", "gone.csv"} + kTwo + kTiny, "gone.csv");
    row("manifest without columns",
        QStringList{"eval", "--manifest", cli_.text_file("columns.csv", "a,b\n1,2\n")} + kTwo + kTiny, "columns.csv");
    row("nothing readable",
        QStringList{"eval", "--manifest", cli_.text_file("gone.csv2", "file,label\nlost.wav,dog\n")} + kTwo + kTiny,
        "lost.wav");
    row("json lines that are none",
        QStringList{"tokens", "--texts", cli_.text_file("bad.jsonl", "{\"text\": 1}\n")} + kTiny, "bad.jsonl");
    row("embed of a bad file", QStringList{"embed", "--audio", "gone.wav", "-o", cli_.path("e.safetensors")} + kTiny,
        "gone.wav");
    row("microphone that is not there",
        QStringList{"listen", "--input", "no such microphone", "--seconds", "1"} + kTwo + kTiny, "icrophone");
    row("contexts of the wrong file",
        QStringList{"tune", "--init", Cli::tiny() + "/model.safetensors", "--out", cli_.path("i.safetensors")} + kTwo +
            kTiny,
        "model.safetensors");
  }
  void what_cannot_be_done() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, named);
    const CliResult r = run(arguments);
    QVERIFY2(r.code == 1, qPrintable(QString::number(r.code) + " " + r.err));
    QVERIFY2(r.err.contains(named), qPrintable(r.err));
    QVERIFY2(!r.err.contains("terminate") && !r.err.contains("c10"), qPrintable(r.err));
  }

  void cuda_that_is_not_there() {
    const CliResult r = run(QStringList{"tokens", "--text", "a", "--model", Cli::tiny(), "--device", "cuda:31"});
    QCOMPARE(r.code, 1);
    QVERIFY(!r.err.trimmed().isEmpty());
  }

  void a_prompt_set_of_another_model() {
    const QString file = cli_.path("theirs.safetensors");
    QCOMPARE(run(QStringList{"tune", "--steps", "1", "--captions", cli_.captions(), "--out", file, "--quiet", "-c",
                             "dog, rain, siren"} +
                 kTiny)
                 .code,
             0);
    hearsay::PromptSet set = hearsay::load_prompts(file.toStdString());
    set.model_fingerprint = std::string(64, 'a');
    hearsay::save_prompts(set, file.toStdString());
    for (const QStringList& command : {QStringList{"classify", cli_.tone("theirs.wav", 1.0), "--prompts", file},
                                       QStringList{"prompts", "verify", file}}) {
      const CliResult r = run(command + kTiny);
      QCOMPARE(r.code, 1);
      QVERIFY2(r.err.contains("theirs.safetensors") && r.err.contains(QString(64, 'a')), qPrintable(r.err));
    }
  }

  void odd_but_usable_sound() {
    hearsay::write_wav(cli_.path("single.wav").toStdString(), std::vector<float>(1, 0.5F), 32000);
    hearsay::write_wav(cli_.path("slow.wav").toStdString(), std::vector<float>(8000, 0.1F), 8000);
    hearsay::write_wav(cli_.path("fast.wav").toStdString(), std::vector<float>(192000, 0.1F), 192000);
    const auto write = [this](const char* name, const std::vector<float>& samples, int channels) {
      return hearsay::testing::write_sound(cli_.path(name).toStdString(), samples, 32000, channels,
                                           SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    };
    QVERIFY(write("wide.wav", hearsay::testing::noise(24 * 3200), 24));
    std::vector<float> odd = hearsay::testing::noise(32000);
    odd[7] = std::numeric_limits<float>::quiet_NaN();
    QVERIFY(write("odd.wav", odd, 1));
    const CliResult r =
        run(QStringList{"classify", "single.wav", "slow.wav", "fast.wav", "wide.wav", "odd.wav", "--top", "1"} + kTwo +
            kTiny);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QCOMPARE(r.lines().size(), 6);
    QVERIFY2(r.err.contains("\"odd.wav\" holds 1 sample that is no number"), qPrintable(r.err));
  }

  void what_is_odd_about_a_sound_is_said_by_every_command() {
    const std::string silent = cli_.path("mute.wav").toStdString();
    const std::string cut = cli_.path("torn.wav").toStdString();
    hearsay::write_wav(silent, std::vector<float>(32000, 0.0F), 32000);
    hearsay::write_wav(cut, hearsay::testing::noise(4 * 32000), 32000);
    std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
    const QString manifest = cli_.text_file("odd.csv", "file,label\nmute.wav,dog\ntorn.wav,rain\n");
    const QStringList sounds{"mute.wav", "torn.wav"};
    for (const QStringList& command :
         {QStringList{"classify"} + sounds + kTwo, QStringList{"eval", "--manifest", manifest, "--json"} + kTwo,
          QStringList{"embed", "--out", cli_.path("odd.safetensors"), "--audio"} + sounds,
          QStringList{"embed", "--whole", "--out", cli_.path("odd.safetensors"), "--audio"} + sounds}) {
      const CliResult r = run(command + kTiny);
      QVERIFY2(r.code == 0, qPrintable(r.err));
      QVERIFY2(r.err.contains("mute.wav\" is silent"), qPrintable(r.err));
      QVERIFY2(r.err.contains("torn.wav\" breaks off: about 2.0 s"), qPrintable(r.err));
      if (command[0] == "eval") QCOMPARE(json_of(r.out)["doubts"].toArray().size(), 2);
    }
  }

  void the_good_ones_go_on() {
    const QString good = cli_.tone("fine.wav", 1.0);
    const QString bad = cli_.text_file("bad.wav", "no");
    const CliResult c = run(QStringList{"classify", "gone.wav", bad, good, "--top", "1"} + kTwo + kTiny);
    QCOMPARE(c.code, 0);
    QCOMPARE(c.lines().size(), 2);
    QVERIFY(c.err.contains("gone.wav") && c.err.contains("bad.wav"));
    const CliResult e = run(QStringList{"embed", "--audio", bad, good, "--out", cli_.path("some.safetensors")} + kTiny);
    QCOMPARE(e.code, 1);
    QVERIFY(std::filesystem::exists(cli_.path("some.safetensors").toStdString()));
  }

  void nothing_made_before_is_lost() {
    const QString out = cli_.text_file("kept.csv", "old\n");
    QCOMPARE(run(QStringList{"classify", cli_.tone("k.wav", 1.0), "--out", out, "--format", "xml"} + kTwo + kTiny).code,
             2);
    QCOMPARE(content_of(out), QString("old\n"));
  }

  void one_class_and_many() {
    const QString sound = cli_.tone("many.wav", 1.0);
    const CliResult one = run(QStringList{"classify", sound, "-c", "dog"} + kTiny);
    QCOMPARE(one.code, 0);
    QVERIFY(one.lines()[1].contains(",1,dog,1.000000,"));
    QVERIFY2(one.err.contains("\"dog\" alone"), qPrintable(one.err));
    std::string names;
    for (int i = 0; i < 500; ++i) names += "class number " + std::to_string(i) + "\n";
    const CliResult many =
        run(QStringList{"classify", sound, "--classes-file", cli_.text_file("many.txt", names)} + kTiny);
    QCOMPARE(many.code, 0);
    QCOMPARE(many.lines().size(), 501);
  }
};

QTEST_GUILESS_MAIN(TestCliBadInput)
#include "test_cli_bad_input.moc"
