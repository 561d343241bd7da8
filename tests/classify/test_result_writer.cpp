#include <QTest>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/error.h"
#include "classify/file_classifier.h"

using namespace hearsay;

namespace {

PromptSet prompts() {
  PromptSet set;
  set.classes = {{"dog, barking", {}, {}, {}}, {"rain", {}, {}, {}}, {"church\tbell", {}, {}, {}}};
  return set;
}

FileResult result() {
  FileResult r;
  r.file = "sounds/a,b.wav";
  r.seconds = 7.5;
  WindowResult first;
  first.start = 0.0;
  first.end = 5.0;
  first.scores.zero_shot = {0.5F, 0.25F, 0.3F};
  first.probability = {0.7F, 0.1F, 0.2F};
  WindowResult second;
  second.start = 2.5;
  second.end = 7.5;
  second.scores.zero_shot = {0.1F, 0.9F, 0.0F};
  second.probability = {0.1F, 0.85F, 0.05F};
  r.windows = {first, second};
  r.scores.zero_shot = {0.3F, 0.6F, 0.1F};
  r.probability = {0.2F, 0.75F, 0.05F};
  return r;
}

}  // namespace

class TestResultWriter : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void csv_rows() {
    ResultWriter writer("csv", prompts(), ScoreKind::ZeroShot, 0);
    QCOMPARE(writer.header(), std::string("file,start,end,rank,class,score,similarity\n"));
    const CsvTable table = parse_csv(writer.header() + writer.rows(result(), true), "test");
    QCOMPARE(table.rows.size(), 6U);
    QCOMPARE(table.rows[0], (std::vector<std::string>{"sounds/a,b.wav", "0.000", "5.000", "1", "dog, barking",
                                                      "0.700000", "0.500000"}));
    QCOMPARE(table.rows[1][4], std::string("church\tbell"));
    QCOMPARE(table.rows[3][1], std::string("2.500"));
    QCOMPARE(table.rows[3][4], std::string("rain"));
  }

  void a_file_as_a_whole() {
    ResultWriter writer("csv", prompts(), ScoreKind::ZeroShot, 1);
    QCOMPARE(writer.rows(result(), false), std::string("\"sounds/a,b.wav\",0.000,7.500,1,rain,0.750000,0.600000\n"));
  }

  void top_and_threshold() {
    ResultWriter top("csv", prompts(), ScoreKind::ZeroShot, 2);
    QCOMPARE(split_list(top.rows(result(), true), '\n').size(), 4U);
    ResultWriter sure("csv", prompts(), ScoreKind::ZeroShot, 0, {0.2});
    QCOMPARE(split_list(sure.rows(result(), true), '\n').size(), 3U);
    ResultWriter surest("csv", prompts(), ScoreKind::ZeroShot, 0, {1.0});
    QVERIFY(surest.rows(result(), true).empty());
    // A class each: what is left out makes nothing below it rise in rank.
    ResultWriter own("csv", prompts(), ScoreKind::ZeroShot, 0, {0.71, 0.85, 0.15});
    const CsvTable table = parse_csv(own.header() + own.rows(result(), true), "test");
    QCOMPARE(table.rows.size(), 2U);
    QCOMPARE(table.rows[0][4] + table.rows[0][3], std::string("church\tbell2"));
    QCOMPARE(table.rows[1][4] + table.rows[1][3], std::string("rain1"));
  }

  void json_lines() {
    ResultWriter writer("jsonl", prompts(), ScoreKind::ZeroShot, 1);
    QVERIFY(writer.header().empty());
    const auto lines = split_list(writer.rows(result(), true), '\n');
    QCOMPARE(lines.size(), 2U);
    const auto row = nlohmann::json::parse(lines[1]);
    QCOMPARE(row["file"].get<std::string>(), std::string("sounds/a,b.wav"));
    QCOMPARE(row["class"].get<std::string>(), std::string("rain"));
    QCOMPARE(row["rank"].get<int>(), 1);
    QCOMPARE(row["score"].get<double>(), 0.85);
    QCOMPARE(row["start"].get<double>(), 2.5);
  }

  void failed_files() {
    FileResult failed;
    failed.file = "x.wav";
    failed.error = "\"x.wav\" holds no sound.";
    ResultWriter json("jsonl", prompts(), ScoreKind::ZeroShot, 1);
    QCOMPARE(nlohmann::json::parse(json.rows(failed, true))["error"].get<std::string>(), failed.error);
    ResultWriter csv("csv", prompts(), ScoreKind::ZeroShot, 1);
    QVERIFY(csv.rows(failed, true).empty());
  }

  void what_is_odd_about_a_sound_follows_it() {
    FileResult silent = result();
    silent.doubts.silent = true;
    ResultWriter json("jsonl", prompts(), ScoreKind::ZeroShot, 1);
    const auto lines = split_list(json.rows(silent, false), '\n');
    QCOMPARE(lines.size(), 2U);
    const auto odd = nlohmann::json::parse(lines[1]);
    QCOMPARE(odd["file"].get<std::string>(), std::string("sounds/a,b.wav"));
    QVERIFY(odd["doubts"].at(0).get<std::string>().find("is silent") != std::string::npos);
    ResultWriter csv("csv", prompts(), ScoreKind::ZeroShot, 1);
    QCOMPARE(csv.rows(silent, false), csv.rows(result(), false));
  }

  void names_that_are_not_utf8() {
    FileResult odd = result();
    odd.file = "caf\xE9.wav";
    ResultWriter json("jsonl", prompts(), ScoreKind::ZeroShot, 1);
    QVERIFY(nlohmann::json::accept(split_list(json.rows(odd, true), '\n')[0]));
  }

  void audacity_labels() {
    ResultWriter writer("audacity", prompts(), ScoreKind::ZeroShot, 2);
    const auto lines = split_list(writer.rows(result(), true), '\n');
    QCOMPARE(lines[0], std::string("0.000000\t5.000000\tdog, barking"));
    QCOMPARE(lines[1], std::string("0.000000\t5.000000\tchurch bell"));
    QVERIFY(writer.header().empty());
  }

  void raven_table() {
    ResultWriter writer("raven", prompts(), ScoreKind::ZeroShot, 1);
    std::string text = writer.header();
    text += writer.rows(result(), true);
    text += writer.rows(result(), true);
    const auto lines = split_list(text, '\n');
    QCOMPARE(lines.size(), 5U);
    const auto columns = split_list(lines[0], '\t');
    for (const auto& line : lines) QCOMPARE(split_list(line, '\t').size(), columns.size());
    QCOMPARE(split_list(lines[4], '\t')[0], std::string("4"));
    QCOMPARE(columns[3], std::string("Begin Time (s)"));
    const auto cell = [&](std::size_t line, const char* column) {
      const auto place = std::ranges::find(columns, std::string(column)) - columns.begin();
      return split_list(lines.at(line), '\t').at(static_cast<std::size_t>(place));
    };
    QCOMPARE(cell(4, "File Offset (s)"), std::string("2.500"));
    QCOMPARE(cell(4, "Begin Time (s)"), std::string("10.000"));  // the file before it lasts 7.5 s
    QCOMPARE(cell(4, "End Time (s)"), std::string("15.000"));
    QCOMPARE(cell(1, "High Freq (Hz)"), std::string("24000"));  // a rate that nobody told
    FileResult told = result();
    told.sample_rate = 22050;
    QVERIFY(writer.rows(told, true).find("\t0\t11025\t") != std::string::npos);
  }

  void neighbours_are_joined() {
    FileResult r = result();
    WindowResult third = r.windows[1];  // touches the one before
    third.start = 7.5;
    third.end = 12.5;
    third.probability = {0.05F, 0.9F, 0.05F};
    WindowResult silent;
    silent.start = 12.5;
    silent.end = 17.5;
    WindowResult last = r.windows[0];
    last.start = 17.5;
    last.end = 22.5;
    WindowResult again = r.windows[1];
    again.start = 20.0;
    again.end = 25.0;
    r.windows.insert(r.windows.end(), {third, silent, last, again});
    ResultWriter writer("csv", prompts(), ScoreKind::ZeroShot, 1, {0.5}, true);
    const CsvTable table = parse_csv(writer.header() + writer.rows(r, true), "test");
    const auto row = [&](std::size_t i) {
      const auto& cells = table.rows.at(i);
      return cells[4] + " " + cells[1] + "-" + cells[2] + " " + cells[5];
    };
    QCOMPARE(table.rows.size(), 4U);
    QCOMPARE(row(0), std::string("dog, barking 0.000-5.000 0.700000"));
    QCOMPARE(row(1), std::string("rain 2.500-12.500 0.900000"));
    QCOMPARE(row(2), std::string("dog, barking 17.500-22.500 0.700000"));
    QCOMPARE(row(3), std::string("rain 20.000-25.000 0.850000"));
    // Overlapping is not enough: in between it was not heard.
    FileResult apart = result();
    apart.windows = {r.windows[0], r.windows[1], r.windows[0]};
    apart.windows[2].start = 5.0;
    apart.windows[2].end = 10.0;
    const std::string rows = writer.rows(apart, true);
    QCOMPARE(std::ranges::count(rows, '\n'), 3);
  }

  void wrong_settings() {
    QVERIFY_THROWS_EXCEPTION(Error, ResultWriter("xml", prompts(), ScoreKind::Fused, 1));
    QVERIFY_THROWS_EXCEPTION(Error, ResultWriter("csv", prompts(), ScoreKind::Fused, -1));
    QVERIFY_THROWS_EXCEPTION(Error, (ResultWriter{"csv", prompts(), ScoreKind::Fused, 1, {0.5, 1.5}}));
    QVERIFY_THROWS_EXCEPTION(Error, (ResultWriter{"csv", prompts(), ScoreKind::Fused, 1, {NAN}}));
    QVERIFY_THROWS_EXCEPTION(Error, (ResultWriter{"csv", prompts(), ScoreKind::Fused, 1, {0.5, 0.5}}));
  }
};

QTEST_APPLESS_MAIN(TestResultWriter)
#include "test_result_writer.moc"
