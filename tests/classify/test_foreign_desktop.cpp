// What is read and written is the same whatever the desktop's language: under a locale with a comma for the point and
// without a small "i" for "I".
#include <QTest>
#include <cctype>

#include "audio/decode.h"
#include "audio/sound_doubts.h"
#include "base/csv.h"
#include "base/plain_text.h"
#include "classify/file_classifier.h"
#include "prompts/captions.h"
#include "prompts/class_list.h"
#include "support/foreign_desktop.h"

using namespace hearsay;

namespace {

FileResult result() {
  FileResult r;
  r.file = "a.wav";
  r.seconds = 7.5;
  r.scores.zero_shot = {0.25F, 0.75F};
  r.probability = {0.125F, 0.875F};
  WindowResult window;
  window.end = 7.5;
  window.scores = r.scores;
  window.probability = r.probability;
  r.windows = {window};
  return r;
}

std::string written(const std::string& format) {
  PromptSet prompts;
  prompts.classes = parse_classes("dog, rain");
  ResultWriter writer(format, prompts, ScoreKind::ZeroShot, 0);
  return writer.header() + writer.rows(result(), false);
}

std::string bank_hash() {
  return captions_from_bank(parse_classes("Ice Cream Van, IDLING ENGINE, insects"), {.per_class = 20}).hash();
}

}  // namespace

class TestForeignDesktop : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    if (!desktop_.there()) QSKIP("localedef or its sources are not installed: no such locale can be made.");
  }

  void the_locale_is_one_that_matters() {
    QCOMPARE(QByteArray::fromStdString(std::to_string(0.5)), QByteArray("0,500000"));
    QCOMPARE(std::tolower('I'), int{'I'});
  }

  void letters_and_numbers() {
    QCOMPARE(decimal_text(0.5, 3), std::string("0.500"));
    QCOMPARE(decimal_text(-1234567.0, 0), std::string("-1234567"));
    QCOMPARE(decimal_text(1e308, 20).size(), std::size_t{330});
    QCOMPARE(decimal_text(std::numeric_limits<double>::quiet_NaN(), 2), std::string("nan"));
    QCOMPARE(decimal_text(-std::numeric_limits<double>::infinity(), 2), std::string("-inf"));
    QCOMPARE(ascii_lower("FILE, \xC4\xB0"), std::string("file, \xC4\xB0"));
    QCOMPARE(ascii_capitalised("ice"), std::string("Ice"));
    QCOMPARE(ascii_capitalised("\xC3\xA4"), std::string("\xC3\xA4"));
    QCOMPARE(ascii_capitalised(""), std::string());
  }

  void results_have_points() {
    QCOMPARE(written("csv"), std::string("file,start,end,rank,class,score,similarity\n"
                                         "a.wav,0.000,7.500,1,rain,0.875000,0.750000\n"
                                         "a.wav,0.000,7.500,2,dog,0.125000,0.250000\n"));
    QVERIFY(written("raven").find(',') == std::string::npos);
    QVERIFY(written("jsonl").find("0.875") != std::string::npos);
    SoundDoubts doubts;
    doubts.missing = 7.5;
    QVERIFY(sentences_of(doubts, "a.wav")[0].find("7.5 s") != std::string::npos);
  }

  void capitals_are_read() {
    for (const char* name : {"X.AIFF", "X.AVI", "X.MID.WAV"}) QVERIFY2(looks_like_audio(name), name);
    QCOMPARE(parse_csv("FILE,LABEL\na,b\n", "test").column("file"), 0);
  }

  void the_same_captions_as_elsewhere() {
    const std::string here = bank_hash();
    const std::string locale = std::setlocale(LC_ALL, nullptr);
    std::setlocale(LC_ALL, "C");
    const std::string elsewhere = bank_hash();
    std::setlocale(LC_ALL, locale.c_str());
    QCOMPARE(here, elsewhere);
  }

 private:
  hearsay::testing::ForeignDesktop desktop_;
};

QTEST_GUILESS_MAIN(TestForeignDesktop)
#include "test_foreign_desktop.moc"
