// What should not be there, dropped on the window as a person would: one sentence that names the file, and the rest
// goes on.

#include <unistd.h>

#include <QAbstractItemView>
#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include <filesystem>
#include <limits>

#include "audio/decode.h"
#include "base/files.h"
#include "support/small_disk.h"
#include "support/sounds.h"
#include "ui/files/files_page.h"
#include "ui/label/label_page.h"
#include "ui/notices.h"
#include "ui/shell/main_window.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/spare_folders.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

void drop(QWidget* target, const QStringList& paths) {
  QMimeData data;
  QList<QUrl> urls;
  for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
  data.setUrls(urls);
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &event);
  QVERIFY(event.isAccepted());
}

void write(const QString& file, std::string_view bytes) {
  write_file_atomically(std::filesystem::path(file.toStdString()), bytes);
}

/// A header of this length, then these bytes.
std::string safetensors(std::uint64_t length, std::string_view header) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>((length >> (8 * i)) & 0xFF);
  return bytes.append(header);
}

}  // namespace

class TestBadInput : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    app_ = startTinyApp("bad-input", "dog, rain, bell");
    QVERIFY2(app_, "the model does not load");
    rate_ = app_->model()->info().sample_rate;
    window_ = std::make_unique<MainWindow>(*app_);
    window_->resize(1100, 760);
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void cleanupTestCase() {
    if (window_) window_->close();
    window_.reset();
    app_.reset();
  }

  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    write_wav(path("good.wav").toStdString(), testing::noise(static_cast<std::size_t>(rate_) * 2, 0.3), rate_);
    window_->showPage(QStringLiteral("files"));
    files().clearAll();
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
    notices_ = std::make_unique<Notices>(*app_);
  }

  void cleanup() {
    auto* bar = window_->findChild<NoticeBar*>();
    while (!bar->sentence().isEmpty()) bar->dismiss();
  }

  void soundsThatAreNone_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << "empty.wav" << QByteArray();
    QTest::newRow("text") << "notes.wav" << QByteArray("These are notes about a dog.\n");
    QTest::newRow("cut short") << "short.wav" << QByteArray("RIFF\x24\x08\x00\x00WAVEfmt ", 16);
    QTest::newRow("text, mp3") << "notes.mp3" << QByteArray("These are notes about a dog.\n");
  }
  void soundsThatAreNone() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    write(path(name), bytes.toStdString());
    drop(window_->page(QStringLiteral("files")), {path(name), path("good.wav")});
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 2, kPatience);
    const FileRow& row = rowOf(name);
    QCOMPARE(row.state, FileState::Failed);
    QVERIFY2(row.error.contains(name) && row.error.endsWith(QLatin1Char('.')), qPrintable(row.error));
    QCOMPARE(rowOf("good.wav").state, FileState::Done);
    // The person sees it: the row's detail says the sentence.
    const auto* table = files().findChild<QAbstractItemView*>(QStringLiteral("fileTable"));
    QStringList shown;
    for (int column = 0; column < table->model()->columnCount(); ++column) {
      for (int r = 0; r < table->model()->rowCount(); ++r) {
        shown << table->model()->index(r, column).data(Qt::ToolTipRole).toString();
      }
    }
    QVERIFY2(shown.contains(row.error), qPrintable(shown.join(QStringLiteral(" | "))));
    const QModelIndex state =
        files().model().index(files().model().rows().front().name == name ? 0 : 1, FileTableModel::State);
    QCOMPARE(state.data().toString(), QStringLiteral("failed"));
  }

  void anAbsentFile() {
    drop(window_->page(QStringLiteral("files")), {path("gone.wav"), path("good.wav")});
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 1, kPatience);
    QVERIFY2(said("gone.wav"), qPrintable(all()));
    QCOMPARE(rowOf("good.wav").state, FileState::Done);
  }

  void oneSampleAndSamplesThatAreNoNumbers() {
    QVERIFY(testing::write_sound(path("one.wav").toStdString(), std::vector<float>{0.5F}, rate_, 1,
                                 SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    std::vector<float> odd = testing::noise(static_cast<std::size_t>(rate_), 0.3);
    for (std::size_t i = 0; i < odd.size(); i += 3) odd[i] = std::numeric_limits<float>::quiet_NaN();
    QVERIFY(testing::write_sound(path("odd.wav").toStdString(), odd, rate_, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    drop(window_->page(QStringLiteral("files")), {path("one.wav"), path("odd.wav"), path("good.wav")});
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 3, kPatience);
    for (const char* name : {"one.wav", "odd.wav", "good.wav"}) {
      const FileRow& row = rowOf(QString::fromLatin1(name));
      QVERIFY2(row.state == FileState::Done, qPrintable(row.error));
      QVERIFY(std::isfinite(row.probability) && row.probability > 0.0);
    }
    QCOMPARE(shown("odd.wav").first, QStringLiteral("done, damaged"));
    QCOMPARE(shown("good.wav"), (std::pair{QStringLiteral("done"), QStringLiteral("done")}));
  }

  void soundsThatBreakOffAndSoundsOfSilence() {
    write_wav(path("mute.wav").toStdString(), std::vector<float>(static_cast<std::size_t>(rate_), 0.0F), rate_);
    const std::filesystem::path torn = path("torn.wav").toStdString();
    write_wav(torn, testing::noise(static_cast<std::size_t>(4 * rate_), 0.3), rate_);
    std::filesystem::resize_file(torn, std::filesystem::file_size(torn) / 2);
    drop(window_->page(QStringLiteral("files")), {path("mute.wav"), path("torn.wav")});
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 2, kPatience);
    const auto [mute, whyMute] = shown("mute.wav");
    QCOMPARE(mute, QStringLiteral("done, silent"));
    QVERIFY2(whyMute.contains(QStringLiteral("mute.wav\" is silent")), qPrintable(whyMute));
    const auto [cut, whyCut] = shown("torn.wav");
    QCOMPARE(cut, QStringLiteral("done, cut short"));
    QVERIFY2(whyCut.contains(QStringLiteral("breaks off: about 2.0 s")), qPrintable(whyCut));
  }

  void aFolderThatMayNotBeRead() {
    const std::filesystem::path locked = path("locked").toStdString();
    std::filesystem::create_directory(locked);
    write_wav(locked / "in.wav", testing::noise(1000, 0.3), rate_);
    std::filesystem::permissions(locked, std::filesystem::perms::none);
    std::filesystem::permissions(folder_->path().toStdString(), std::filesystem::perms(0755));
    const uid_t me = geteuid();
    if (me == 0) QCOMPARE(seteuid(65534), 0);  // the superuser may read everything
    drop(window_->page(QStringLiteral("files")), {path("locked"), path("good.wav")});
    const bool told = QTest::qWaitFor([this] { return said("locked"); }, kPatience);
    if (me == 0) QCOMPARE(seteuid(0), 0);
    std::filesystem::permissions(locked, std::filesystem::perms::owner_all);
    QVERIFY2(told, qPrintable(all()));
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 1, kPatience);
    QCOMPARE(rowOf("good.wav").state, FileState::Done);
  }

  void aListOfSoundsThatIsBrokenDoesNotStopTheOthers() {
    write(path("list.csv"), "sound,name\nnowhere.wav,rain\n");
    drop(window_->page(QStringLiteral("files")), {path("list.csv"), path("good.wav")});
    QTRY_COMPARE_WITH_TIMEOUT(finished(), 1, kPatience);
    QVERIFY2(said("list.csv"), qPrintable(all()));
    QCOMPARE(rowOf("good.wav").state, FileState::Done);
  }

  void promptSetsThatAreNone_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const std::string& bytes) {
      QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("empty", "");
    row("text", "this is no prompt set");
    row("a header of 2^60 bytes", safetensors(std::uint64_t(1) << 60, "{}"));
    row("a header that is cut", safetensors(500, "{\"coarse.context\":"));
    const std::string huge =
        "{\"coarse.context\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,16]}}";
    row("a tensor larger than the world", safetensors(huge.size(), huge) + std::string(16, 'x'));
    const std::string outside = "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[1000000,1000016]}}";
    row("a tensor outside the file", safetensors(outside.size(), outside));
    const std::string other = "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}";
    row("no prompt set", safetensors(other.size(), other) + std::string(16, 'x'));
  }
  void promptSetsThatAreNone() {
    QFETCH(QByteArray, bytes);
    const auto before = app_->prompts();
    write(path("mine.safetensors"), bytes.toStdString());
    drop(window_->page(QStringLiteral("listen")), {path("mine.safetensors")});
    QTRY_VERIFY_WITH_TIMEOUT(said("mine.safetensors"), kPatience);
    QCOMPARE(notices_->size(), 1);
    QCOMPARE(app_->prompts(), before);
  }

  void aPromptSetOfAnotherModel() {
    PromptSet other = *app_->prompts();
    other.model_fingerprint = std::string(64, 'a');
    other.model_name = "another model";
    save_prompts(other, path("theirs.safetensors").toStdString());
    const auto before = app_->prompts();
    drop(window_->page(QStringLiteral("teach")), {path("theirs.safetensors")});
    QTRY_VERIFY_WITH_TIMEOUT(!notices_->isEmpty(), kPatience);
    const QString sentence = notices_->at(0)[0].toString();
    QVERIFY2(sentence.contains(QStringLiteral("another model")) && sentence.contains(QStringLiteral("aaaaaa")),
             qPrintable(sentence));
    QVERIFY2(sentence.contains(QStringLiteral("theirs.safetensors")), qPrintable(sentence));
    QCOMPARE(app_->prompts(), before);
  }

  void aFullDiskWhileSavingPrompts() {
    const auto before = app_->prompts();
    QVERIFY(!app_->savePrompts(QStringLiteral("/dev/full")));
    QVERIFY2(said("/dev/full"), qPrintable(all()));
    QCOMPARE(app_->prompts(), before);
    QVERIFY(app_->savePrompts(path("elsewhere.safetensors")));  // nothing is lost
  }

  void tunedPromptsThatCannotBeKept() {
    PromptSet tuned = *app_->prompts();
    tuned.tuned = true;
    tuned.coarse = tuned.fine = tuned.zero_shot;
    tuned.coarse_context = tuned.fine_context = Matrix(4, app_->model()->info().text_width);
    const QString kept = QString::fromStdString((data_folder() / "tuned").string());
    QVERIFY(!QFileInfo::exists(kept));
    write(kept, "no folder");
    app_->usePrompts(tuned);
    QVERIFY(QFile::remove(kept));
    QVERIFY2(said("not kept yet") && said("tuned"), qPrintable(all()));
    QVERIFY(app_->prompts()->tuned);
    QVERIFY(app_->savePrompts(path("tuned-elsewhere.safetensors")));
    app_->useZeroShot();
  }

  void aHomeThatCannotBeWritten() {
    const QByteArray data = qgetenv("XDG_DATA_HOME");
    const QByteArray cache = qgetenv("XDG_CACHE_HOME");
    QCOMPARE(useSpareFolders(), QString());
    QCOMPARE(qgetenv("XDG_DATA_HOME"), data);
    write(path("file"), "no folder");
    for (const char* variable : {"XDG_DATA_HOME", "XDG_CACHE_HOME"}) qputenv(variable, path("file").toLocal8Bit());
    const QString said = useSpareFolders();
    const QString spare = QString::fromLocal8Bit(qgetenv("XDG_DATA_HOME"));
    const QString spareCache = QString::fromLocal8Bit(qgetenv("XDG_CACHE_HOME"));
    {
      AppContext app;
      MainWindow window(app);
      window.show();  // it opens all the same
      QVERIFY(QTest::qWaitForWindowExposed(&window));
    }
    qputenv("XDG_DATA_HOME", data);
    qputenv("XDG_CACHE_HOME", cache);
    QVERIFY2(said.contains(path("file")) && said.contains(spare), qPrintable(said));
    QVERIFY(spare != path("file") && QDir(spare).exists(QStringLiteral("hearsay")));
    QVERIFY(QDir(spare).removeRecursively() && QDir(spareCache).removeRecursively());
  }

  void aFullDiskWhileLabelling() {
    const testing::SmallDisk disk(path("disk").toStdString());
    if (!disk.mounted()) QSKIP("No file system can be mounted here; tests/labels has a full database all the same.");
    auto* page = qobject_cast<LabelPage*>(window_->page(QStringLiteral("label")));
    window_->showPage(QStringLiteral("label"));
    const QString file = path("disk/all.hearsay-labels");
    QVERIFY(page->controller().create(file, folder_->path(), {QStringLiteral("dog"), QStringLiteral("rain")}));
    QTRY_VERIFY_WITH_TIMEOUT(!page->controller().suggesting(), kPatience);
    auto* table = page->findChild<QAbstractItemView*>(QStringLiteral("clipTable"));
    QTest::keyClick(table, Qt::Key_1);
    QCOMPARE(page->controller().session().labels(page->controller().current()).size(), std::size_t{1});
    disk.fill();
    notices_->clear();
    for (int i = 0; i < 600 && notices_->isEmpty(); ++i) QTest::keyClick(table, Qt::Key_2);
    QVERIFY2(said("all.hearsay-labels"), qPrintable(all()));
    const auto labels = page->controller().session().labels(page->controller().current());
    QVERIFY(!labels.empty());  // what was made before is there
    disk.make_room();
    const std::size_t before = labels.size();
    QTest::keyClick(table, Qt::Key_2);
    QVERIFY(page->controller().session().labels(page->controller().current()).size() != before);
    page->controller().close();
  }

 private:
  [[nodiscard]] QString path(const QString& name) const { return folder_->filePath(name); }
  FilesPage& files() { return *qobject_cast<FilesPage*>(window_->page(QStringLiteral("files"))); }
  int finished() { return files().model().count(FileState::Done) + files().model().count(FileState::Failed); }
  const FileRow& rowOf(const QString& name) {
    for (const FileRow& row : files().model().rows()) {
      if (row.name == name) return row;
    }
    qFatal("%s is not in the table", qPrintable(name));
  }
  /// What the column State shows of a file, and what it says when pointed at.
  std::pair<QString, QString> shown(const QString& name) {
    const int row = files().model().rowOf(rowOf(name).id);
    const QModelIndex state = files().model().index(row, FileTableModel::State);
    return {state.data().toString(), state.data(Qt::ToolTipRole).toString()};
  }
  [[nodiscard]] bool said(const char* words) const { return notices_->said(words); }
  [[nodiscard]] QString all() const { return notices_->all(); }

  TestHome home_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Notices> notices_;
  int rate_ = 0;
};

QTEST_MAIN(TestBadInput)
#include "test_bad_input.moc"
