// The window: reads the arguments, shows the window at once, and lets the model load behind it.

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QMessageBox>
#include <QTimer>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"
#include "ui/shell/main_window.h"
#include "ui/shell/spare_folders.h"

namespace {

struct Arguments {
  QString device;
  QString model;
  QString prompts;
  QString page;
  QStringList paths;
};

Arguments readArguments(const QApplication& app) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QApplication::translate("main", "Teach a sound classifier with words alone."));
  parser.addHelpOption();
  parser.addVersionOption();
  const QCommandLineOption device("device", QApplication::translate("main", "auto, cpu, cuda or cuda:1"), "device");
  const QCommandLineOption model("model", QApplication::translate("main", "Folder, .pth file or installed name"),
                                 "model");
  const QCommandLineOption prompts("prompts", QApplication::translate("main", "Prompt set to use (.safetensors)"),
                                   "file");
  const QCommandLineOption page("page", QApplication::translate("main", "teach, listen, files, label or models"),
                                "page");
  parser.addOptions({device, model, prompts, page});
  parser.addPositionalArgument("files", QApplication::translate("main", "Sounds, folders, captions or prompt sets"),
                               "[files...]");
  parser.process(app);
  return {parser.value(device), parser.value(model), parser.value(prompts), parser.value(page),
          parser.positionalArguments()};
}

void writeQtMessage(QtMsgType type, const QMessageLogContext&, const QString& message) {
  if (type == QtDebugMsg) {
    hearsay::log_debug(message.toStdString());
  } else if (type == QtInfoMsg) {
    hearsay::log_info(message.toStdString());
  } else {
    hearsay::log_warn(message.toStdString());
  }
}

// A log that cannot be written is no reason not to start.
void startLog() {
  try {
    const std::filesystem::path folder = hearsay::data_folder() / "log";
    std::filesystem::create_directories(folder);
    hearsay::log_to_file(folder / "hearsay.log");
  } catch (const std::exception& error) {
    hearsay::log_warn(error.what());
  }
  qInstallMessageHandler(writeQtMessage);
}

void begin(hearsay::ui::AppContext& context, hearsay::ui::MainWindow& window, const Arguments& arguments) {
  if (!arguments.device.isEmpty()) context.setDevice(arguments.device);
  context.restore();
  const QString last = context.settings().value("model/last", "starter").toString();
  context.loadModel(arguments.model.isEmpty() ? last : arguments.model);
  if (!arguments.prompts.isEmpty()) context.openPrompts(arguments.prompts);
  if (!arguments.page.isEmpty()) window.showPage(arguments.page);
  if (!arguments.paths.isEmpty()) window.openPaths(arguments.paths);
}

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  QApplication::setApplicationName(QStringLiteral("hearsay"));
  QApplication::setApplicationDisplayName(QStringLiteral("Hearsay"));
  QApplication::setApplicationVersion(QStringLiteral(HEARSAY_VERSION));
  QApplication::setDesktopFileName(QStringLiteral("hearsay"));
  QApplication::setWindowIcon(hearsay::ui::programIcon());
  const Arguments arguments = readArguments(app);
  try {
    const QString homeless = hearsay::ui::useSpareFolders();
    startLog();
    hearsay::ui::AppContext context;
    hearsay::ui::MainWindow window(context);
    window.show();
    QTimer::singleShot(0, &window, [&] {
      if (!homeless.isEmpty()) context.notify(homeless, hearsay::ui::AppContext::NoticeLevel::Warning);
      begin(context, window, arguments);
    });
    return QApplication::exec();
  } catch (const std::exception& error) {
    QMessageBox::critical(nullptr, QStringLiteral("Hearsay"), QString::fromUtf8(error.what()));
    return 1;
  }
}
