// The window as a whole: what fits into its smallest size, letters that are taken twice, what moves under the mouse.

#include <QAbstractButton>
#include <QFrame>
#include <QKeySequence>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QScreen>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "audio/decode.h"
#include "base/files.h"
#include "support/sounds.h"
#include "ui/label/label_page.h"
#include "ui/listen/listen_page.h"
#include "ui/pictures.h"
#include "ui/shell/main_window.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

const QStringList kPages = {QStringLiteral("teach"), QStringLiteral("listen"), QStringLiteral("files"),
                            QStringLiteral("label"), QStringLiteral("models")};

/// Which letter with Alt leads where, of a page or of a menu; twice the same is an error.
class Letters {
 public:
  void add(const QString& text) {
    const QKeySequence letter = QKeySequence::mnemonic(text);
    if (letter.isEmpty()) return;
    const QString key = letter.toString();
    if (taken_.contains(key)) twice_ << QStringLiteral("%1: %2 and %3").arg(key, taken_[key], text);
    taken_[key] = text;
  }
  [[nodiscard]] QString twice() const { return twice_.join(QStringLiteral("; ")); }

 private:
  QHash<QString, QString> taken_;
  QStringList twice_;
};

void addActions(Letters& letters, const QWidget& menu) {
  for (const QAction* action : menu.actions()) letters.add(action->text());
}

void addPage(Letters& letters, const QWidget& page) {
  for (const auto* label : page.findChildren<QLabel*>()) {
    if (label->buddy() != nullptr) letters.add(label->text());
  }
  for (const auto* button : page.findChildren<QAbstractButton*>()) letters.add(button->text());
  for (const auto* bar : page.findChildren<QTabBar*>()) {
    for (int i = 0; i < bar->count(); ++i) letters.add(bar->tabText(i));
  }
}

}  // namespace

class TestWindowFit : public QObject, private TinyAppFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(open("window-fit")); }
  void cleanupTestCase() { close(); }
  void init() {
    app_->settings().clear();
    window_ = std::make_unique<MainWindow>(*app_);
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }
  void cleanup() { window_.reset(); }

  void noLetterIsTakenTwice() {
    for (const QString& page : kPages) {
      Letters letters;
      addActions(letters, *window_->menuBar());
      addPage(letters, *window_->page(page));
      QVERIFY2(letters.twice().isEmpty(), qPrintable(page + QStringLiteral(": ") + letters.twice()));
    }
    for (const auto* menu : window_->findChildren<QMenu*>()) {
      Letters letters;
      addActions(letters, *menu);
      QVERIFY2(letters.twice().isEmpty(), qPrintable(menu->title() + QStringLiteral(": ") + letters.twice()));
    }
  }

  void everyPageFitsIntoTheSmallestWindow() {
    const QSize smallest = MainWindow::smallest({1920, 1080});
    QVERIFY(smallest.width() <= 1000 && smallest.height() <= 640);
    const QSize doubled = MainWindow::smallest({960, 540});  // that screen with a scale of 2
    QVERIFY(doubled.width() < 960 && doubled.height() < 540);
    QCOMPARE(window_->minimumSize(), MainWindow::smallest(window_->screen()->availableSize()));
    openEverything();
    window_->resize(smallest);
    for (const QString& page : kPages) {
      window_->showPage(page);
      QTest::qWait(50);
      const QSize needed = window_->page(page)->minimumSizeHint();
      const QSize given = window_->page(page)->size();
      QVERIFY2(given.width() >= needed.width() && given.height() >= needed.height(),
               qPrintable(QStringLiteral("%1 needs %2 x %3 of %4 x %5")
                              .arg(page)
                              .arg(needed.width())
                              .arg(needed.height())
                              .arg(given.width())
                              .arg(given.height())));
      keepPicture(*window_, QStringLiteral("smallest ") + page);
    }
  }

  void theChosenHalfOfTwoIsSeen() {
    openEverything();
    for (const char* theme : {"theme1", "theme2"}) {
      window_->findChild<QAction*>(QString::fromLatin1(theme))->trigger();
      for (const auto& [page, chosen, other] :
           {std::tuple{"listen", "heatMode", "linesMode"}, std::tuple{"files", "fileHeat", "fileLines"}}) {
        QWidget* holder = window_->page(QString::fromLatin1(page));
        window_->showPage(QString::fromLatin1(page));
        QTest::qWait(20);
        const auto frame = [&](const char* name) {
          auto* button = holder->findChild<QToolButton*>(QString::fromLatin1(name));
          const QImage image = button->grab().toImage();
          return image.pixelColor(1, image.height() / 2);
        };
        const QColor highlight = window_->palette().color(QPalette::Highlight);
        QCOMPARE(frame(chosen).name(), highlight.name());
        QVERIFY(frame(other) != highlight);
        QVERIFY(!holder->findChild<QToolButton*>(QString::fromLatin1(other))->autoRaise());  // has a frame too
      }
    }
    window_->findChild<QAction*>(QStringLiteral("theme0"))->trigger();
  }

  void theWelcomeGoesAsTuningBegins() {
    window_->showPage(QStringLiteral("teach"));
    auto* welcome = window_->findChild<QFrame*>(QStringLiteral("welcomeBar"));
    auto* start = window_->page(QStringLiteral("teach"))->findChild<QPushButton*>(QStringLiteral("startButton"));
    QVERIFY(welcome->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    start->click();
    QVERIFY(!welcome->isVisible());
    app_->jobs().cancel();
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
  }

  void filesSayThatASingleClassTellsNothing() {
    const QTemporaryDir folder;
    const QString sound = folder.filePath(QStringLiteral("a.wav"));
    write_wav(sound.toStdString(), testing::sine(440, rate_, 1.0), rate_);
    auto* files = window_->page(QStringLiteral("files"));
    auto* summary = files->findChild<QLabel*>(QStringLiteral("fileSummary"));
    QVERIFY(summary);
    window_->showPage(QStringLiteral("files"));
    window_->openPaths({sound});
    QTRY_VERIFY_WITH_TIMEOUT(summary->text().startsWith(QStringLiteral("1 file")) && !app_->jobs().busy(), kPatience);
    QVERIFY(!summary->text().contains(QStringLiteral("single class")));
    app_->setClasses(parse_classes("dog"));
    QTRY_VERIFY_WITH_TIMEOUT(summary->text().contains(QStringLiteral("with a single class")), kPatience);
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 3, kPatience);
  }

 private:
  /// Every page with something in it: a session, a file, what was heard.
  void openEverything() {
    folder_ = std::make_unique<QTemporaryDir>();
    const QString folder = folder_->path();
    write_wav(folder_->filePath(QStringLiteral("a.wav")).toStdString(), testing::sine(440, rate_, 5.0), rate_);
    auto& label = qobject_cast<LabelPage*>(window_->page(QStringLiteral("label")))->controller();
    QVERIFY(label.create(folder + QStringLiteral("/sounds.hearsay-labels"), folder, {"dog", "rain", "bell"}));
    auto* listen = qobject_cast<ListenPage*>(window_->page(QStringLiteral("listen")));
    listen->setSourceFactory([this] { return replay_samples(testing::noise(rate_ * 8UL, 0.3), rate_, false); });
    listen->start();
    window_->showPage(QStringLiteral("files"));
    window_->openPaths({folder});
    QTRY_VERIFY_WITH_TIMEOUT(!listen->listening() && !app_->jobs().busy(), kPatience);
    window_->showPage(QStringLiteral("label"));
    QTRY_VERIFY_WITH_TIMEOUT(!label.suggesting(), kPatience);
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestWindowFit)
#include "test_window_fit.moc"
