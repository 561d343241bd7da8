#pragma once
// The prompt sets that menus offer: files that were opened or saved last, and tunings that were kept automatically.

#include "ui/shell/app_context.h"

class QMenu;

namespace hearsay::ui {

/// Adds them to a menu that is filled each time it is shown; a click opens. The newest kept tunings have places of
/// their own however many files there are, the older ones a menu below. The whole path is the tooltip.
void addRecentPrompts(QMenu* menu, AppContext& app);

/// A kept tuning as menus show it: by its time and its classes.
QString keptInWords(const QString& file);

}  // namespace hearsay::ui
