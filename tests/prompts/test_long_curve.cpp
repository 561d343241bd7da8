// A prompt set of a very long tuning keeps a curve that fits its file, and loads again.

#include <QTemporaryDir>
#include <QtTest>

#include "model/safetensors.h"
#include "prompts/prompt_set.h"

using namespace hearsay;

namespace {

PromptSet after(int steps) {
  PromptSet prompts;
  prompts.classes = parse_classes("dog\ncat");
  prompts.zero_shot = Matrix(2, 6);
  prompts.zero_shot.data.assign(12, 0.25F);
  prompts.model_name = "tiny";
  prompts.model_fingerprint = std::string(64, 'a');
  for (int step = 1; step <= steps; ++step) prompts.curve.push_back({step, 1.0 / step, 1.0 / 3.0, 1.0 / 7.0});
  return prompts;
}

}  // namespace

class TestLongCurve : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void curveIsThinnedAndKeepsItsEnds_data() {
    QTest::addColumn<int>("steps");
    QTest::addColumn<int>("most");
    QTest::newRow("short: every step") << 1999 << 1999;
    QTest::newRow("paper recipe on many captions") << 8000 << 2001;
    QTest::newRow("fifty thousand steps") << 50000 << 2001;
  }

  void curveIsThinnedAndKeepsItsEnds() {
    QFETCH(int, steps);
    QFETCH(int, most);
    const QTemporaryDir folder;
    const std::string path = folder.filePath("long.safetensors").toStdString();
    save_prompts(after(steps), path);
    const PromptSet found = load_prompts(path);
    QVERIFY(static_cast<int>(found.curve.size()) <= most);
    QVERIFY(static_cast<int>(found.curve.size()) > std::min(steps, 1000) - 1);
    QCOMPARE(found.curve.front().step, 1);
    QCOMPARE(found.curve.back().step, steps);
    QCOMPARE(found.curve.back().loss, 1.0 / steps);
  }

  // Sets of before were saved with every step: a text of some hundred kilobytes beside two classes.
  void oneLongTextBesideSmallTensorsLoads() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("note.safetensors").toStdString();
    const std::string curve(900'000, 'x');
    const std::vector<float> numbers(4, 1.0F);
    SafetensorsWriter writer;
    writer.add("zero_shot", {2, 2}, std::span<const float>(numbers));
    writer.set_metadata("curve", curve);
    writer.write(path);
    QCOMPARE(SafetensorsFile::open(path).metadata().at("curve").size(), curve.size());
  }
};

QTEST_GUILESS_MAIN(TestLongCurve)
#include "test_long_curve.moc"
