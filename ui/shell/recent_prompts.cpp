#include "ui/shell/recent_prompts.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <algorithm>

#include "base/error.h"
#include "model/safetensors.h"
#include "prompts/prompt_metadata.h"
#include "ui/charts/format.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {
namespace {

constexpr qsizetype kNewestKept = 5;
const QString kOlder = QStringLiteral("olderTunings");

QString tr(const char* text) {
  return QCoreApplication::translate("RecentPrompts", text);
}

/// The file's name, and where others have the same one its folder too.
QString fileInWords(const QString& file, const QStringList& all) {
  const QFileInfo info(file);
  bool alone = true;
  bool folderTells = true;
  for (const QString& one : all) {
    const QFileInfo other(one);
    if (one == file || other.fileName() != info.fileName()) continue;
    alone = false;
    folderTells = folderTells && other.dir().dirName() != info.dir().dirName();
  }
  if (alone) return info.fileName();
  return tr("%1 in %2")
      .arg(info.fileName(), folderTells ? info.dir().dirName() : QDir::toNativeSeparators(info.absolutePath()));
}

void addSet(QMenu* menu, AppContext& app, const QString& file, QString text) {
  text.replace('&', QLatin1String("&&"));  // no letter of a name is to be underlined
  QAction* action = menu->addAction(text, menu, [&app, file] { app.openPrompts(file); });
  action->setCheckable(true);
  action->setChecked(file == app.promptsFile() || file == app.promptsKept());
  action->setToolTip(QDir::toNativeSeparators(file));
}

}  // namespace

QString keptInWords(const QString& file) {
  const auto inWords = [](const QDateTime& when) { return QLocale().toString(when, QLocale::ShortFormat); };
  const QDateTime written = QFileInfo(file).lastModified();
  try {
    const std::string path = file.toStdString();
    const PromptSet set = prompts_from_metadata(SafetensorsFile::open(path).metadata(), path);
    const QDateTime tuned = QDateTime::fromString(QString::fromStdString(set.created_at), Qt::ISODate);
    return tr("Tuned %1, %2: %3")
        .arg(inWords(tuned.isValid() ? tuned.toLocalTime() : written), classesText(static_cast<int>(set.size())),
             firstNames(set.classes));
  } catch (const Error&) {
    return tr("Tuned %1 (kept automatically)").arg(inWords(written));  // what is wrong is said when it is opened
  }
}

void addRecentPrompts(QMenu* menu, AppContext& app) {
  delete menu->findChild<QMenu*>(kOlder);  // clearing a menu leaves the menus below it behind
  menu->setToolTipsVisible(true);
  const QStringList files = app.recentPrompts();
  for (const QString& file : files) addSet(menu, app, file, fileInWords(file, files));
  const QStringList kept = app.keptPrompts();
  if (!files.isEmpty() && !kept.isEmpty()) menu->addSeparator();
  for (const QString& file : kept.mid(0, kNewestKept)) addSet(menu, app, file, keptInWords(file));
  if (kept.size() <= kNewestKept) return;
  QMenu* older = menu->addMenu(tr("Older tunings"));
  older->setObjectName(kOlder);
  older->setToolTipsVisible(true);
  for (const QString& file : kept.mid(kNewestKept)) addSet(older, app, file, keptInWords(file));
}

}  // namespace hearsay::ui
