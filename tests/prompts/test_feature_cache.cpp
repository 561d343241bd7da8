// Caption features on disk: the same bytes as without, bounded, shared, and never in the way.

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/caption_features.h"
#include "prompts/feature_cache.h"
#include "prompts/tuner.h"

using namespace hearsay;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kPlenty = std::int64_t{64} << 20;

std::vector<std::string> sentences(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) {
    texts.push_back("dog number " + std::to_string(i) + (i % 3 == 0 ? " barks" : " howls far away in the street"));
  }
  return texts;
}

std::vector<Caption> captions_of(const std::vector<std::string>& texts) {
  std::vector<Caption> captions;
  for (const std::string& text : texts) {
    Caption caption;
    caption.text = text;
    caption.labels = {0};
    captions.push_back(caption);
  }
  return captions;
}

std::vector<CaptionFeature> encode(const ClapModel& model, const std::vector<std::string>& texts) {
  TextEmbeddings made = model.embed_texts_with_words(texts);
  std::vector<CaptionFeature> features;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = made.sentences.row(static_cast<std::int64_t>(i));
    features.push_back({{row.begin(), row.end()}, made.words[i]});
  }
  return features;
}

std::size_t known(FeatureCache& cache, const std::vector<std::string>& texts) {
  std::size_t count = 0;
  for (const auto& feature : cache.find(texts)) count += feature.has_value() ? 1 : 0;
  return count;
}

bool same(const FeatureBatch& a, const FeatureBatch& b) {
  return a.sentences.equal(b.sentences) && a.words.equal(b.words) && a.mask.equal(b.mask);
}

std::int64_t on_disk(const fs::path& file) {
  std::int64_t bytes = 0;
  for (const char* end : {"", "-wal", "-shm"}) {
    std::error_code absent;
    const auto size = fs::file_size(file.string() + end, absent);
    if (!absent) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

void change(const fs::path& file, const char* sql) {
  sqlite3* handle = nullptr;
  QCOMPARE(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  QCOMPARE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
}

TunerResult tune_briefly(const ClapModel& model, bool caption_cache) {
  const ClassList classes = parse_classes("dog, rain");
  BankOptions bank;
  bank.per_class = 20;
  TunerOptions options = recipe("fast");
  options.context_length = 4;
  options.epochs = 3;
  options.caption_cache = caption_cache;
  return tune(model, classes, captions_from_bank(classes, bank), options);
}

/// What the second process of thisProcessAndAnother() does.
int other_process(const char* file, int from) {
  const auto model = ClapModel::load(HEARSAY_TEST_DATA "/starter-tiny", {"cpu", {}, nullptr});
  for (int i = from; i < from + 200; i += 10) {
    FeatureCache cache(*model, file, kPlenty);
    const auto texts = sentences(i, i + 10);
    cache.keep(texts, encode(*model, texts));
    if (known(cache, texts) != 10 || !cache.problem().empty()) return 1;
  }
  return 0;
}

}  // namespace

class TestFeatureCache : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { model_ = ClapModel::load(HEARSAY_TEST_DATA "/starter-tiny", {"cpu", {}, nullptr}); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    file_ = fs::path(folder_->path().toStdString()) / "captions.sqlite";
    setenv("XDG_CACHE_HOME", folder_->path().toUtf8().constData(), 1);
    unsetenv("HEARSAY_CACHE_MB");
  }

  void whatWasKeptComesBackBitForBit() {
    auto texts = sentences(0, 150);
    texts.push_back(texts[7]);  // the same text twice: one entry
    const auto plain = CaptionFeatures::encode(*model_, captions_of(texts), nullptr, {});
    for (const int time : {1, 2}) {
      FeatureCache cache(*model_, file_, kPlenty);
      const auto with = CaptionFeatures::encode(*model_, captions_of(texts), nullptr, {}, &cache);
      QCOMPARE(cache.problem(), std::string());
      QCOMPARE(cache.found(), time == 1 ? 0 : 150);
      QCOMPARE(cache.summary(), time == 1 ? std::string() : std::string("150 of 150 captions came from the cache."));
      QVERIFY(same(with.batch(with.pairs(true), 1, at::kCPU), plain.batch(plain.pairs(true), 1, at::kCPU)));
    }
  }

  void newCaptionsChangeFewBlocks() {
    auto texts = sentences(0, 3000);
    {
      FeatureCache cache(*model_, file_, kPlenty);
      CaptionFeatures::encode(*model_, captions_of(texts), nullptr, {}, &cache);
    }
    texts.insert(texts.begin() + 1500, "a sound nobody heard before");
    FeatureCache cache(*model_, file_, kPlenty);
    std::vector<double> told;
    const auto with = CaptionFeatures::encode(
        *model_, captions_of(texts), nullptr, [&](double part) { told.push_back(part); }, &cache);
    // One block of at most 1024, or the two that the new caption's neighbours fell into.
    QVERIFY2(cache.found() >= 3000 - 2 * 1024 && cache.found() < 3000, std::to_string(cache.found()).c_str());
    QVERIFY(std::ranges::is_sorted(told) && told.back() == 1.0);
    const auto plain = CaptionFeatures::encode(*model_, captions_of(texts), nullptr, {});
    QVERIFY(same(with.batch(with.pairs(true), 1, at::kCPU), plain.batch(plain.pairs(true), 1, at::kCPU)));
  }

  void aTextInOtherCompanyIsNotKnown() {
    keep(sentences(0, 10), kPlenty);
    FeatureCache cache(*model_, file_, kPlenty);
    QCOMPARE(known(cache, sentences(0, 10)), std::size_t{10});
    QCOMPARE(known(cache, sentences(0, 9)), std::size_t{0});
    QCOMPARE(known(cache, sentences(1, 11)), std::size_t{0});
  }

  void tuningGivesTheSameBytes() {
    const TunerResult without = tune_briefly(*model_, false);
    QVERIFY(without.report.caption_cache.empty());
    QVERIFY2(!fs::exists(feature_cache_file()), "a run without the cache leaves it alone");
    const TunerResult first = tune_briefly(*model_, true);
    const TunerResult second = tune_briefly(*model_, true);
    QVERIFY2(second.report.caption_cache.ends_with("captions came from the cache."),
             second.report.caption_cache.c_str());
    QVERIFY(std::ranges::count(second.report.notes, second.report.caption_cache) == 1);
    for (const TunerResult* with : {&first, &second}) {
      QCOMPARE(with->prompts.coarse_context.data, without.prompts.coarse_context.data);
      QCOMPARE(with->prompts.fine_context.data, without.prompts.fine_context.data);
      QCOMPARE(with->report.held_out_loss, without.report.held_out_loss);
    }
  }

  void theOldestGoesFirstAndTheFileStaysSmall() {
    constexpr std::int64_t most = std::int64_t{1} << 20;
    const auto first = sentences(0, 20);
    keep(first, most);
    const auto second = sentences(100, 120);
    keep(second, most);
    for (int i = 1; i < 60; ++i) {
      keep(sentences(1000 * i, 1000 * i + 40), most);
      FeatureCache cache(*model_, file_, most);
      QVERIFY2(known(cache, first) == 20, "what is used in every run stays");
    }
    QVERIFY2(on_disk(file_) <= most, std::to_string(on_disk(file_)).c_str());
    FeatureCache cache(*model_, file_, most);
    QCOMPARE(known(cache, sentences(59000, 59040)), std::size_t{40});
    QCOMPARE(known(cache, second), std::size_t{0});
  }

  void oneRunLargerThanTheBoundKeepsWhatFits() {
    constexpr std::int64_t most = std::int64_t{1} << 20;
    const auto texts = sentences(0, 3000);
    keep(texts, most);
    QVERIFY2(on_disk(file_) <= most, std::to_string(on_disk(file_)).c_str());
    FeatureCache cache(*model_, file_, most);
    const std::size_t kept = known(cache, texts);
    QVERIFY2(kept > 100 && kept < 3000, std::to_string(kept).c_str());
    keep(texts, most / 4);  // a smaller bound later
    keep(sentences(5000, 5001), most / 4);
    QVERIFY(on_disk(file_) > 0);
  }

  void aSmallerBoundCutsTheFile() {
    keep(sentences(0, 1000), kPlenty);
    const std::int64_t before = on_disk(file_);
    keep(sentences(5000, 5010), before / 4);
    QVERIFY2(on_disk(file_) <= before / 4, std::to_string(on_disk(file_)).c_str());
    keep(sentences(0, 10), 0);  // nothing is kept, nothing is wrong
    FeatureCache none(*model_, file_, 0);
    QCOMPARE(known(none, sentences(0, 10)), std::size_t{0});
    QVERIFY(none.problem().empty());
  }

  void thisProcessAndAnother() {
    QProcess other;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("HEARSAY_TEST_OTHER", QString::fromStdString(file_.string()));
    other.setProcessEnvironment(environment);
    other.start(QCoreApplication::applicationFilePath(), {});
    QVERIFY(other.waitForStarted());
    std::thread beside([&] { QCOMPARE(other_process(file_.c_str(), 500), 0); });
    const int mine = other_process(file_.c_str(), 0);
    beside.join();
    QVERIFY(other.waitForFinished(120000));
    QCOMPARE(mine, 0);
    QCOMPARE(other.exitCode(), 0);
    FeatureCache cache(*model_, file_, kPlenty);
    for (const int first : {0, 500, 1000}) {
      for (int i = first; i < first + 200; i += 10) QCOMPARE(known(cache, sentences(i, i + 10)), std::size_t{10});
    }
  }

  void whatIsNoCacheIsANoteAndNoMore_data() {
    QTest::addColumn<int>("kind");
    for (int kind = 0; kind < 4; ++kind) {
      QTest::newRow(std::array{"garbage", "a folder", "another database", "another version"}[kind]) << kind;
    }
  }
  void whatIsNoCacheIsANoteAndNoMore() {
    QFETCH(int, kind);
    const fs::path file = feature_cache_file();
    if (kind == 0) std::ofstream(file) << std::string(50000, 'x');
    if (kind == 1) fs::create_directories(file / "inside");
    if (kind == 2) change(file, "CREATE TABLE mine(a)");
    if (kind == 3) change(file, "PRAGMA user_version = 77");
    const TunerResult result = tune_briefly(*model_, true);
    QVERIFY2(result.report.caption_cache.find("is not used") != std::string::npos, result.report.caption_cache.c_str());
    QVERIFY(result.prompts.tuned);
    QVERIFY(!feature_cache_contents().problem.empty());
    if (kind == 1) return;
    clear_feature_cache();
    QVERIFY(feature_cache_contents().problem.empty());
    tune_briefly(*model_, true);
    QVERIFY(feature_cache_contents().entries > 0);
  }

  void aFolderThatCannotBeMadeIsANoteToo() {
    const QString blocked = folder_->filePath("blocked");
    std::ofstream(blocked.toStdString()) << "a file where the folder should be";
    setenv("XDG_CACHE_HOME", blocked.toUtf8().constData(), 1);
    const TunerResult result = tune_briefly(*model_, true);
    QVERIFY2(result.report.caption_cache.find("is not used") != std::string::npos, result.report.caption_cache.c_str());
    QVERIFY(result.prompts.tuned);
  }

  void aDamagedEntryIsEncodedAgain() {
    const auto texts = sentences(0, 12);
    keep(texts, kPlenty);
    change(file_, "UPDATE features SET value = zeroblob(length(value)) WHERE id = 3");
    change(file_, "UPDATE features SET value = x'00' WHERE id = 5");
    change(file_, "UPDATE features SET words = -1 WHERE id = 7");
    {
      FeatureCache cache(*model_, file_, kPlenty);
      QCOMPARE(known(cache, texts), std::size_t{9});
      QVERIFY(cache.problem().empty());
    }
    keep(texts, kPlenty);
    FeatureCache cache(*model_, file_, kPlenty);
    QCOMPARE(known(cache, texts), std::size_t{12});
  }

  void otherThreadsAreOtherEntries() {
    keep(sentences(0, 5), kPlenty);
    set_compute_threads(3);
    {
      FeatureCache cache(*model_, file_, kPlenty);
      QCOMPARE(known(cache, sentences(0, 5)), std::size_t{0});
    }
    set_compute_threads(0);
  }

  void theBoundIsReadFromTheEnvironment() {
    QCOMPARE(feature_cache_limit(), std::int64_t{1} << 30);
    setenv("HEARSAY_CACHE_MB", "5", 1);
    QCOMPARE(feature_cache_limit(), std::int64_t{5} << 20);
    for (const char* wrong : {"-1", "many", "5 MB", "99999999999999999999"}) {
      setenv("HEARSAY_CACHE_MB", wrong, 1);
      QCOMPARE(feature_cache_limit(), std::int64_t{1} << 30);
    }
  }

  void contentsAndClearing() {
    QCOMPARE(feature_cache_contents().entries, 0);
    clear_feature_cache();  // nothing there is no error
    tune_briefly(*model_, true);
    const CacheContents contents = feature_cache_contents();
    QCOMPARE(contents.models.size(), std::size_t{1});
    QCOMPARE(contents.models[0].fingerprint, model_->fingerprint());
    QCOMPARE(contents.models[0].entries, contents.entries);
    QVERIFY(contents.entries > 0 && contents.bytes >= contents.models[0].bytes && contents.models[0].bytes > 0);
    FeatureCache open(*model_);  // clearing under another's hands
    clear_feature_cache();
    QCOMPARE(feature_cache_contents().entries, 0);
    const auto texts = sentences(0, 3);
    open.keep(texts, encode(*model_, texts));
    QCOMPARE(known(open, texts), std::size_t{3});
    QVERIFY(open.problem().empty());
  }

 private:
  void keep(const std::vector<std::string>& texts, std::int64_t most) {
    FeatureCache cache(*model_, file_, most);
    cache.keep(texts, encode(*model_, texts));
    QVERIFY2(cache.problem().empty(), cache.problem().c_str());
  }

  std::shared_ptr<const ClapModel> model_;
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path file_;
};

int main(int argc, char** argv) {
  if (const char* file = std::getenv("HEARSAY_TEST_OTHER")) return other_process(file, 1000);
  QCoreApplication app(argc, argv);
  TestFeatureCache test;
  return QTest::qExec(&test, argc, argv);
}

#include "test_feature_cache.moc"
