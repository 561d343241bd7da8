// Everything that can be worked with, on every page as it looks with work in it: it has a name for screen readers, a
// tooltip, and the Tab key gets there and away again.

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSet>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>
#include <QToolTip>

#include "base/files.h"
#include "ui/label/label_page.h"
#include "ui/label/new_session_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

/// A part of a larger control (a spin box's line, a combo box's list, a table's header) is not one of its own.
bool isPart(const QWidget& widget) {
  if (qobject_cast<const QTabBar*>(&widget) != nullptr) return false;
  if (widget.objectName().startsWith(QStringLiteral("qt_")) || widget.focusProxy() != nullptr) return true;
  for (const QWidget* above = widget.parentWidget(); above != nullptr; above = above->parentWidget()) {
    if (qobject_cast<const QAbstractSpinBox*>(above) != nullptr || qobject_cast<const QComboBox*>(above) != nullptr ||
        qobject_cast<const QLineEdit*>(above) != nullptr || qobject_cast<const QTabBar*>(above) != nullptr ||
        qobject_cast<const QAbstractScrollArea*>(above) != nullptr) {
      return qobject_cast<const QScrollArea*>(above) == nullptr || widget.inherits("QScrollBar");
    }
  }
  return widget.inherits("QSplitterHandle") || widget.inherits("QScrollArea");
}

/// What a person can work with: it takes the focus, or is a button.
bool isInteractive(const QWidget& widget) {
  if (!widget.isVisible() || widget.isWindow() || isPart(widget)) return false;
  if (qobject_cast<const QLabel*>(&widget) != nullptr) return false;
  return widget.focusPolicy() != Qt::NoFocus || qobject_cast<const QAbstractButton*>(&widget) != nullptr;
}

QString nameOf(const QWidget& widget) {
  if (!widget.accessibleName().isEmpty()) return widget.accessibleName();
  if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) return button->text();
  if (qobject_cast<const QTabBar*>(&widget) != nullptr) return widget.parentWidget()->accessibleName();
  return {};
}

/// One of its own, or what it shows when the pointer rests on its middle (charts say what is there).
bool hasTip(QWidget& widget) {
  if (!widget.toolTip().isEmpty()) return true;
  const auto* tabs = qobject_cast<const QTabBar*>(&widget);
  if (tabs == nullptr) {
    QToolTip::showText(QPoint(1, 1), QStringLiteral("another"));
    const QPoint middle = widget.rect().center();
    QHelpEvent help(QEvent::ToolTip, middle, widget.mapToGlobal(middle));
    QCoreApplication::sendEvent(&widget, &help);
    return !QToolTip::text().isEmpty() && QToolTip::text() != QStringLiteral("another");
  }
  for (int i = 0; i < tabs->count(); ++i) {
    if (tabs->tabToolTip(i).isEmpty()) return false;
  }
  return true;
}

QString described(const QWidget& widget) {
  return QStringLiteral("%1 \"%2\"").arg(QString::fromLatin1(widget.metaObject()->className()), widget.objectName());
}

QList<QWidget*> interactive(QWidget& root) {
  QList<QWidget*> found;
  for (QWidget* widget : root.findChildren<QWidget*>()) {
    if (isInteractive(*widget)) found.append(widget);
  }
  return found;
}

}  // namespace

class TestEveryWidget : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    app_ = startTinyApp("every-widget", "dog, rain, bell");
    QVERIFY2(app_, "the model does not load");
    window_ = std::make_unique<MainWindow>(*app_);
    window_->resize(1280, 800);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    fillFiles();
    fillLabel();
  }

  void cleanupTestCase() {
    if (window_) window_->close();
    window_.reset();
    app_.reset();
  }

  void namesAndTips_data() { pages(); }
  void namesAndTips() {
    show();
    QStringList bare;
    for (QWidget* widget : interactive(*window_)) {
      if (nameOf(*widget).isEmpty()) bare << described(*widget) + QStringLiteral(" has no name");
      if (!hasTip(*widget)) bare << described(*widget) + QStringLiteral(" has no tooltip");
    }
    QVERIFY2(bare.isEmpty(), qPrintable(bare.join(QStringLiteral("; "))));
  }

  void tabGetsEverywhere_data() { pages(); }
  void tabGetsEverywhere() {
    show();
    QSet<QWidget*> wanted;
    for (QWidget* widget : interactive(*window_)) {
      const bool byTab = (widget->focusPolicy() & Qt::TabFocus) != 0;
      // One of several buttons that exclude each other is enough: the arrow keys lead to the others.
      const auto* button = qobject_cast<QAbstractButton*>(widget);
      const bool oneOfSeveral = button != nullptr && (button->autoExclusive() || button->group() != nullptr);
      if (widget->isEnabled() && byTab && !oneOfSeveral) wanted.insert(widget);
    }
    QVERIFY(wanted.size() > 5);
    for (const Qt::Key key : {Qt::Key_Tab, Qt::Key_Backtab}) {
      QSet<QWidget*> left = wanted;
      (*wanted.begin())->setFocus();
      for (int i = 0; i < 200 && !left.isEmpty(); ++i) {
        QWidget* focus = QApplication::focusWidget();
        QVERIFY2(focus != nullptr, "the focus got lost");
        left.remove(focus);
        QTest::keyClick(focus, key);
      }
      QStringList missed;
      for (const QWidget* widget : left) missed << described(*widget);
      QVERIFY2(missed.isEmpty(), qPrintable(QStringLiteral("Not reached: ") + missed.join(QStringLiteral(", "))));
    }
  }

  void whatCannotBeReachedByTabHasAKey() {
    window_->showPage(QStringLiteral("listen"));
    const QStringList menus = {QStringLiteral("teachAction"), QStringLiteral("openPrompts"), QStringLiteral("quit")};
    for (const QString& name : menus) {
      QVERIFY2(!window_->findChild<QAction*>(name)->shortcut().isEmpty(), qPrintable(name));
    }
  }

  void keysOfOnePageAreNotTakenTwice() {
    for (const QString& id : ids()) {
      window_->showPage(id);
      QCoreApplication::processEvents();
      QHash<QChar, QString> taken;
      for (const QLabel* label : window_->page(id)->findChildren<QLabel*>()) {
        if (!label->isVisible() || label->buddy() == nullptr) continue;
        const qsizetype mark = label->text().indexOf(QLatin1Char('&'));
        if (mark < 0) continue;
        const QChar key = label->text().at(mark + 1).toLower();
        QVERIFY2(!taken.contains(key), qPrintable(id + ": " + label->text() + " and " + taken.value(key)));
        taken.insert(key, label->text());
      }
    }
  }

  void theDialogIsNamedToo() {
    NewSessionDialog dialog(folder_.path(), {QStringLiteral("dog")});
    dialog.show();
    for (QWidget* widget : interactive(dialog)) {
      if (qobject_cast<const QAbstractButton*>(widget) != nullptr && widget->parent()->inherits("QDialogButtonBox")) {
        continue;  // OK and Cancel say it all
      }
      QVERIFY2(!nameOf(*widget).isEmpty() && hasTip(*widget), qPrintable(described(*widget)));
    }
  }

 private:
  static QStringList ids() {
    return {QStringLiteral("teach"), QStringLiteral("listen"), QStringLiteral("files"), QStringLiteral("label"),
            QStringLiteral("models")};
  }

  /// Every page, and every tab of the pages that have some.
  void pages() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<int>("tab");
    for (const QString& id : ids()) {
      const auto* tabs = window_->page(id)->findChild<QTabWidget*>();
      for (int tab = 0; tab < (tabs == nullptr ? 1 : tabs->count()); ++tab) {
        QTest::addRow("%s %d", qPrintable(id), tab) << id << tab;
      }
    }
  }

  void show() {
    QFETCH(QString, page);
    QFETCH(int, tab);
    window_->showPage(page);
    if (auto* tabs = window_->page(page)->findChild<QTabWidget*>()) tabs->setCurrentIndex(tab);
    if (auto* more = window_->page(page)->findChild<QToolButton*>(QStringLiteral("advancedButton"))) {
      if (more->isVisible() && !more->isChecked()) more->click();
    }
    if (page == QStringLiteral("files") && tab == 1) {
      auto* pictures = window_->findChild<QTabWidget*>(QStringLiteral("evaluationPictures"));
      QTRY_VERIFY_WITH_TIMEOUT(pictures->isVisible(), kPatience);
    }
    QTest::qWait(50);
  }

  void fillFiles() {
    window_->showPage(QStringLiteral("files"));
    const auto sounds = QString::fromStdString((resources_folder() / "sounds").string());
    for (const char* name : {"rain", "dog"}) {  // folders named after classes: there is something to evaluate
      QVERIFY(QDir(folder_.path()).mkdir(QString::fromLatin1(name)));
      const QString file = folder_.filePath(QStringLiteral("%1/%1.flac").arg(QLatin1String(name)));
      QVERIFY(QFile::copy(sounds + QStringLiteral("/rain.flac"), file));
    }
    window_->openPaths({folder_.path()});
    const auto* table = window_->page(QStringLiteral("files"))->findChild<QAbstractItemView*>("fileTable");
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 2, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
  }

  void fillLabel() {
    auto* page = qobject_cast<LabelPage*>(window_->page(QStringLiteral("label")));
    const QString file = folder_.filePath(QStringLiteral("all.hearsay-labels"));
    QVERIFY(page->controller().create(file, folder_.path(), {QStringLiteral("dog"), QStringLiteral("rain")}));
    QTRY_VERIFY_WITH_TIMEOUT(!page->controller().suggesting(), kPatience);
  }

  TestHome home_;
  QTemporaryDir folder_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestEveryWidget)
#include "test_every_widget.moc"
