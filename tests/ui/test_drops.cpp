// What is dropped on the window while Teach is shown: sounds and tables of sounds go to Files, captions stay.

#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QTest>

#include "audio/decode.h"
#include "support/sounds.h"
#include "ui/files/files_page.h"
#include "ui/shell/dropped_paths.h"
#include "ui/shell/main_window.h"
#include "ui/test_home.h"

using namespace hearsay;
using hearsay::ui::AppContext;
using hearsay::ui::MainWindow;

class TestDrops : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    home_ = std::make_unique<TestHome>();
    app_ = std::make_unique<AppContext>();
    app_->setClasses(parse_classes("dog\nrain"));
    window_ = std::make_unique<MainWindow>(*app_);
    window_->show();
    window_->showPage("teach");
    QVERIFY(QDir().mkpath(path("field/dog")));
    write_wav(path("field/dog/a.wav").toStdString(), testing::noise(8000, 0.3), 8000);
    write_wav(path("b.wav").toStdString(), testing::noise(8000, 0.3), 8000);
  }
  void cleanup() {
    window_->close();
    window_.reset();
    app_.reset();
  }

  void aTableOfSoundsGoesToFilesWithThem_data() {
    QTest::addColumn<QString>("table");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("commas") << "list.csv" << QByteArray("file,label\nb.wav,rain\n");
    QTest::newRow("tabs") << "list.tsv" << QByteArray("file\tlabel\nb.wav\train\n");
  }
  void aTableOfSoundsGoesToFilesWithThem() {
    QFETCH(QString, table);
    QFETCH(QByteArray, text);
    write(table, text);
    window_->openPaths({path(table), path("field")});
    QCOMPARE(window_->currentPage(), QString("files"));
    auto& files = qobject_cast<ui::FilesPage*>(window_->page("files"))->model();
    QTRY_COMPARE(files.rowCount(), 2);
    QStringList labels;
    for (const ui::FileRow& row : files.rows()) labels << row.labels;
    labels.sort();
    QCOMPARE(labels, QStringList({"dog", "rain"}));
    QCOMPARE(window_->page("teach")->findChild<QComboBox*>("sourceBox")->currentIndex(), 0);
  }

  void captionsWithTabsAreCaptions() {
    write("mine.tsv", "caption\tlabel\na dog barks\tdog\n");
    window_->showPage("listen");
    window_->openPaths({path("mine.tsv")});
    QCOMPARE(window_->currentPage(), QString("teach"));
    QCOMPARE(window_->page("teach")->findChild<QComboBox*>("sourceBox")->currentIndex(), 1);
    QCOMPARE(window_->page("teach")->findChild<QLineEdit*>("captionFileEdit")->text(), path("mine.tsv"));
  }

 private:
  [[nodiscard]] QString path(const QString& name) const { return home_->dir.filePath(name); }
  void write(const QString& name, const QByteArray& text) const {
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestDrops)
#include "test_drops.moc"
