#include "ui/shell/pages.h"

#include <QCoreApplication>

#ifdef HEARSAY_HAS_TEACH_PAGE
#include "ui/teach/teach_page.h"
#endif
#ifdef HEARSAY_HAS_LISTEN_PAGE
#include "ui/listen/listen_page.h"
#endif
#ifdef HEARSAY_HAS_FILES_PAGE
#include "ui/files/files_page.h"
#endif
#ifdef HEARSAY_HAS_LABEL_PAGE
#include "ui/label/label_page.h"
#endif
#ifdef HEARSAY_HAS_MODELS_PAGE
#include "ui/models/models_page.h"
#endif

namespace hearsay::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Pages", text);
}

}  // namespace

std::vector<PageEntry> makePages(AppContext& app, QWidget* parent) {
  std::vector<PageEntry> pages;
#ifdef HEARSAY_HAS_TEACH_PAGE
  pages.push_back({"teach", tr("Teach"), tr("Name the sounds and tune prompts from text"), new TeachPage(app, parent)});
#endif
#ifdef HEARSAY_HAS_LISTEN_PAGE
  pages.push_back({"listen", tr("Listen"), tr("Name what the microphone hears"), new ListenPage(app, parent)});
#endif
#ifdef HEARSAY_HAS_FILES_PAGE
  pages.push_back({"files", tr("Files"), tr("Name what is in sound files"), new FilesPage(app, parent)});
#endif
#ifdef HEARSAY_HAS_LABEL_PAGE
  pages.push_back(
      {"label", tr("Label"), tr("Label a folder of sounds with the model's help"), new LabelPage(app, parent)});
#endif
#ifdef HEARSAY_HAS_MODELS_PAGE
  pages.push_back(
      {"models", tr("Models"), tr("Installed models and the device they run on"), new ModelsPage(app, parent)});
#endif
  return pages;
}

}  // namespace hearsay::ui
