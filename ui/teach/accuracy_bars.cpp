#include "ui/teach/accuracy_bars.h"

#include <QPainter>
#include <algorithm>
#include <array>

#include "ui/charts/colours.h"

namespace hearsay::ui {
namespace {

constexpr int kRowHeight = 24;

struct Row {
  ScoreKind kind;
  QString name;
  double share;
  QColor colour;
};

std::array<Row, 4> rowsOf(const TextAccuracy& accuracy) {
  return {Row{ScoreKind::ZeroShot, AccuracyBars::tr("Zero-shot (template)"), accuracy.zero_shot, QColor(136, 143, 152)},
          Row{ScoreKind::Coarse, AccuracyBars::tr("Coarse prompts"), accuracy.coarse, seriesColour(1)},
          Row{ScoreKind::Fine, AccuracyBars::tr("Fine prompts"), accuracy.fine, seriesColour(2)},
          Row{ScoreKind::Fused, AccuracyBars::tr("Fused"), accuracy.fused, seriesColour(0)}};
}

}  // namespace

AccuracyBars::AccuracyBars(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Held-out sentences named right"));
  setToolTip(tr("Share of the sentences kept aside whose sound is named right. The bold one is in use."));
}

void AccuracyBars::setAccuracy(const TextAccuracy& accuracy, ScoreKind inUse) {
  accuracy_ = accuracy;
  inUse_ = inUse;
  QStringList words;
  for (const Row& row : rowsOf(accuracy)) words.append(tr("%1: %2 %").arg(row.name).arg(row.share * 100.0, 0, 'f', 1));
  setAccessibleDescription(words.join(QStringLiteral("; ")));
  update();
}

QSize AccuracyBars::sizeHint() const {
  return {260, 4 * kRowHeight};
}

void AccuracyBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QFont bold = font();  // the row in use is bold: room for that in every row, so that nothing moves
  bold.setBold(true);
  const QFontMetricsF metrics(bold);
  const auto rows = rowsOf(accuracy_);
  double label = 0.0;
  for (const Row& row : rows) label = std::max(label, metrics.horizontalAdvance(row.name));
  const double number = metrics.horizontalAdvance(QStringLiteral("100.0 %"));
  QColor trough = palette().color(QPalette::WindowText);
  trough.setAlpha(24);
  double y = 0.0;
  for (const Row& row : rows) {
    QFont face = font();
    face.setBold(row.kind == inUse_);
    painter.setFont(face);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(0, y, label, kRowHeight), Qt::AlignLeft | Qt::AlignVCenter, row.name);
    painter.drawText(QRectF(width() - number, y, number, kRowHeight), Qt::AlignRight | Qt::AlignVCenter,
                     tr("%1 %").arg(row.share * 100.0, 0, 'f', 1));
    const QRectF all(label + 8, y + 6, std::max(16.0, width() - label - number - 16), kRowHeight - 12);
    painter.setPen(Qt::NoPen);
    painter.setBrush(trough);
    painter.drawRoundedRect(all, 3, 3);
    painter.setBrush(row.colour);
    painter.drawRoundedRect(QRectF(all.left(), all.top(), all.width() * std::clamp(row.share, 0.0, 1.0), all.height()),
                            3, 3);
    y += kRowHeight;
  }
}

}  // namespace hearsay::ui
