#pragma once
// Texts as they are: Qt takes what looks like HTML for it, in labels and tooltips, and a person's words may look so.

#include <QString>

namespace hearsay::ui {

/// From now on every label, tooltip and question of the program shows its text as it stands, but for labels whose
/// format was set (QLabel::setTextFormat). Once is enough; more often does no harm.
void showTextsAsTheyAre();

/// With line ends between words, so that no line of a long tooltip is longer than so many letters where words allow it.
QString brokenIntoLines(const QString& text, int letters = 100);

}  // namespace hearsay::ui
