#include "ui/shell/pages.h"

#include <QCoreApplication>

#include "ui/files/files_page.h"
#include "ui/label/label_page.h"
#include "ui/listen/listen_page.h"
#include "ui/models/models_page.h"
#include "ui/teach/teach_page.h"

namespace hearsay::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Pages", text);
}

}  // namespace

std::vector<PageEntry> makePages(AppContext& app, QWidget* parent) {
  std::vector<PageEntry> pages;
  pages.push_back({"teach", tr("Teach"), tr("Name the sounds and tune prompts from text"), new TeachPage(app, parent)});
  pages.push_back({"listen", tr("Listen"), tr("Name what the microphone hears"), new ListenPage(app, parent)});
  pages.push_back({"files", tr("Files"), tr("Name what is in sound files"), new FilesPage(app, parent)});
  pages.push_back(
      {"label", tr("Label"), tr("Label a folder of sounds with the model's help"), new LabelPage(app, parent)});
  pages.push_back(
      {"models", tr("Models"), tr("Installed models and the device they run on"), new ModelsPage(app, parent)});
  return pages;
}

}  // namespace hearsay::ui
