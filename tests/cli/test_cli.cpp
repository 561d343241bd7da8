#include <QJsonArray>
#include <csignal>

#include "base/csv.h"
#include "base/unit_length.h"
#include "classify/scores.h"
#include "cli/cli_runner.h"
#include "model/safetensors.h"

using namespace hearsay;
using namespace hearsay_test;

/// Every command of DESIGN section 7, with a tiny random model; eval is in test_cli_eval.
class TestCli : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }
  QString tuned(const QString& name, const QStringList& more = {}) { return cli_.tuned(name, more); }

 private Q_SLOTS:
  void help_and_version() {
    const CliResult help = run({"--help"});
    QCOMPARE(help.code, 0);
    for (const char* command :
         {"models", "tokens", "embed", "classify", "tune", "eval", "listen", "prompts", "cache"}) {
      QVERIFY2(help.out.contains(command), command);
      QCOMPARE(run({command, "--help"}).code, 0);
    }
    QVERIFY(run({"--version"}).out.startsWith("hearsay "));
  }

  void models_list_and_info() {
    const CliResult list = run({"models", "list"});
    QCOMPARE(list.code, 0);
    if (Cli::has_starter()) QVERIFY2(list.out.contains("starter"), qPrintable(list.out));
    const auto listed = QJsonDocument::fromJson(run({"models", "list", "--json"}).out.toUtf8());
    QVERIFY(listed.isArray());
    if (Cli::has_starter()) QCOMPARE(listed[0]["name"].toString(), QString("starter"));
    for (const auto& one : listed.array()) QVERIFY(one.toObject()["window_seconds"].toDouble() > 0.0);
    QProcess lost;
    cli_.prepare(lost);
    QProcessEnvironment elsewhere = lost.processEnvironment();
    elsewhere.insert("HEARSAY_RESOURCES", cli_.path("nowhere"));
    lost.setProcessEnvironment(elsewhere);
    lost.start(HEARSAY_CLI, {"models", "list"});
    QVERIFY(lost.waitForFinished(60000));
    QVERIFY(lost.readAllStandardError().contains("HEARSAY_RESOURCES"));
    const CliResult info = run({"models", "info", Cli::tiny(), "--json"});
    QCOMPARE(info.code, 0);
    const QJsonObject facts = json_of(info.out);
    for (const char* field :
         {"name", "family", "kind", "rate", "window_seconds", "embedding_dim", "text_width", "frames_per_window",
          "frame_seconds", "parameters", "bytes", "logit_scale", "max_text_tokens", "fingerprint", "path"}) {
      QVERIFY2(facts.contains(field), field);
    }
    QCOMPARE(facts["rate"].toInt(), 32000);
    QCOMPARE(facts["embedding_dim"].toInt(), 32);
    QCOMPARE(facts["fingerprint"].toString().size(), 64);
    const CliResult words = run({"models", "info", "--model", Cli::tiny()});
    QVERIFY(words.out.contains(facts["fingerprint"].toString()));
    QVERIFY2(words.err.isEmpty(), qPrintable(words.err));  // nothing has to be loaded for that
  }

  void tokens_are_the_reference_s() {
    const auto expected = SafetensorsFile::open((Cli::tiny() + "/expected.safetensors").toStdString());
    const auto texts = QJsonDocument::fromJson(QByteArray::fromStdString(expected.metadata().at("texts"))).array();
    QStringList arguments = {"tokens", "--text"};
    for (const auto& text : texts) arguments << text.toString();
    const CliResult r = run(arguments + kTiny);
    QCOMPARE(r.code, 0);
    const QStringList lines = r.lines();
    QCOMPARE(lines.size(), texts.size());
    for (int i = 0; i < lines.size(); ++i) {
      const QJsonObject line = json_of(lines[i]);
      QCOMPARE(line["text"].toString(), texts[i].toString());
      const auto ids = expected.floats("text." + std::to_string(i) + ".ids");
      QCOMPARE(line["ids"].toArray().size(), static_cast<int>(ids.size()));
      for (std::size_t k = 0; k < ids.size(); ++k) {
        QCOMPARE(line["ids"].toArray()[static_cast<int>(k)].toInt(), static_cast<int>(ids[k]));
      }
    }
  }

  void tokens_of_a_folder_with_tokenizer_files_alone() {
    const auto folder = std::filesystem::path(cli_.path("tokenizer").toStdString());
    std::filesystem::create_directories(folder);
    std::filesystem::copy((Cli::tiny() + "/vocab.txt").toStdString(), folder / "vocab.txt");
    const QString texts =
        cli_.text_file("texts.jsonl", "{\"text\": \"dog\"}\n\n{\"text\": \"[SEP]\\nrain\", \"x\": 1}\n");
    const CliResult r =
        run({"tokens", "--model", cli_.path("tokenizer"), "--texts", texts, "--text", "[a,b]", "--quiet"});
    QCOMPARE(r.code, 0);
    QVERIFY2(r.err.isEmpty(), qPrintable(r.err));
    QCOMPARE(r.lines().size(), 3);
    QCOMPARE(json_of(r.lines()[0])["text"].toString(), QString("[a,b]"));
    QCOMPARE(json_of(r.lines()[2])["text"].toString(), QString("[SEP]\nrain"));
    const CliResult model = run(QStringList{"tokens", "--text", "[a,b]", "dog", "[SEP]\nrain"} + kTiny);
    QCOMPARE(r.out, model.out);
  }

  void embeddings_are_the_reference_s() {
    const auto expected = SafetensorsFile::open((Cli::tiny() + "/expected.safetensors").toStdString());
    QStringList files;
    for (int i = 0; i < 3; ++i) {
      auto samples = expected.floats("audio." + std::to_string(i) + ".waveform");
      for (float& sample : samples) sample /= 32768.0F;
      files << cli_.path(QString("e%1.wav").arg(i));
      write_wav(files.back().toStdString(), samples, 32000);
    }
    const QString out = cli_.path("audio.safetensors");
    const CliResult r = run(QStringList{"embed", "--audio"} + files + QStringList{"--out", out, "--frames"} + kTiny);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    const auto got = SafetensorsFile::open(out.toStdString());
    const Matrix audio = got.matrix("audio");
    QCOMPARE(audio.rows, 3);
    QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(got.metadata().at("items"))).array()[2].toString(),
             files[2]);
    for (int i = 0; i < 3; ++i) {
      const std::string n = std::to_string(i);
      auto clip = expected.floats("audio." + n + ".clip");
      make_unit_length(clip);
      for (std::size_t k = 0; k < clip.size(); ++k) {
        QVERIFY(std::abs(clip[k] - audio.at(i, static_cast<std::int64_t>(k))) < 2e-3F);
      }
      QCOMPARE(got.matrix("frames." + n).rows, expected.matrix("audio." + n + ".frames").rows);
    }
    const QString whole = cli_.path("whole.safetensors");
    QCOMPARE(run(QStringList{"embed", "--audio", files[1], "--whole", "-o", whole} + kTiny).code, 0);
    const Matrix one = SafetensorsFile::open(whole.toStdString()).matrix("audio");
    QVERIFY(std::abs(one.at(0, 0) - audio.at(1, 0)) < 1e-5F);
  }

  void embeddings_of_texts() {
    const QString texts = cli_.text_file("texts.txt", "a dog\r\nrain in caf\xC3\xA9\n");
    const QString out = cli_.path("text.safetensors");
    QCOMPARE(run(QStringList{"embed", "--text", "dog", "--texts", texts, "--out", out} + kTiny).code, 0);
    const auto file = SafetensorsFile::open(out.toStdString());
    const Matrix text = file.matrix("text");
    QCOMPARE(text.rows, 3);
    QVERIFY(!file.has("audio"));
    for (std::int64_t i = 0; i < 3; ++i) {
      double sum = 0.0;
      for (const float x : text.row(i)) sum += static_cast<double>(x) * static_cast<double>(x);
      QVERIFY(std::abs(sum - 1.0) < 1e-5);
    }
  }

  void classify_by_windows() {
    const CliResult r = run(QStringList{"classify", cli_.tone("long.wav", 11.0), "-c", "dog, rain", "--quiet"} + kTiny);
    QCOMPARE(r.code, 0);
    QVERIFY2(r.err.isEmpty(), qPrintable(r.err));
    const CsvTable table = table_of(r);
    QCOMPARE(table.header, (std::vector<std::string>{"file", "start", "end", "rank", "class", "score", "similarity"}));
    QCOMPARE(table.rows.size(), 6U);  // three windows of five seconds, two classes
    QCOMPARE(table.rows[4][1], std::string("6.000"));
    QCOMPARE(table.rows[4][2], std::string("11.000"));
    QVERIFY(std::abs(std::stod(table.rows[0][5]) + std::stod(table.rows[1][5]) - 1.0) < 1e-4);
    const CliResult hop = run(QStringList{"classify", cli_.path("long.wav"), "-c", "dog, rain", "--top", "1", "--hop",
                                          "2", "--window", "4", "--template", "the sound of a {}"} +
                              kTiny);
    QCOMPARE(table_of(hop).rows.size(), 5U);
  }

  void classify_folders_and_formats() {
    std::filesystem::create_directories(cli_.path("sounds/sub").toStdString());
    cli_.tone("sounds/one.wav", 1.0);
    cli_.tone("sounds/sub/two.wav", 6.0);
    cli_.text_file("sounds/broken.wav", "not a sound");
    cli_.text_file("sounds/notes.txt", "not looked at");
    const QStringList classes = {"--classes-file", cli_.text_file("classes.txt", "dog | puppy\nrain\n\n# no class\n")};
    const QStringList base = QStringList{"classify", cli_.path("sounds")} + classes + kTiny;
    const CliResult csv = run(base + QStringList{"--top", "1", "--out", cli_.path("out.csv")});
    QCOMPARE(csv.code, 0);
    QVERIFY(csv.out.isEmpty());
    QVERIFY2(csv.err.contains("broken.wav"), qPrintable(csv.err));
    QCOMPARE(content_of(cli_.path("out.csv")).count('\n'), 4);
    const CliResult json = run(base + QStringList{"--format", "jsonl"});
    QCOMPARE(json.lines().size(), 7);  // (1 + 2 windows) * 2 classes, and the broken one
    QVERIFY(json_of(json.lines()[0]).contains("error"));
    QVERIFY(json_of(json.lines()[1]).contains("similarity"));
    QCOMPARE(run(base + QStringList{"--format", "raven"}).lines().size(), 4);
    QCOMPARE(run(base + QStringList{"--format", "audacity", "--out", cli_.path("tracks")}).code, 0);
    QCOMPARE(content_of(cli_.path("tracks/two.wav.txt")).count('\n'), 2);
    QCOMPARE(run(base + QStringList{"--per-file", "--top", "1"}).lines().size(), 3);
  }

  void the_caption_cache_is_shown_and_cleared() {
    const CliResult cleared = run({"cache", "clear"});
    QVERIFY2(cleared.code == 0, qPrintable(cleared.err));
    QVERIFY(run({"cache", "show"}).out.contains(QRegularExpression("captions +0\\n")));
    const QString none = tuned("none.safetensors", {"--no-cache"});
    QVERIFY(run({"cache", "show"}).out.contains(QRegularExpression("captions +0\\n")));
    const QString first = tuned("first.safetensors");
    QVERIFY(run({"cache", "show"}).out.contains(QRegularExpression("captions +12\\n")));
    const QString second = tuned("second.safetensors");
    QCOMPARE(content_of(second), content_of(none));
    QCOMPARE(content_of(first), content_of(none));
    const CliResult again = run(QStringList{"tune", "-c", "dog, rain, siren", "--captions", cli_.captions(),
                                            "--context", "4", "--steps", "1", "-o", cli_.path("again.safetensors")} +
                                kTiny);
    QVERIFY2(again.err.contains("12 of 12 captions came from the cache."), qPrintable(again.err));
    const QString shown = run({"cache", "show"}).out;
    QVERIFY2(shown.contains("captions.sqlite") && shown.contains("12 captions"), qPrintable(shown));
    QCOMPARE(run({"cache", "clear"}).code, 0);
    QVERIFY(run({"cache", "show"}).out.contains(QRegularExpression("captions +0\\n")));
    QCOMPARE(run({"cache"}).code, 2);
  }

  void tune_then_use_it() {
    const QString report = cli_.path("report.json");
    const QString set = tuned("p.safetensors", {"--report", report, "--seed", "3", "--lr", "0.01"});
    QVERIFY(!set.isEmpty());
    const QJsonObject r = json_of(content_of(report));
    QCOMPARE(r["steps"].toArray().size(), 2);
    for (const char* field : {"step", "loss", "coarse_loss", "fine_loss"}) {
      QVERIFY2(r["steps"].toArray()[0].toObject().contains(field), field);
    }
    for (const char* field : {"zero_shot", "coarse", "fine", "fused"}) {
      QVERIFY2(r["held_out_text"].toObject().contains(field), field);
    }
    QVERIFY(r.contains("seconds") && r.contains("seconds_encoding") && r.contains("device"));

    const QString sound = cli_.tone("tone.wav", 2.0);
    std::vector<std::string> outputs;
    for (const char* kind : {"zero-shot", "coarse", "fine", "fused"}) {
      const CliResult c = run(QStringList{"classify", sound, "--prompts", set, "--scores", kind} + kTiny);
      QCOMPARE(c.code, 0);
      QCOMPARE(table_of(c).rows.size(), 3U);
      outputs.push_back(c.out.toStdString());
    }
    QVERIFY(outputs[0] != outputs[1] && outputs[1] != outputs[2] && outputs[2] != outputs[3]);

    const CliResult again = run(QStringList{"tune", "--prompts", set, "--captions", cli_.captions(), "--steps", "1",
                                            "--out", cli_.path("again.safetensors"), "--batch", "0", "--init", set} +
                                kTiny);
    QVERIFY2(again.code == 0, qPrintable(again.err));
    const auto first = SafetensorsFile::open(set.toStdString());
    QCOMPARE(first.matrix("coarse.context").rows, 4);
    const auto second = SafetensorsFile::open(cli_.path("again.safetensors").toStdString());
    QCOMPARE(second.matrix("fine.classes").rows, 3);
    QVERIFY(second.matrix("coarse.context").data != first.matrix("coarse.context").data);
  }

  void the_same_seed_gives_the_same_set() {
    const QString a = tuned("a.safetensors", {"--seed", "5"});
    const QString b = tuned("b.safetensors", {"--seed", "5"});
    const QString c = tuned("c.safetensors", {"--seed", "5", "--recipe", "paper"});
    const QString d = tuned("d.safetensors", {"--seed", "6", "--recipe", "paper"});  // starts from random contexts
    const auto context = [](const QString& file) {
      return SafetensorsFile::open(file.toStdString()).matrix("coarse.context").data;
    };
    QVERIFY(context(a) == context(b));
    QVERIFY(context(c) != context(d));
  }

  /// `embed --audio` writes what --reference-sounds reads; a file of that name in the model's folder does the same.
  void unlabelled_sounds_are_taken_into_account() {
    const QString bank = cli_.path("bank.safetensors");
    QCOMPARE(run(QStringList{"embed", "--audio", cli_.tone("one.wav", 1.0), cli_.tone("two.wav", 2.0), "--out", bank} +
                 kTiny)
                 .code,
             0);
    const auto offsets = [&](const QString& model, const QStringList& more) {
      const QString out = cli_.path("offsets.safetensors");
      const CliResult r = run(QStringList{"tune", "-c", "dog, rain, siren", "--bank", "--context", "4", "--epochs", "2",
                                          "--out", out, "--model", model} +
                              more);
      return r.code == 0 ? json_of(run({"prompts", "show", out}).out)["score_offsets"].toArray() : QJsonArray{r.err};
    };
    const QJsonArray moved = offsets(Cli::tiny(), {"--reference-sounds", bank});
    QCOMPARE(moved.size(), 3);
    QVERIFY2(moved[0].isDouble(), qPrintable(moved[0].toString()));
    QCOMPARE(offsets(Cli::tiny(), {}), QJsonArray());
    QCOMPARE(offsets(Cli::tiny(), {"--reference-sounds", bank, "--no-offsets"}), QJsonArray());
    const std::filesystem::path folder = cli_.path("with-sounds").toStdString();
    std::filesystem::copy(Cli::tiny().toStdString(), folder);
    std::filesystem::copy(bank.toStdString(), folder / "reference_sounds.safetensors");
    QCOMPARE(offsets(QString::fromStdString(folder.string()), {}), moved);
    const CliResult wrong = run(QStringList{"tune", "-c", "dog, rain", "--bank", "--out",
                                            cli_.path("wrong.safetensors"), "--reference-sounds", cli_.captions()} +
                                kTiny);
    QCOMPARE(wrong.code, 1);
    QVERIFY2(wrong.err.contains("captions"), qPrintable(wrong.err));
  }

  void interrupting_keeps_what_there_is() {
    QProcess process;
    cli_.prepare(process);
    const QString out = cli_.path("stopped.safetensors");
    process.start(HEARSAY_CLI, QStringList{"tune", "-c", "dog, rain, siren", "--captions", cli_.captions(), "--out",
                                           out, "--steps", "1000000"} +
                                   kTiny);
    QByteArray words;
    QVERIFY(QTest::qWaitFor(
        [&] {
          process.waitForReadyRead(100);
          words += process.readAllStandardError();
          return words.contains("loss");
        },
        120000));
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(120000));
    words += process.readAllStandardError();
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    QVERIFY2(words.contains("the last prompts were kept"), words.constData());
    QVERIFY2(words.contains("stopped") && !words.contains("100 %"), words.constData());
    QCOMPARE(SafetensorsFile::open(out.toStdString()).matrix("fine.classes").rows, 3);
  }

  void listen_to_a_file() {
    const CliResult r = run(QStringList{"listen", "--replay", cli_.tone("replay.wav", 3.0), "-c", "dog, rain", "--hop",
                                        "1", "--events", "--threshold", "0.1"} +
                            kTiny);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QStringList lines = r.lines();
    const QJsonObject summary = json_of(lines.takeLast());
    QCOMPARE(summary["dropped_samples"].toInt(-1), 0);
    QVERIFY(summary.contains("mean_latency_ms"));
    int predictions = 0;
    int events = 0;
    for (const QString& line : lines) {
      const QJsonObject object = json_of(line);
      if (object.contains("event")) {
        ++events;
        continue;
      }
      ++predictions;
      QCOMPARE(object["window"].toArray().size(), 2);
      QCOMPARE(object["window"].toArray()[1].toDouble(), object["t"].toDouble());
      QCOMPARE(object["scores"].toObject().size(), 2);
      QVERIFY(object["similarity"].toObject().contains("dog"));
      QVERIFY(object.contains("latency_ms"));
    }
    QCOMPARE(predictions, summary["windows"].toInt());
    QVERIFY(predictions >= 1);
    QVERIFY(events >= 2);
  }

  void listen_and_the_microphones() {
    const CliResult list = run({"listen", "--list-inputs"});
    QCOMPARE(list.code, 0);
    for (const QString& line : list.lines()) QVERIFY(json_of(line).contains("name"));
    if (!list.lines().isEmpty()) QSKIP("This machine has a microphone, so its absence cannot be tried.");
    const CliResult r = run(QStringList{"listen", "-c", "dog, rain", "--seconds", "1"} + kTiny);
    QCOMPARE(r.code, 1);
    QVERIFY2(r.err.contains("microphone"), qPrintable(r.err));
  }
};

QTEST_GUILESS_MAIN(TestCli)
#include "test_cli.moc"
