// Every page with real work in it, as pictures: the starter model, the bundled sounds, a microphone that hears them, a
// tuning, a labelling session. Each state in light and dark and in three sizes; QT_SCALE_FACTOR says at which scale.
//   screenshots FOLDER      (packaging/screenshots.sh calls it under Xvfb)

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>
#include <cstdio>
#include <functional>

#include "audio/decode.h"
#include "base/files.h"
#include "support/pulse_fixture.h"
#include "ui/label/label_page.h"
#include "ui/label/new_session_dialog.h"
#include "ui/listen/listen_page.h"
#include "ui/shell/help_dialogs.h"
#include "ui/shell/main_window.h"

namespace {

using namespace hearsay;
using namespace hearsay::ui;

bool waitFor(const char* what, const std::function<bool()>& done, int milliseconds) {
  if (QTest::qWaitFor(done, milliseconds)) return true;
  std::fprintf(stderr, "Gave up waiting for: %s\n", what);
  return false;
}

class Photographer {
 public:
  Photographer(MainWindow& window, QString folder) : window_(window), folder_(std::move(folder)) {}

  /// FOLDER/name-light-1280x800@1x.png and its five kin.
  void take(const QString& name) {
    for (const char* theme : {"light", "dark"}) {
      window_.findChild<QAction*>(theme == std::string_view("dark") ? "theme2" : "theme1")->trigger();
      for (const QSize size : {QSize(1024, 700), QSize(1920, 1080), QSize(1280, 800)}) {
        window_.resize(size);
        QTest::qWait(250);
        save(window_, QStringLiteral("%1-%2-%3x%4").arg(name, theme).arg(size.width()).arg(size.height()));
      }
    }
  }

  /// One picture of something beside the window.
  void save(QWidget& widget, const QString& name) {
    const int scale = static_cast<int>(std::lround(widget.devicePixelRatioF()));
    const QString file = QDir(folder_).filePath(QStringLiteral("%1@%2x.png").arg(name).arg(scale));
    if (!widget.grab().save(file)) std::fprintf(stderr, "Could not write %s\n", qPrintable(file));
  }

 private:
  MainWindow& window_;
  QString folder_;
};

struct Studio {
  AppContext& app;
  MainWindow& window;
  Photographer& camera;
  PulseFixture& pulse;
  QString sounds;   ///< the bundled ones
  QString scratch;  ///< a folder of our own

  template <typename T>
  [[nodiscard]] T* find(const char* page, const char* name) const {
    return window.page(QString::fromLatin1(page))->findChild<T*>(QString::fromLatin1(name));
  }
};

/// All bundled sounds, one after the other, as one file.
QString allSounds(const Studio& studio) {
  std::vector<float> samples;
  for (const auto& file : collect_audio({studio.sounds.toStdString()})) {
    const auto one = decode_file(file, 48000);
    samples.insert(samples.end(), one.begin(), one.end());
  }
  const QString file = studio.scratch + QStringLiteral("/all.wav");
  write_wav(file.toStdString(), samples, 48000);
  return file;
}

void photographTeach(const Studio& studio) {
  studio.window.showPage(QStringLiteral("teach"));
  waitFor(
      "the sentences", [&] { return studio.find<QTableView>("teach", "captionTable")->model()->rowCount() > 0; },
      20000);
  studio.camera.take(QStringLiteral("teach-before"));
  studio.find<QPushButton>("teach", "startButton")->click();
  QTest::qWait(1500);
  studio.camera.take(QStringLiteral("teach-running"));
  waitFor(
      "the tuning", [&] { return !studio.app.jobs().busy(); }, 180000);
  auto* tabs = studio.find<QTabWidget>("teach", "teachTabs");
  for (int tab = 0; tab < tabs->count(); ++tab) {
    tabs->setCurrentIndex(tab);
    studio.camera.take(QStringLiteral("teach-%1").arg(tabs->tabText(tab).toLower()));
  }
}

void photographListen(const Studio& studio) {
  studio.window.showPage(QStringLiteral("listen"));
  auto* start = studio.find<QPushButton>("listen", "startButton");
  waitFor(
      "the microphone", [&] { return studio.find<QComboBox>("listen", "inputBox")->count() > 1; }, 20000);
  studio.camera.take(QStringLiteral("listen-before"));
  start->click();
  QTest::qWait(1000);
  studio.pulse.play(allSounds(studio), false);
  QTest::qWait(24000);
  studio.camera.take(QStringLiteral("listen"));
  start->click();
  QTest::qWait(1000);
  studio.find<QTableView>("listen", "eventTable")->selectRow(1);
  studio.camera.take(QStringLiteral("listen-after"));
}

void photographFiles(const Studio& studio) {
  studio.window.showPage(QStringLiteral("files"));
  studio.camera.take(QStringLiteral("files-before"));
  const auto finished = [&] { return !studio.app.jobs().busy(); };
  studio.window.openPaths({studio.sounds + QStringLiteral("/manifest.csv")});
  QTest::qWait(1000);
  waitFor("the files", finished, 60000);
  studio.find<QTableView>("files", "fileTable")->selectRow(2);
  QTest::qWait(3000);
  studio.camera.take(QStringLiteral("files"));
  studio.find<QTabWidget>("files", "fileTabs")->setCurrentIndex(1);
  QTest::qWait(1000);
  studio.camera.take(QStringLiteral("files-evaluation"));
  studio.find<QTabWidget>("files", "evaluationPictures")->setCurrentIndex(1);
  studio.camera.take(QStringLiteral("files-reliability"));
  studio.find<QTabWidget>("files", "fileTabs")->setCurrentIndex(0);
  const QString broken = studio.scratch + QStringLiteral("/not a sound.wav");
  write_file_atomically(broken.toStdString(), std::string_view("text"));
  studio.window.openPaths({broken, QStringLiteral("/nowhere/absent.wav")});
  QTest::qWait(1500);
  waitFor("the broken file", finished, 60000);
  studio.camera.take(QStringLiteral("files-failed"));
  studio.window.findChild<QToolButton*>(QStringLiteral("noticeClose"))->click();
}

void photographLabel(const Studio& studio) {
  studio.window.showPage(QStringLiteral("label"));
  studio.camera.take(QStringLiteral("label-before"));
  const QString folder = studio.scratch + QStringLiteral("/to-label");
  QDir().mkpath(folder);
  QStringList names;
  for (const SoundClass& c : studio.app.classes()) names << QString::fromStdString(c.name);
  for (const auto& file : collect_audio({studio.sounds.toStdString()})) {
    const QString name = QString::fromStdString(file.string());
    QFile::copy(name, QDir(folder).filePath(QFileInfo(name).fileName()));
  }
  NewSessionDialog dialog(folder, names, &studio.window);
  dialog.show();
  QTest::qWait(200);
  studio.camera.save(dialog, QStringLiteral("dialog-new-session"));
  dialog.close();
  auto& controller = qobject_cast<LabelPage*>(studio.window.page(QStringLiteral("label")))->controller();
  if (!controller.create(folder + QStringLiteral("/sounds.hearsay-labels"), folder, names)) return;
  QTest::qWait(500);
  waitFor(
      "the suggestions", [&] { return !controller.suggesting(); }, 60000);
  controller.acceptBest();
  controller.acceptBest();
  const Suggestions suggestions = controller.session().suggestions(controller.current());
  if (!suggestions.items.empty()) controller.addRegion(0.5, 1.4, suggestions.items.front().class_id);
  QTest::qWait(1500);
  studio.camera.take(QStringLiteral("label"));
}

void photographModels(const Studio& studio) {
  studio.window.showPage(QStringLiteral("models"));
  QTest::qWait(1500);
  studio.camera.take(QStringLiteral("models"));
  for (void (*show)(QWidget*) : {&showShortcuts, &showAbout}) {
    show(&studio.window);
    QTest::qWait(200);
    for (auto* dialog : studio.window.findChildren<QDialog*>()) {
      if (!dialog->isVisible()) continue;
      studio.camera.save(*dialog, show == &showAbout ? QStringLiteral("dialog-about") : QStringLiteral("dialog-keys"));
      dialog->close();
    }
  }
}

int photograph(const QString& folder) {
  QTemporaryDir home;
  for (const char* name : {"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}) qputenv(name, home.path().toUtf8());
  PulseFixture pulse;
  QString why;
  if (!pulse.start(&why)) {
    std::fprintf(stderr, "There is no microphone to take pictures of: %s\n", qPrintable(why));
    return 1;
  }
  AppContext app;
  MainWindow window(app);
  window.show();
  app.restore();
  app.loadModel(QStringLiteral("starter"));
  if (!waitFor(
          "the model", [&] { return app.prompts() != nullptr; }, 60000))
    return 1;
  Photographer camera(window, folder);
  const Studio studio{
      app, window, camera, pulse, QString::fromStdString((resources_folder() / "sounds").string()), home.path()};
  photographTeach(studio);
  photographListen(studio);
  photographFiles(studio);
  photographLabel(studio);
  photographModels(studio);
  window.close();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("hearsay"));
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() != 2) {
    std::fprintf(stderr, "Usage: screenshots FOLDER\n");
    return 2;
  }
  return photograph(arguments[1]);
}
