// The window: reads the arguments, shows the window at once, and lets the model load behind it.

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QMessageBox>
#include <QTimer>
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ending_signals.h"
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

void describeOptions(QCommandLineParser& parser) {
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
}

void nameProgram() {
  QCoreApplication::setApplicationName(QStringLiteral("hearsay"));
  QCoreApplication::setApplicationVersion(QStringLiteral(HEARSAY_VERSION));
}

/// --help and --version need no display.
void answerWithoutDisplay(int& argc, char** argv) {
  const QCoreApplication app(argc, argv);
  nameProgram();
  QCommandLineParser parser;
  describeOptions(parser);
  // Qt's own options are known to QApplication only; "-reverse" is none of ours that has a v in it.
  parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
  (void)parser.parse(QCoreApplication::arguments());
  if (parser.isSet(QStringLiteral("version"))) parser.showVersion();
  if (parser.isSet(QStringLiteral("help"))) parser.showHelp();
}

/// Qt ends the program with advice to install it anew where it finds no display.
bool displayIsMissing(int argc, char** argv) {
  for (const char* variable : {"DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"}) {
    if (!qEnvironmentVariableIsEmpty(variable)) return false;
  }
  return std::none_of(argv, argv + argc, [](const char* argument) {
    const char* name = argument + (std::strncmp(argument, "--", 2) == 0 ? 1 : 0);
    return std::strcmp(name, "-platform") == 0 || std::strcmp(name, "-display") == 0;
  });
}

Arguments readArguments(const QApplication& app) {
  QCommandLineParser parser;
  describeOptions(parser);
  parser.process(app);
  QStringList paths;
  // Whole, so that a file is the same one wherever it is opened from, and an export says where it is.
  for (const QString& path : parser.positionalArguments()) paths << QFileInfo(path).absoluteFilePath();
  return {parser.value("device"), parser.value("model"), parser.value("prompts"), parser.value("page"), paths};
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
  window.bringBack();
  const QString last = context.settings().value("model/last", "starter").toString();
  context.loadModel(arguments.model.isEmpty() ? last : arguments.model);
  if (!arguments.prompts.isEmpty()) context.openPrompts(arguments.prompts);
  if (!arguments.page.isEmpty()) window.showPage(arguments.page);
  if (!arguments.paths.isEmpty()) window.openPaths(arguments.paths);
}

}  // namespace

int main(int argc, char** argv) {
  answerWithoutDisplay(argc, argv);
  if (displayIsMissing(argc, argv)) {
    std::fputs("There is no display for the window. hearsay-cli does the same work without one: hearsay-cli --help\n",
               stderr);
    return 1;
  }
  QApplication app(argc, argv);
  // Qt sets the desktop's, with which C libraries would write commas into files. QLocale keeps it.
  std::setlocale(LC_NUMERIC, "C");
  nameProgram();
  QApplication::setApplicationDisplayName(QStringLiteral("Hearsay"));
  QApplication::setDesktopFileName(QStringLiteral("hearsay"));
  QApplication::setWindowIcon(hearsay::ui::programIcon());
  const Arguments arguments = readArguments(app);
  try {
    const QString homeless = hearsay::ui::useSpareFolders();
    startLog();
    hearsay::ui::AppContext context;
    hearsay::ui::MainWindow window(context);
    const hearsay::ui::EndingSignals signals;
    QObject::connect(&signals, &hearsay::ui::EndingSignals::asked, &window, &QWidget::close);
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
