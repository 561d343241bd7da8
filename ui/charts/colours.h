#pragma once
// One colour-blind-safe series for classes everywhere, and the palette's own colours for axes, in light and dark.

#include <QColor>
#include <QIcon>
#include <QPalette>

#include "prompts/class_list.h"

class QCustomPlot;

namespace hearsay::ui {

/// Okabe-Ito order, then lighter and darker turns of it; never white, never black.
QColor seriesColour(std::size_t index);
/// The class's own colour, or the series'.
QColor classColour(const ClassList& classes, std::size_t index);
/// The list with its colours written down, so that classes keep them when their places change; and without those that
/// the places give anyway, as a list that nobody moved has none.
ClassList withColours(const ClassList& classes);
ClassList withoutSeriesColours(ClassList classes);
/// The classes from `first` on get a colour of the series that no class has, where one before them, which was moved,
/// has the one of their place.
void giveFreeColours(ClassList& classes, std::size_t first);
/// A class's mark in tables and lists: a rounded square, with an outline where the row is chosen.
QIcon swatch(const QColor& colour);
[[nodiscard]] bool isDark(const QPalette& palette);
/// Text that steps back behind the palette's own and is still easy to read.
[[nodiscard]] QColor mutedText(const QPalette& palette);
/// Axis, grid, text and background colours of a plot from the palette; call again when the palette changes.
void applyPalette(QCustomPlot& plot, const QPalette& palette);
/// A perceptual colour for 0..1 (spectrograms, heat strips).
QColor heatColour(double value);

}  // namespace hearsay::ui
