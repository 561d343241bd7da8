// The prompt set in use and the list on Teach: a list that is emptied, put in another order or given other words, and
// what Result exports.

#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "audio/decode.h"
#include "base/files.h"
#include "support/sounds.h"
#include "tuned_prompts.h"
#include "ui/files/files_page.h"
#include "ui/other_model.h"
#include "ui/shell/class_state.h"
#include "ui/window_fixture.h"

using namespace hearsay;
using hearsay::ui::AppContext;

namespace {

std::vector<std::string> names(const ClassList& classes) {
  std::vector<std::string> list;
  for (const SoundClass& one : classes) list.push_back(one.name);
  return list;
}

}  // namespace

class TestPromptsInUse : public QObject, protected WindowFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(openFresh()); }
  void cleanup() { close(); }

  void anEmptiedListUsesNoPrompts() {
    app_->usePrompts(tunedPrompts(*app_));
    auto* files = qobject_cast<ui::FilesPage*>(window_->page("files"));
    const int rate = app_->model()->info().sample_rate;
    const auto addSound = [&](const char* name) {
      const QString file = home_->dir.filePath(QString::fromLatin1(name));
      write_wav(file.toStdString(), testing::noise(20000, 0.3), rate);
      QVERIFY(files->openPaths({file}));
    };
    addSound("a.wav");
    QTRY_COMPARE_WITH_TIMEOUT(files->model().count(ui::FileState::Done), 1, kLong);
    QVERIFY(find<QPushButton>("useButton")->isEnabled());
    auto* table = find<QTableView>("classTable");
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    table->selectAll();
    QTest::keyClick(table, Qt::Key_Delete);
    QCOMPARE(find<QLabel>("classTitle")->text(), QString("Sounds to tell apart (0)"));
    QVERIFY(app_->prompts() == nullptr);
    QVERIFY(!app_->promptsUnsaved() && app_->promptsKept().isEmpty());
    QCOMPARE(find<QToolButton>("promptsButton")->text(), QString("No prompts yet"));
    QVERIFY(notices.last()[0].toString().contains("list of sounds is empty"));
    addSound("b.wav");
    QTRY_COMPARE_WITH_TIMEOUT(files->model().rowCount(), 2, kLong);
    const QString summary = files->findChild<QLabel*>("fileSummary")->text();
    QVERIFY2(summary.contains("waiting for a list of sounds"), qPrintable(summary));
    QVERIFY(!files->findChild<QPushButton*>("classifyAgain")->isVisibleTo(files));
    const auto* listen = window_->page("listen");
    QVERIFY(!listen->findChild<QPushButton*>("startButton")->isEnabled());
    QCOMPARE(listen->findChild<QLabel*>("noticeTitle")->text(), QString("There are no classes yet"));
    find<QToolButton>("undoButton")->click();
    QVERIFY(app_->prompts() && app_->prompts()->tuned && app_->promptsUnsaved());
    QTRY_COMPARE_WITH_TIMEOUT(files->model().count(ui::FileState::Done), 2, kLong);
  }

  void movingAClassKeepsTheTunedSet() {
    const PromptSet tuned = tunedPrompts(*app_);
    app_->usePrompts(tuned);
    const QString details = find<QLabel>("resultDetails")->text();
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    find<QTableView>("classTable")->selectRow(0);
    find<QToolButton>("downButton")->click();
    const std::vector<std::string> moved{"rain", "dog", "bell"};
    QCOMPARE(names(app_->classes()), moved);
    QVERIFY(app_->prompts()->tuned && app_->promptsUnsaved());
    QCOMPARE(names(app_->prompts()->classes), moved);
    QVERIFY(std::ranges::equal(app_->prompts()->coarse.row(0), tuned.coarse.row(1)));
    QVERIFY(std::ranges::equal(app_->prompts()->zero_shot.row(1), tuned.zero_shot.row(0)));
    QTest::qWait(400);  // when a list that is another is read
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kLong);
    QVERIFY(app_->prompts()->tuned);
    QCOMPARE(find<QPushButton>("useButton")->text(), QString("Use template"));
    QCOMPARE(find<QLabel>("resultDetails")->text(), details);
    QVERIFY(!find<QLabel>("otherList")->isVisibleTo(window_.get()));
    QVERIFY2(notices.isEmpty(), qPrintable(notices.value(0).value(0).toString()));
    // To the template and back: the order is the person's.
    find<QPushButton>("useButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && !app_->prompts()->tuned, kLong);
    find<QPushButton>("useButton")->click();
    QVERIFY(app_->prompts()->tuned);
    QCOMPARE(names(app_->classes()), moved);
    QCOMPARE(app_->keptPrompts().size(), 1);
    QVERIFY(startAgain());
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() != nullptr, kLong);
    QVERIFY(app_->prompts()->tuned && app_->promptsUnsaved());
    QCOMPARE(names(app_->prompts()->classes), moved);
  }

  void otherWordsAreToldMarkedAndKept() {
    const QString file = home_->dir.filePath("mine.safetensors");
    app_->usePrompts(tunedPrompts(*app_));
    QVERIFY(app_->savePrompts(file));
    QVERIFY(!app_->promptsEdited() && !window_->isWindowModified());
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    setAliases("wolf");
    QVERIFY(app_->prompts()->tuned);
    QCOMPARE(notices.size(), 1);
    QVERIFY2(notices[0][0].toString().contains("once the list is tuned again"), qPrintable(notices[0][0].toString()));
    QVERIFY(app_->promptsEdited() && window_->isWindowModified());
    QCOMPARE(find<QToolButton>("promptsButton")->text(), QString("Tuned, 3 classes: mine.safetensors, edited"));
    setAliases("wolf, fox");
    QCOMPARE(notices.size(), 1);  // once is enough
    QVERIFY(startAgain());
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->promptsEdited(), kLong);
    QCOMPARE(app_->classes()[0].aliases.size(), std::size_t{2});
    // Opened anew it is the file's list; what was edited comes back by undo, and by saving it is in the file.
    QSignalSpy later(app_.get(), &AppContext::noticed);
    QVERIFY(app_->openPrompts(file));
    QVERIFY(app_->classes()[0].aliases.empty() && !app_->promptsEdited());
    QVERIFY2(later.last()[0].toString().contains("Undo"), qPrintable(later.last()[0].toString()));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(app_->classes()[0].aliases.size(), std::size_t{2});
    QVERIFY(app_->promptsEdited());
    window_->findChild<QAction*>("savePrompts")->trigger();
    QVERIFY(!app_->promptsEdited() && !window_->isWindowModified());
    QCOMPARE(load_prompts(file.toStdString()).classes[0].aliases.size(), std::size_t{2});
  }

  void wordsThatAreEditedWhileATuningRunsStay() {
    const PromptSet tuned = tunedPrompts(*app_);
    setAliases("wolf");
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    app_->usePrompts(tuned);  // as the Teach page does when it has ended
    QVERIFY(app_->prompts()->tuned);
    QCOMPARE(app_->classes()[0].aliases, std::vector<std::string>{"wolf"});
    QCOMPARE(notices.size(), 1);
    QVERIFY2(notices[0][0].toString().contains("once the list is tuned again"), qPrintable(notices[0][0].toString()));
  }

  void resultExportsWhatItShowsAndChangesNothing() {
    const PromptSet tuned = tunedPrompts(*app_, 0.5F);
    app_->usePrompts(tuned);
    app_->loadModel(otherModel(home_->dir.filePath("other-model")));
    const auto ofTheOther = [&] {
      return app_->prompts() && app_->prompts()->model_fingerprint != tuned.model_fingerprint;
    };
    QTRY_VERIFY_WITH_TIMEOUT(ofTheOther(), kLong);
    app_->setClasses(parse_classes("siren, laughter"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->size() == 2, kLong);
    const auto inUse = app_->prompts();
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    chooseExport("json", {});
    QVERIFY2(notices.isEmpty(), qPrintable(notices.value(0).value(0).toString()));
    QCOMPARE(app_->prompts(), inUse);
    QCOMPARE(names(app_->classes()), (std::vector<std::string>{"siren", "laughter"}));
    const QString file = home_->dir.filePath("shown.json");
    chooseExport("json", file);
    QCOMPARE(notices.size(), 1);
    QVERIFY(notices[0][0].toString().startsWith("Exported to"));
    const std::string json = read_file(file.toStdString());
    QVERIFY(json.find(tuned.model_fingerprint) != std::string::npos);
    QVERIFY(json.find("rain") != std::string::npos && json.find("siren") == std::string::npos);
    QCOMPARE(app_->prompts(), inUse);
    QCOMPARE(names(app_->classes()), (std::vector<std::string>{"siren", "laughter"}));
  }

 private:
  void setAliases(const QString& words) {
    auto* model = find<QTableView>("classTable")->model();
    QVERIFY(model->setData(model->index(0, 2), words, Qt::EditRole));
  }
  /// From Result's Export; an empty `file` cancels.
  void chooseExport(const QString& format, const QString& file) {
    for (QAction* action : find<QPushButton>("exportButton")->menu()->actions()) {
      if (action->text() == format.toUpper()) action->trigger();
    }
    auto* dialog = window_->findChild<QFileDialog*>("fileDialog");
    QVERIFY(dialog != nullptr);
    if (!file.isEmpty()) Q_EMIT dialog->filesSelected({file});
    dialog->reject();
    QTRY_VERIFY(window_->findChild<QFileDialog*>("fileDialog") == nullptr);
  }
};

QTEST_MAIN(TestPromptsInUse)
#include "test_prompts_in_use.moc"
