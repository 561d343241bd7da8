// What Teach says of a result: class by class, why that is missing, and which classes the scores confuse.

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTabBar>
#include <QTabWidget>
#include <QTableWidget>
#include <QTest>

#include "test_home.h"
#include "ui/charts/colours.h"
#include "ui/charts/similarity_map.h"
#include "ui/shell/app_context.h"
#include "ui/teach/result_view.h"
#include "ui/teach/similarity_view.h"
#include "ui/teach/teach_page.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestTeachResult : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    home_ = std::make_unique<TestHome>();
    app_ = std::make_unique<AppContext>();
    view_ = std::make_unique<ResultView>(*app_);
    view_->resize(600, 500);
    view_->show();
  }
  void cleanup() {
    view_.reset();
    app_.reset();
  }

  void classesWithoutSentencesAreNotCounted() {
    const TunerReport report;
    view_->showResult(tuned(), {{4, 0.5, 1.0}, {0, 0.0, 0.0}, {4, 0.5, 0.5}}, &report);
    const QString title = find<QLabel>("gainsTitle")->text();
    QVERIFY2(title.contains("gained: 1, lost: 0, unchanged: 1") && title.contains("without sentences to tell by: 1"),
             qPrintable(title));
    auto* gains = find<QTableWidget>("gainsTable");
    QCOMPARE(gains->item(2, 0)->text(), QString("rain"));  // below those that something is known of
    QCOMPARE(gains->item(2, 1)->text(), QString("0"));
    for (const int column : {2, 3, 4}) QCOMPARE(gains->item(2, column)->text(), QString("–"));
    QCOMPARE(gains->item(1, 4)->text(), QString("same"));
    view_->showResult(tuned(), {{4, 0.5, 1.0}, {1, 0.0, 0.0}, {4, 0.5, 0.5}}, &report);
    QVERIFY(!find<QLabel>("gainsTitle")->text().contains("without"));
  }

  void whyThereAreNoGainsIsSaid() {
    view_->showResult(tuned(), {}, nullptr);  // opened, or back from the last time
    const QString opened = find<QLabel>("gainsTitle")->text();
    QVERIFY2(opened.contains("does not keep it") && !opened.contains("stopped"), qPrintable(opened));
  }

  void classesHeldOutAreMarked() {
    auto prompts = std::make_shared<PromptSet>(*tuned());
    prompts->unseen = {"rain"};
    const TunerReport report;
    view_->showResult(prompts, {{4, 0.5, 1.0}, {110, 0.9, 0.8}, {4, 0.5, 0.5}}, &report);
    const auto* gains = find<QTableWidget>("gainsTable");
    QCOMPARE(gains->item(2, 0)->text(), QString("rain (held out)"));
    QCOMPARE(gains->item(2, 1)->text(), QString("110"));
    QVERIFY(gains->item(2, 0)->toolTip().contains("not learnt from"));
    QCOMPARE(gains->item(0, 0)->text(), QString("dog"));
  }

  void classesHaveTheColoursOfTheList() {
    app_->setClasses(parse_classes("siren, dog, bell"));
    const TunerReport report;
    view_->showResult(tuned(), {{4, 0.5, 1.0}, {4, 0.5, 0.9}, {4, 0.5, 0.5}}, &report);
    const auto colour = [this](int row) {
      const QIcon icon = find<QTableWidget>("gainsTable")->item(row, 0)->icon();
      return icon.pixmap(QSize(16, 16), 1.0).toImage().pixelColor(8, 8).rgb();
    };
    QCOMPARE(colour(0), seriesColour(1).rgb());  // dog
    QCOMPARE(colour(1), seriesColour(1).rgb());  // rain, which is not in the list
    QCOMPARE(colour(2), seriesColour(0).rgb());  // siren
    ClassList list = app_->classes();
    list[1].colour = "#123456";
    app_->setClasses(list);
    QCOMPARE(colour(0), QColor("#123456").rgb());
  }

  void whatCannotBeToldApartIsNoSuccess() {
    PromptSet prompts = *tuned();
    prompts.preferred = ScoreKind::ZeroShot;
    prompts.held_out = {0.25, 0.3, 0.3, 0.5};
    const QString said = verdict(prompts);
    QVERIFY2(said.contains("cannot tell all of these sounds apart") && !said.contains("helped"), qPrintable(said));
    prompts.held_out.fused = 0.2;
    QVERIFY(verdict(prompts).contains("did not help"));
  }

  void asManyRightIsSaidToBeNoMore() {
    PromptSet prompts = *tuned();
    prompts.held_out = {1.0, 1.0, 1.0, 1.0};
    const QString said = verdict(prompts);
    QVERIFY2(
        said.contains("no more than with the template") && said.contains("clearer margin") && !said.contains("helped"),
        qPrintable(said));
  }

  void useItMovesNoButton() {
    app_->setClasses(parse_classes("bell, wind"));
    view_->showResult(tuned(), {{4, 0.5, 1.0}, {4, 0.5, 0.9}, {4, 0.5, 0.5}}, nullptr);
    QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
    const auto* other = find<QLabel>("otherList");
    QVERIFY(other->isVisible());
    const auto places = [this] {
      QCoreApplication::processEvents();
      QList<QRect> all;
      for (const char* name : {"useButton", "saveButton", "exportButton", "tuneAgainButton", "listenButton"}) {
        all.append(find<QPushButton>(name)->geometry());
        all.last().moveTo(find<QPushButton>(name)->mapTo(view_.get(), QPoint()));
      }
      return all;
    };
    const QList<QRect> before = places();
    find<QPushButton>("useButton")->click();
    QTRY_VERIFY(!other->isVisible());
    QCOMPARE(places(), before);
  }

  void aResultDoesNotMoveTheTabs() {
    TeachPage page(*app_);
    page.resize(940, 600);  // what is left of 1024 beside the bar
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    auto* tabs = page.findChild<QTabWidget*>(QStringLiteral("teachTabs"));
    const auto place = [&] { return tabs->mapTo(&page, QPoint()); };
    const QPoint before = place();
    app_->usePrompts(*tuned());
    for (const int tab : {2, 3, 1, 2, 0}) {
      QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(tab).center());
      QCoreApplication::processEvents();
      QCOMPARE(tabs->currentIndex(), tab);
      QCOMPARE(place().x(), before.x());
    }
  }

  /// As on a small screen, or a large one with a scale of 2: the names of the columns give way first.
  void theMapKeepsTheNamesOfItsRows() {
    QStringList names;
    for (int i = 0; i < 10; ++i) names << QStringLiteral("church bell number %1").arg(i);
    Matrix alike(10, 10, 1.0F);
    for (std::int64_t i = 0; i < 10; ++i) alike.at(i, (i + 3) % 10) = 0.0F;
    SimilarityMap map;
    map.setData(names, alike);
    const auto hasNames = [&](int high) {
      map.resize(460, high);
      const QImage picture = map.grab().toImage();
      const QColor paper = map.palette().color(QPalette::Base);
      int empty = 0;  // left of the square there is little but paper
      for (int y = 0; y < high; ++y) empty += picture.pixelColor(24, y) == paper ? 1 : 0;
      return empty > high / 2;
    };
    for (const int high : {400, 240, 190, 160, 120}) QVERIFY2(hasNames(high), qPrintable(QString::number(high)));
  }

  /// Coarse and fine take dog and rain for one, zero-shot, which is most of the fused score, rain and siren.
  void theMapIsOfTheScoreThatIsChosen() {
    SimilarityView map(*app_);
    map.showPrompts(tuned());
    auto* kind = map.findChild<QComboBox*>(QStringLiteral("similarityKind"));
    const auto* square = map.findChild<SimilarityMap*>(QStringLiteral("similarityMap"));
    const auto pair = [&](const QString& score) {
      kind->setCurrentText(score);
      return square->mostAlike().section('(', 0, 0).trimmed();
    };
    QCOMPARE(pair("Coarse"), QString("Most alike: dog and rain"));
    QCOMPARE(pair("Fine"), QString("Most alike: dog and rain"));
    QCOMPARE(pair("Zero-shot"), QString("Most alike: rain and siren"));
    QCOMPARE(pair("Fused"), QString("Most alike: rain and siren"));
  }

 private:
  template <typename T>
  T* find(const char* name) {
    return view_->findChild<T*>(QString::fromLatin1(name));
  }
  static Matrix rows(const std::vector<float>& values) {
    Matrix matrix(3, 2);
    matrix.data = values;
    return matrix;
  }
  static std::shared_ptr<const PromptSet> tuned() {
    auto prompts = std::make_shared<PromptSet>();
    prompts->classes = parse_classes("dog, rain, siren");
    prompts->tuned = true;
    prompts->coarse = prompts->fine = rows({1, 0, 1, 0, 0, 1});
    prompts->zero_shot = rows({1, 0, 0, 1, 0, 1});
    prompts->weights = {0.1, 0.1, 0.8};
    prompts->recipe = R"({"name":"fast","hold_out_one_in":5})";
    prompts->held_out = {0.5, 0.6, 0.6, 0.75};
    return prompts;
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<ResultView> view_;
};

QTEST_MAIN(TestTeachResult)
#include "test_teach_result.moc"
