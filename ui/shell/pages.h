#pragma once
// The five pages in the order of the bar on the left.

#include <QString>
#include <vector>

#include "ui/shell/page.h"

namespace hearsay::ui {

struct PageEntry {
  QString id;  ///< "teach", "listen", "files", "label", "models": also the name of its icon
  QString title;
  QString tip;
  Page* page = nullptr;
};

std::vector<PageEntry> makePages(AppContext& app, QWidget* parent);

}  // namespace hearsay::ui
