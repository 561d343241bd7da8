// Models: the list, adding, using, measuring, removing, and the device.

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <atomic>
#include <chrono>
#include <thread>

#include "model/clap_model.h"
#include "prompts/feature_cache.h"
#include "support/reference.h"
#include "test_home.h"
#include "ui/models/model_table.h"
#include "ui/models/models_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/dropped_paths.h"
#include "ui/shell/top_bar.h"

using hearsay::ui::AppContext;
using hearsay::ui::ModelsPage;
using hearsay::ui::ModelTable;

namespace {

constexpr int kLong = 40000;  // QTest waits up to three times that, its watchdog 300 s
const QString kTiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");

}  // namespace

class TestModelsPage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    home_ = std::make_unique<TestHome>();
    app_ = std::make_unique<AppContext>();
    page_ = std::make_unique<ModelsPage>(*app_);
    page_->show();
  }
  void cleanup() {
    page_.reset();
    app_.reset();
  }

  void aDroppedFolderIsAddedUsedMeasuredAndRemoved() {
    QVERIFY(page_->openPaths({kTiny}));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter-tiny") >= 0, kLong);
    const int row = rowOf("starter-tiny");
    QCOMPARE(table()->currentIndex().row(), row);  // what was added is chosen
    QCOMPARE(cell(row, ModelTable::Rate), QString("32 kHz"));
    QVERIFY(find<QLabel>("modelPath")->text().contains("starter-tiny"));
    QTRY_VERIFY_WITH_TIMEOUT(cell(row, ModelTable::Fingerprint).size() == 12, kLong);
    find<QPushButton>("copyFingerprintButton")->click();
    const QString whole = QApplication::clipboard()->text();
    QCOMPARE(whole.size(), 64);
    QVERIFY(whole.startsWith(cell(row, ModelTable::Fingerprint)));

    find<QPushButton>("useModelButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != nullptr, kLong);
    QCOMPARE(app_->modelFingerprint(), whole);
    QVERIFY(!find<QPushButton>("useModelButton")->isEnabled());
    QVERIFY2(!find<QPushButton>("removeModelButton")->isEnabled(), "the model in use stays in the list");

    QVERIFY(cell(row, ModelTable::Speed).contains("not measured"));
    find<QPushButton>("measureButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(cell(row, ModelTable::Speed).contains("ms"), kLong);
    QVERIFY(find<QLabel>("modelSpeed")->text().contains(QString::fromStdString(app_->model()->device().name)));
  }

  void namesAndRowsGetTheRoomThereIs() {
    page_->resize(1800, 900);
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter") >= 0, kLong);
    const auto used = [&] {
      int wide = 0;
      for (int i = 0; i < ModelTable::ColumnCount; ++i) wide += table()->columnWidth(i);
      return wide;
    };
    QTRY_COMPARE(used(), table()->viewport()->width());
    QVERIFY2(table()->columnWidth(ModelTable::Name) > 400, qPrintable(QString::number(table()->columnWidth(0))));
    page_->resize(880, 480);  // 1920 by 1080 with a scale of 2, less what stands around the page
    const auto rows = [&] { return static_cast<double>(table()->viewport()->height()) / table()->rowHeight(0); };
    QTRY_VERIFY2(rows() > 4.0, qPrintable(QString::number(rows())));
    QTRY_COMPARE(used(), table()->viewport()->width());
    QFont bold = table()->font();  // as the model in use is written
    bold.setBold(true);
    const int speed = QFontMetrics(bold).horizontalAdvance(QStringLiteral("43 ms (116 × real time)"));
    QVERIFY(table()->columnWidth(ModelTable::Speed) >= speed + 12);
  }

  void theMeasuredSpeedIsRemembered() {
    QVERIFY(page_->openPaths({kTiny}));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter-tiny") >= 0 && find<QPushButton>("measureButton")->isEnabled(), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(cell(rowOf("starter-tiny"), ModelTable::Fingerprint).size() == 12, kLong);
    find<QPushButton>("measureButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(cell(rowOf("starter-tiny"), ModelTable::Speed).contains("ms"), kLong);
    page_ = std::make_unique<ModelsPage>(*app_);
    QTRY_VERIFY_WITH_TIMEOUT(
        rowOf("starter-tiny") >= 0 && cell(rowOf("starter-tiny"), ModelTable::Speed).contains("ms"), kLong);
  }

  void loadingShowsHowFarItIs() {
    QTemporaryDir folder;
    const QString named = folder.filePath(QStringLiteral("tiny%2"));  // told as it is
    QVERIFY(QFile::link(kTiny, named));
    std::atomic<int> step = 0;  // the opener waits until the step before has been seen
    app_->setOpener([&step](const std::filesystem::path& /*path*/, const hearsay::LoadOptions& options) {
      const auto reach = [&](double fraction, int seen) {
        options.progress({"loading the model", fraction, 1.0});
        while (step < seen && !options.control->cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      };
      reach(0.413, 1);
      reach(1.0, 2);
      return hearsay::ClapModel::load(kTiny.toStdString(), {"cpu", {}, options.control});
    });
    hearsay::ui::TopBar bar(*app_);
    auto* button = bar.findChild<QToolButton*>(QStringLiteral("modelButton"));
    app_->loadModel(named + "/");
    QCOMPARE(button->text(), QString("Loading tiny%2…"));
    QTRY_COMPARE_WITH_TIMEOUT(button->text(), QString("Loading tiny%2, 41 %"), kLong);
    step = 1;
    QTRY_COMPARE_WITH_TIMEOUT(button->text(), QString("Loading tiny%2, reading its fingerprint…"), kLong);
    step = 2;
    QTRY_COMPARE_WITH_TIMEOUT(button->text(), QString("starter-tiny"), kLong);
  }

  void everyFamilysFilesCanBeDropped_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("family");
    const auto row = [](const char* path, const char* name, const char* family) {
      QTest::newRow(path) << QString::fromStdString(hearsay::testing::reference(path).string()) << name << family;
    };
    row("hf-clap-unfused", "hf-clap-unfused", "LAION HTSAT");
    row("hf-clap-fused", "hf-clap-fused", "LAION HTSAT, fused");
    row("hf-clap-unfused/model.safetensors", "hf-clap-unfused", "LAION HTSAT");
    row("msclap-2023", "msclap-2023", "Microsoft CLAP 2023");
    row("msclap-2022/weights.pth", "weights", "Microsoft CLAP 2022");
    if (hearsay::testing::small_reference()) return;
    row("hf-clap-fused/pytorch_model.bin", "hf-clap-fused", "LAION HTSAT, fused");
  }

  void everyFamilysFilesCanBeDropped() {
    QFETCH(QString, path);
    QFETCH(QString, name);
    QFETCH(QString, family);
    QCOMPARE(hearsay::ui::sortPaths({path}).models, QStringList(path));
    QVERIFY(page_->openPaths({path}));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf(name) >= 0, kLong);
    QCOMPARE(cell(rowOf(name), ModelTable::Family), family);
    const QString towers = find<QLabel>("modelTowers")->text();
    QVERIFY2(towers.startsWith(family.contains("2022") ? "Cnn14 for sound, BERT for text" : "HTSAT for sound"),
             qPrintable(towers));
    QTRY_VERIFY_WITH_TIMEOUT(cell(rowOf(name), ModelTable::Fingerprint).size() == 12, kLong);
    find<QPushButton>("useModelButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != nullptr, kLong);
    QCOMPARE(app_->modelFingerprint().left(12), cell(rowOf(name), ModelTable::Fingerprint));
    QTRY_VERIFY_WITH_TIMEOUT(!find<QPushButton>("useModelButton")->isEnabled(), kLong);  // it is the row in use
  }

  void weightsOfSomethingElseAreTold() {
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    const QString folder = home_->dir.filePath("two");
    QVERIFY(QDir().mkpath(folder));
    for (const char* name : {"a.pth", "b.pth", "vocab.txt", "other.pt"}) {
      QFile file(folder + "/" + name);
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write("nothing") > 0);
    }
    const QString other = folder + "/other.pt";
    QCOMPARE(hearsay::ui::sortPaths({folder, other}).models, QStringList({folder, other}));
    QVERIFY(page_->openPaths({folder}));
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty() && notices.last()[0].toString().contains("a.pth, b.pth"), kLong);
    QVERIFY(page_->openPaths({other}));
    QTRY_VERIFY_WITH_TIMEOUT(notices.last()[0].toString().contains("other.pt"), kLong);
  }

  void removingForgetsItButKeepsTheFiles() {
    const QString copy = home_->dir.filePath("my-model");
    QVERIFY(QDir().mkpath(copy));
    for (const QString& name : QDir(kTiny).entryList(QDir::Files)) {
      QVERIFY(QFile::copy(kTiny + "/" + name, copy + "/" + name));
    }
    QVERIFY(page_->openPaths({copy}));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter-tiny") >= 0, kLong);
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    find<QPushButton>("removeModelButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter-tiny") < 0, kLong);
    QVERIFY(QFile::exists(copy + "/model.safetensors"));
    QVERIFY(notices.last()[0].toString().contains("files stay"));
    QVERIFY(page_->openPaths({copy}));
    QTRY_VERIFY_WITH_TIMEOUT(rowOf("starter-tiny") >= 0, kLong);
    QVERIFY(QDir(copy).removeRecursively());
    find<QPushButton>("removeModelButton")->click();
    const QString said = notices.last()[0].toString();  // nothing is left to stay
    QVERIFY2(said.contains("no longer in the list") && !said.contains("files stay"), qPrintable(said));
  }

  void whatIsNoModelIsASentence() {
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    const QString folder = home_->dir.filePath("broken");
    QVERIFY(QDir().mkpath(folder));
    QFile weights(folder + "/model.safetensors");
    QVERIFY(weights.open(QIODevice::WriteOnly) && weights.write("no weights at all") > 0);
    weights.close();
    QVERIFY(page_->openPaths({folder}));
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty(), kLong);
    QVERIFY2(notices[0][0].toString().contains("broken"), qPrintable(notices[0][0].toString()));
    QVERIFY(rowOf("broken") < 0);
    QVERIFY(!page_->openPaths({home_->dir.path()}));  // a folder without weights is not for this page
  }

  void theDeviceIsRemembered() {
    auto* box = find<QComboBox>("deviceBox");
    box->setCurrentIndex(box->findData("cpu"));
    QCOMPARE(app_->device(), QString("cpu"));
    QCOMPARE(app_->settings().value("model/device").toString(), QString("cpu"));
  }

  void theCaptionCacheIsShownAndCleared() {
    auto* size = find<QLabel>("captionCacheSize");
    auto* clear = find<QPushButton>("clearCaptionCacheButton");
    QTRY_COMPARE_WITH_TIMEOUT(size->text(), QString("Caption cache: empty"), kLong);
    QVERIFY(!clear->isEnabled());
    const auto model = hearsay::ClapModel::load(kTiny.toStdString(), {"cpu", {}, nullptr});
    {
      hearsay::FeatureCache cache(*model);
      const std::vector<std::string> texts{"a dog barks"};
      const std::vector<hearsay::CaptionFeature> features{
          {std::vector<float>(static_cast<std::size_t>(model->info().embedding_dim)), {}}};
      cache.keep(texts, features);
      QVERIFY2(cache.problem().empty(), cache.problem().c_str());
    }
    page_->hide();
    page_->show();  // the size is read when the page comes up
    QTRY_VERIFY_WITH_TIMEOUT(clear->isEnabled(), kLong);
    QVERIFY2(size->text().endsWith("B"), qPrintable(size->text()));
    QTest::mouseClick(clear, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(size->text(), QString("Caption cache: empty"), kLong);
    QCOMPARE(hearsay::feature_cache_contents().entries, 0);
    QVERIFY(!clear->isEnabled());
  }

 private:
  template <typename T>
  T* find(const char* name) {
    return page_->findChild<T*>(QString::fromLatin1(name));
  }
  QTableView* table() { return find<QTableView>("modelTable"); }
  QString cell(int row, int column) { return table()->model()->index(row, column).data().toString(); }
  int rowOf(const QString& name) {
    for (int row = 0; row < table()->model()->rowCount(); ++row) {
      if (cell(row, ModelTable::Name) == name) return row;
    }
    return -1;
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<ModelsPage> page_;
};

QTEST_MAIN(TestModelsPage)
#include "test_models_page.moc"
