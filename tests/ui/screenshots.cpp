// Every page with real work in it, as pictures: the starter model, the bundled sounds, a tuning, a labelling session.
//   screenshots FOLDER PREFIX light|dark WIDTHxHEIGHT      (packaging/screenshots.sh calls it under Xvfb)

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <functional>

#include "audio/decode.h"
#include "base/files.h"
#include "ui/label/label_page.h"
#include "ui/listen/listen_page.h"
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
  Photographer(MainWindow& window, QString folder, QString prefix)
      : window_(window), folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  void take(const QString& name) {
    QTest::qWait(400);
    const QString file = QDir(folder_).filePath(prefix_ + name + QStringLiteral(".png"));
    if (!window_.grab().save(file)) std::fprintf(stderr, "Could not write %s\n", qPrintable(file));
  }

 private:
  MainWindow& window_;
  QString folder_;
  QString prefix_;
};

/// All bundled sounds, one after the other.
std::vector<float> allSounds(const QString& folder, int rate) {
  std::vector<float> samples;
  for (const auto& file : collect_audio({folder.toStdString()})) {
    const auto one = decode_file(file, rate);
    samples.insert(samples.end(), one.begin(), one.end());
  }
  return samples;
}

void photographTeach(AppContext& app, MainWindow& window, Photographer& camera) {
  window.showPage(QStringLiteral("teach"));
  camera.take(QStringLiteral("teach-before"));
  auto* start = window.page(QStringLiteral("teach"))->findChild<QPushButton*>(QStringLiteral("startButton"));
  if (start == nullptr) return;
  start->click();
  QTest::qWait(4000);
  camera.take(QStringLiteral("teach-running"));
  waitFor(
      "the tuning", [&] { return !app.jobs().busy(); }, 180000);
  camera.take(QStringLiteral("teach"));
}

void photographListen(AppContext& app, MainWindow& window, Photographer& camera, const QString& sounds) {
  window.showPage(QStringLiteral("listen"));
  camera.take(QStringLiteral("listen-before"));
  auto* page = qobject_cast<ListenPage*>(window.page(QStringLiteral("listen")));
  const int rate = app.model()->info().sample_rate;
  page->setSourceFactory([samples = allSounds(sounds, rate), rate] { return replay_samples(samples, rate, true); });
  page->start();
  QTest::qWait(22000);
  camera.take(QStringLiteral("listen"));
  page->stop();
}

void photographFiles(AppContext& app, MainWindow& window, Photographer& camera, const QString& sounds) {
  window.showPage(QStringLiteral("files"));
  camera.take(QStringLiteral("files-before"));
  window.openPaths({sounds});
  QTest::qWait(1000);
  waitFor(
      "the files", [&] { return !app.jobs().busy(); }, 60000);
  if (auto* table = window.page(QStringLiteral("files"))->findChild<QTableView*>()) table->selectRow(2);
  QTest::qWait(3000);
  camera.take(QStringLiteral("files"));
}

void photographLabel(AppContext& app, MainWindow& window, Photographer& camera, const QString& sounds,
                     const QString& scratch) {
  window.showPage(QStringLiteral("label"));
  camera.take(QStringLiteral("label-before"));
  QDir().mkpath(scratch);
  QStringList names;
  for (const SoundClass& c : app.classes()) names << QString::fromStdString(c.name);
  for (const auto& file : collect_audio({sounds.toStdString()})) {
    const QString name = QString::fromStdString(file.string());
    QFile::copy(name, QDir(scratch).filePath(QFileInfo(name).fileName()));
  }
  LabelController& controller = qobject_cast<LabelPage*>(window.page(QStringLiteral("label")))->controller();
  if (!controller.create(scratch + QStringLiteral("/sounds.hearsay-labels"), scratch, names)) return;
  QTest::qWait(500);
  waitFor(
      "the suggestions", [&] { return !controller.suggesting(); }, 60000);
  controller.acceptBest();
  controller.acceptBest();
  controller.addRegion(0.5, 1.4, controller.session().classes().front().id);
  QTest::qWait(1500);
  camera.take(QStringLiteral("label"));
}

int photograph(const QStringList& arguments) {
  QTemporaryDir home;
  for (const char* name : {"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}) qputenv(name, home.path().toUtf8());
  const QString sounds = QString::fromStdString((resources_folder() / "sounds").string());
  AppContext app;
  app.settings().setValue(QStringLiteral("window/theme"), arguments[3] == QLatin1String("dark") ? 2 : 1);
  MainWindow window(app);
  const QStringList size = arguments[4].split(QLatin1Char('x'));
  window.resize(size.value(0).toInt(), size.value(1).toInt());
  window.show();
  app.restore();
  app.loadModel(QStringLiteral("starter"));
  if (!waitFor(
          "the model", [&] { return app.prompts() != nullptr; }, 60000))
    return 1;

  Photographer camera(window, arguments[1], arguments[2]);
  photographTeach(app, window, camera);
  photographListen(app, window, camera, sounds);
  photographFiles(app, window, camera, sounds);
  photographLabel(app, window, camera, sounds, home.filePath(QStringLiteral("to-label")));
  window.showPage(QStringLiteral("models"));
  QTest::qWait(1500);
  camera.take(QStringLiteral("models"));
  window.close();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("hearsay"));
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() != 5) {
    std::fprintf(stderr, "Usage: screenshots FOLDER PREFIX light|dark WIDTHxHEIGHT\n");
    return 2;
  }
  return photograph(arguments);
}
