#include "ui/charts/colours.h"

#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "ui/charts/custom_plot.h"

namespace hearsay::ui {
namespace {

// Okabe and Ito's colours without black: told apart with any common colour blindness, on white and on near-black.
constexpr std::array<QRgb, 7> kOkabeIto = {0xff0072b2, 0xffe69f00, 0xff009e73, 0xffcc79a7,
                                           0xff56b4e9, 0xffd55e00, 0xffb8a90e};

// Lightness of the turns after the first, in percent as QColor::lighter takes it.
constexpr std::array<int, 4> kTurns = {100, 135, 72, 160};

constexpr std::size_t kSeries = kOkabeIto.size() * kTurns.size();  // then it begins again

// Seven points of a map from near-black over violet and orange to pale yellow whose lightness rises evenly.
constexpr std::array<std::array<double, 3>, 8> kHeat = {{{0.01, 0.01, 0.05},
                                                         {0.17, 0.06, 0.36},
                                                         {0.38, 0.09, 0.45},
                                                         {0.60, 0.16, 0.42},
                                                         {0.81, 0.27, 0.32},
                                                         {0.95, 0.45, 0.19},
                                                         {0.98, 0.70, 0.20},
                                                         {0.98, 0.96, 0.65}}};

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto mix = [share](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * share)); };
  return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

void paintAxis(QCPAxis& axis, const QColor& line, const QColor& text, const QColor& grid) {
  axis.setBasePen(QPen(line));
  axis.setTickPen(QPen(line));
  axis.setSubTickPen(QPen(line));
  axis.setTickLabelColor(text);
  axis.setLabelColor(text);
  axis.grid()->setPen(QPen(grid, 0, Qt::SolidLine));
  axis.grid()->setZeroLinePen(QPen(grid, 0, Qt::SolidLine));
}

}  // namespace

QColor seriesColour(std::size_t index) {
  const QColor base = QColor::fromRgb(kOkabeIto[index % kOkabeIto.size()]);
  const int turn = kTurns[(index / kOkabeIto.size()) % kTurns.size()];
  if (turn == 100) return base;
  QColor shade = base.toHsl();
  const double lightness = std::clamp(shade.lightnessF() * turn / 100.0, 0.22, 0.82);
  return QColor::fromHslF(shade.hslHueF(), shade.hslSaturationF(), static_cast<float>(lightness)).toRgb();
}

QColor classColour(const ClassList& classes, std::size_t index) {
  if (index < classes.size() && !classes[index].colour.empty()) {
    const QColor own(QString::fromStdString(classes[index].colour));
    if (own.isValid()) return own;
  }
  return seriesColour(index);
}

ClassList withColours(const ClassList& classes) {
  ClassList coloured = classes;
  for (std::size_t i = 0; i < classes.size(); ++i) coloured[i].colour = classColour(classes, i).name().toStdString();
  return coloured;
}

ClassList withoutSeriesColours(ClassList classes) {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (QColor(QString::fromStdString(classes[i].colour)).rgb() == seriesColour(i).rgb()) classes[i].colour.clear();
  }
  return classes;
}

void giveFreeColours(ClassList& classes, std::size_t first) {
  std::set<QRgb> taken;
  for (std::size_t i = 0; i < first; ++i) taken.insert(classColour(classes, i).rgb());
  for (std::size_t i = first; i < classes.size(); ++i) {
    if (classes[i].colour.empty() && taken.contains(seriesColour(i).rgb())) {
      std::size_t free = 0;
      while (free < kSeries && taken.contains(seriesColour(free).rgb())) ++free;
      if (free < kSeries) classes[i].colour = seriesColour(free).name().toStdString();
    }
    taken.insert(classColour(classes, i).rgb());
  }
}

QIcon swatch(const QColor& colour) {
  constexpr double kScale = 3.0;  // sharp on every display; icons are made smaller, never larger
  constexpr double kSize = 16.0;
  QIcon icon;
  for (const QIcon::Mode mode : {QIcon::Normal, QIcon::Selected}) {
    QPixmap pixmap(QSize(static_cast<int>(kSize * kScale), static_cast<int>(kSize * kScale)));
    pixmap.setDevicePixelRatio(kScale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(mode == QIcon::Selected ? QPen(Qt::white, 1.5) : QPen(Qt::NoPen));
    painter.setBrush(colour);
    painter.drawRoundedRect(QRectF(2.0, 2.0, kSize - 4.0, kSize - 4.0), 3.0, 3.0);
    icon.addPixmap(pixmap, mode);
  }
  return icon;
}

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
}

QColor mutedText(const QPalette& palette) {
  return mixed(palette.color(QPalette::WindowText), palette.color(QPalette::Window), 0.3);
}

void applyPalette(QCustomPlot& plot, const QPalette& palette) {
  const QColor base = palette.color(QPalette::Base);
  const QColor text = palette.color(QPalette::Text);
  const QColor line = mixed(base, text, 0.45);
  const QColor grid = mixed(base, text, 0.12);
  const QColor label = mixed(base, text, 0.8);
  plot.setBackground(QBrush(base));
  for (QCPAxisRect* rect : plot.axisRects()) {
    for (QCPAxis* axis : rect->axes()) paintAxis(*axis, line, label, grid);
  }
  if (plot.legend != nullptr) {
    QColor behind = base;
    behind.setAlpha(215);
    plot.legend->setBrush(QBrush(behind));
    plot.legend->setBorderPen(QPen(grid));
    plot.legend->setTextColor(label);
  }
}

QColor heatColour(double value) {
  if (!(value > 0.0)) value = 0.0;  // also NaN
  const double place = std::min(value, 1.0) * static_cast<double>(kHeat.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(place), kHeat.size() - 2);
  const double share = place - static_cast<double>(low);
  const auto channel = [&](std::size_t c) {
    return static_cast<float>(kHeat[low][c] + (kHeat[low + 1][c] - kHeat[low][c]) * share);
  };
  return QColor::fromRgbF(channel(0), channel(1), channel(2));
}

}  // namespace hearsay::ui
