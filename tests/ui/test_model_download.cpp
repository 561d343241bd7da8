// Downloads of published models from a hub on this machine: whole, cut and gone on with, spoilt, refused; and through
// the dialog into the list of models.

#include <QDir>
#include <QFile>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QTest>

#include "test_home.h"
#include "ui/hub_server.h"
#include "ui/models/download_dialog.h"
#include "ui/models/model_table.h"
#include "ui/models/models_page.h"
#include "ui/pictures.h"

using namespace hearsay::ui;

namespace {

constexpr int kLong = 40000;
const QString kName = QStringLiteral("laion/clap-htsat-unfused");
const QString kSmall = QStringLiteral(HEARSAY_TEST_DATA "/reference/");

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A published repository with the files of a small random model.
void publish(HubServer& hub, const QString& repository, const QString& folder, const QStringList& names) {
  for (const QString& name : names) {
    const QString path = kSmall + folder + "/" + name;
    const QString as = name == "weights.pth" ? "CLAP_weights_" + folder.last(4) + ".pth" : name;
    hub.put(repository, as, contentOf(path), name.startsWith("model.") || name.startsWith("weights"));
  }
}

std::vector<HubSource> sourcesOf(const QString& folder) {
  for (const PublishedModel& model : publishedModels()) {
    if (model.folder == folder) return model.sources;
  }
  return {};
}

}  // namespace

class TestModelDownload : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
      qunsetenv(name);
    }
    home_ = std::make_unique<TestHome>();
    hub_ = std::make_unique<HubServer>();
    QVERIFY(hub_->isListening());
    publish(*hub_, kName, "hf-clap-unfused",
            {"model.safetensors", "config.json", "preprocessor_config.json", "tokenizer.json"});
    hub_->put(kName, "README.md", "not wanted");
    hub_->put(kName, "pytorch_model.bin", "the same weights again, not wanted", true);
    folder_ = home_->dir.filePath("models/clap-htsat-unfused");
  }
  void cleanup() { download_.reset(); }

  void aModelArrivesWholeAndChecked() {
    start();
    QTRY_COMPARE_WITH_TIMEOUT(ends_, QString("finished"), kLong);
    QCOMPARE(namesIn(folder_),
             QStringList({"config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"}));
    QCOMPARE(contentOf(folder_ + "/model.safetensors"), weights());
    QCOMPARE(total_, done_);
    QVERIFY(total_ > weights().size());
    // The commit the list named, and the place it is moved to.
    QCOMPARE(hub_->asked("model.safetensors").first().path,
             QString("/" + kName + "/resolve/0123abcd/model.safetensors"));
    QCOMPARE(hub_->asked("model.safetensors").size(), 2);
  }

  void aCutConnectionIsGoneOnWith() {
    hub_->cut = "model.safetensors";
    hub_->cutAfter = 100000;
    hub_->cuts = 2;
    start();
    QTRY_COMPARE_WITH_TIMEOUT(ends_, QString("finished"), kLong);
    QCOMPARE(contentOf(folder_ + "/model.safetensors"), weights());
    const auto asked = hub_->asked("model.safetensors");  // each time at the hub, then where it lies
    QCOMPARE(asked.size(), 6);
    QVERIFY(asked[1].range.isEmpty());
    QCOMPARE(asked[3].range, QByteArray("bytes=100000-"));
    QCOMPARE(asked[5].range, QByteArray("bytes=200000-"));
  }

  void whatWasBegunBeforeIsGoneOnWith_data() {
    QTest::addColumn<bool>("ranges");
    QTest::newRow("the hub knows ranges") << true;
    QTest::newRow("it does not") << false;
  }
  void whatWasBegunBeforeIsGoneOnWith() {
    QFETCH(bool, ranges);
    hub_->ranges = ranges;
    hub_->stall = "model.safetensors";
    hub_->cutAfter = 150000;
    start();
    QTRY_COMPARE_WITH_TIMEOUT(QFileInfo(folder_ + "/model.safetensors.part").size(), 150000, kLong);
    download_->cancel();
    QCOMPARE(ends_, QString("failed: "));
    QCOMPARE(QFileInfo(folder_ + "/model.safetensors.part").size(), 150000);
    QVERIFY(!QFile::exists(folder_ + "/model.safetensors"));

    hub_->stall.clear();
    hub_->requests.clear();
    start();
    QTRY_COMPARE_WITH_TIMEOUT(ends_, QString("finished"), kLong);
    QCOMPARE(contentOf(folder_ + "/model.safetensors"), weights());
    QCOMPARE(hub_->asked("model.safetensors").last().range, QByteArray("bytes=150000-"));
    QVERIFY(hub_->asked("/config.json").isEmpty());  // it was here already, and right
  }

  void aSpoiltFileIsFetchedOnceMore() {
    hub_->spoilt = "model.safetensors";
    hub_->spoils = 1;
    start();
    QTRY_COMPARE_WITH_TIMEOUT(ends_, QString("finished"), kLong);
    QCOMPARE(contentOf(folder_ + "/model.safetensors"), weights());
  }

  void aFileThatStaysWrongIsNotKept_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("SHA-256 of weights") << "model.safetensors";
    QTest::newRow("git's SHA-1 of small files") << "tokenizer.json";
  }
  void aFileThatStaysWrongIsNotKept() {
    QFETCH(QString, file);
    hub_->spoilt = file;
    hub_->spoils = 1000;
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains(file + " came twice with another fingerprint"), qPrintable(ends_));
    QVERIFY(!QFile::exists(folder_ + "/" + file));
    QVERIFY(!QFile::exists(folder_ + "/" + file + ".part"));
  }

  void whatTheHubRefusesIsASentence_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("words");
    QTest::newRow("gone") << 404 << "has nothing public called laion/clap-htsat-unfused/config.json";
    QTest::newRow("an account") << 403 << "its owner asks for an account";
    QTest::newRow("too much") << 429 << "too much was asked";
    QTest::newRow("broken") << 500 << "What has come so far is kept";
  }
  void whatTheHubRefusesIsASentence() {
    QFETCH(int, status);
    QFETCH(QString, words);
    hub_->status.insert("config.json", status);
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.startsWith("failed: ") && ends_.contains(words), qPrintable(ends_));
  }

  void noSuchModelNoWeightsNoHub() {
    hub_->files.clear();
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("has nothing public called laion/clap-htsat-unfused"), qPrintable(ends_));
    hub_->put(kName, "config.json", "{}");
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("not the files of a model"), qPrintable(ends_));
    const QUrl nobody = hub_->address();
    hub_->close();
    start(nobody);
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("cannot be reached. Is this computer offline?"), qPrintable(ends_));
  }

  void aFullDiskIsSaidBeforeAndDuring() {
    start(hub_->address(), [](const QString&) { return qint64{1000}; });
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("only 1.0 kB are free on this disk"), qPrintable(ends_));
    QVERIFY(hub_->asked("/config.json").isEmpty());
    // A device that is always full in place of the file.
    QVERIFY(QFile::link("/dev/full", folder_ + "/model.safetensors.part"));
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("No space left on device"), qPrintable(ends_));
  }

  void aListThatClaimsAnythingIsNotBelieved() {
    hub_->claimedSize = 1000;  // the file is longer
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("sends more"), qPrintable(ends_));
    hub_->claimedSize = qint64{1} << 60;
    start();
    QTRY_VERIFY_WITH_TIMEOUT(!ends_.isEmpty(), kLong);
    QVERIFY2(ends_.contains("not the files of a model"), qPrintable(ends_));
  }

  void everyPublishedModelHasItsFiles() {
    QCOMPARE(publishedModels().size(), 7U);
    for (const PublishedModel& model : publishedModels()) {
      QVERIFY(model.bytes > 500'000'000 && !model.licence.isEmpty() && !model.towers.isEmpty());
      QVERIFY(!model.sources.front().weights.isEmpty());
      QVERIFY(!model.sources.back().beside.isEmpty());
    }
    qputenv("HF_ENDPOINT", "https://mirror.example/");
    QCOMPARE(hubAddress(), QUrl("https://mirror.example"));
    qunsetenv("HF_ENDPOINT");
    QCOMPARE(hubAddress(), QUrl("https://huggingface.co"));
  }

  void theDialogAddsWhatItFetched_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("family");
    QTest::newRow("LAION") << "clap-htsat-unfused"
                           << "LAION HTSAT";
    QTest::newRow("Microsoft 2023: weights here, tokenizer there") << "msclap-2023"
                                                                   << "Microsoft CLAP 2023";
    QTest::newRow("Microsoft 2022") << "msclap-2022"
                                    << "Microsoft CLAP 2022";
  }
  void theDialogAddsWhatItFetched() {
    QFETCH(QString, folder);
    QFETCH(QString, family);
    publish(*hub_, "microsoft/msclap", "msclap-2022", {"weights.pth"});
    publish(*hub_, "microsoft/msclap", "msclap-2023", {"weights.pth"});
    publish(*hub_, "openai-community/gpt2", "msclap-2023", {"config.json", "tokenizer.json"});
    publish(*hub_, "google-bert/bert-base-uncased", "msclap-2022", {"config.json", "tokenizer.json"});
    qputenv("HF_ENDPOINT", hub_->address().toEncoded());
    AppContext app;
    ModelsPage page(app);
    page.show();
    page.findChild<QPushButton*>("downloadButton")->click();
    auto* dialog = page.findChild<DownloadDialog*>();
    QVERIFY(dialog != nullptr && dialog->isVisible());
    auto* published = dialog->findChild<QTableWidget*>("publishedTable");
    const int row = rowOf(published->model(), folder);
    QVERIFY(row >= 0);
    published->setCurrentCell(row, 0);
    keepPicture(*dialog, QStringLiteral("models-download"));
    dialog->findChild<QPushButton*>("beginDownloadButton")->click();
    QVERIFY(dialog->downloading());
    QVERIFY(page.findChild<QPushButton*>("downloadButton")->text().startsWith("Downloading"));
    auto* installed = page.findChild<QTableView*>("modelTable")->model();
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(installed, folder) >= 0, kLong);
    QVERIFY(!dialog->downloading());
    QCOMPARE(installed->index(rowOf(installed, folder), ModelTable::Family).data().toString(), family);
    QVERIFY(dialog->findChild<QLabel*>("downloadState")->text().contains("is here and was checked"));
    QTRY_COMPARE_WITH_TIMEOUT(published->item(row, 4)->text(), QString("installed"), kLong);
    QVERIFY(!dialog->findChild<QPushButton*>("beginDownloadButton")->isEnabled());
    QCOMPARE(page.findChild<QPushButton*>("downloadButton")->text(), QString("Download…"));
    QTRY_VERIFY_WITH_TIMEOUT(page.findChild<QPushButton*>("useModelButton")->isEnabled(), kLong);
    page.findChild<QPushButton*>("useModelButton")->click();  // and it can be used
    QTRY_VERIFY_WITH_TIMEOUT(app.model() != nullptr, kLong);
    QCOMPARE(QString::fromStdString(app.model()->info().name), folder);
    qunsetenv("HF_ENDPOINT");
  }

  void modelsWhoseFoldersHaveGoneForbidNoDownload() {
    DownloadDialog dialog(hub_->address(), home_->dir.filePath("models"));
    dialog.show();
    auto* published = dialog.findChild<QTableWidget*>("publishedTable");
    auto* begin = dialog.findChild<QPushButton*>("beginDownloadButton");
    dialog.setInstalled({home_->dir.filePath("gone/elsewhere")});
    QCOMPARE(published->item(0, 4)->text(), QString());
    QVERIFY(begin->isEnabled());
    QDir().mkpath(home_->dir.filePath("models/" + published->item(0, 0)->text()));
    dialog.setInstalled({home_->dir.filePath("models/" + published->item(0, 0)->text())});
    QCOMPARE(published->item(0, 4)->text(), QString("installed"));
    QVERIFY(!begin->isEnabled());
  }

  void cancelInTheDialogKeepsWhatHasCome() {
    hub_->stall = "model.safetensors";
    hub_->cutAfter = 120000;
    DownloadDialog dialog(hub_->address(), home_->dir.filePath("models"));
    QSignalSpy problems(&dialog, &DownloadDialog::failed);
    dialog.show();
    auto* published = dialog.findChild<QTableWidget*>("publishedTable");
    auto* begin = dialog.findChild<QPushButton*>("beginDownloadButton");
    auto* stop = dialog.findChild<QPushButton*>("cancelDownloadButton");
    QVERIFY(!stop->isEnabled());
    begin->click();
    QVERIFY(!begin->isEnabled() && stop->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(dialog.percent() > 10, kLong);
    QVERIFY(dialog.findChild<QProgressBar*>("downloadBar")->isVisible());
    QVERIFY(dialog.findChild<QLabel*>("downloadState")->text().contains(" of "));
    QCOMPARE(published->item(0, 4)->text(), QString("coming"));
    keepPicture(dialog, QStringLiteral("models-downloading"));
    stop->click();
    QTRY_VERIFY_WITH_TIMEOUT(!dialog.downloading(), kLong);
    QVERIFY(dialog.findChild<QLabel*>("downloadState")->text().contains("kept"));
    QCOMPARE(published->item(0, 4)->text(), QString("begun"));
    QVERIFY(begin->isEnabled());
    QVERIFY(problems.isEmpty());  // stopping is no failure
    begin->click();               // and a dialog that goes away in the middle leaves nothing running
    QTRY_VERIFY_WITH_TIMEOUT(dialog.percent() > 10, kLong);
  }

 private:
  void start(const QUrl& hub = {}, const std::function<qint64(const QString&)>& free = {}) {
    ends_.clear();
    download_ = std::make_unique<ModelDownload>(hub.isEmpty() ? hub_->address() : hub, sourcesOf("clap-htsat-unfused"),
                                                folder_);
    download_->setPatience(1);
    if (free) download_->setFreeSpace(free);
    connect(download_.get(), &ModelDownload::finished, this, [this] { ends_ = "finished"; });
    connect(download_.get(), &ModelDownload::failed, this, [this](const QString& why) { ends_ = "failed: " + why; });
    connect(download_.get(), &ModelDownload::progressed, this, [this](qint64 done, qint64 total) {
      done_ = done;
      total_ = total;
    });
    download_->start();
  }
  [[nodiscard]] QByteArray weights() const { return hub_->files[kName]["model.safetensors"]; }
  static QStringList namesIn(const QString& folder) { return QDir(folder).entryList(QDir::Files, QDir::Name); }
  static int rowOf(const QAbstractItemModel* table, const QString& name) {
    for (int i = 0; i < table->rowCount(); ++i) {
      if (table->index(i, 0).data().toString() == name) return i;
    }
    return -1;
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<HubServer> hub_;
  std::unique_ptr<ModelDownload> download_;
  QString folder_;
  QString ends_;
  qint64 done_ = 0;
  qint64 total_ = 0;
};

QTEST_MAIN(TestModelDownload)
#include "test_model_download.moc"
