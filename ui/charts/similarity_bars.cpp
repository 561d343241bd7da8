#include "ui/charts/similarity_bars.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <utility>

#include "prompts/prompt_set.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr int kGap = 8;
constexpr int kReach = 6;  // pixels beside a mark that still grab it
constexpr int kWidestName = 160;
constexpr int kNarrow = 340;  // below, the bars get the room of the cosines; the tooltip still has them

}  // namespace

SimilarityBars::SimilarityBars(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Classes with their probability"));
  fitHeight();
}

void SimilarityBars::setClasses(const QStringList& names, const QVector<QColor>& colours) {
  const bool same = names == names_;
  names_ = names;
  colours_ = colours;
  if (same) return update();
  const qsizetype before = thresholds_.size();
  thresholds_.resize(names.size());
  for (qsizetype k = before; k < thresholds_.size(); ++k) thresholds_[k] = kUsualThreshold;
  current_ = std::clamp(current_, 0, std::max(0, rows() - 1));
  dragged_ = hovered_ = -1;
  clearValues();
  fitHeight();
}

// A scroll area asks nobody for their height while it is hidden: it is told.
void SimilarityBars::fitHeight() {
  setFixedHeight(std::max(1, rows()) * rowHeight());
}

void SimilarityBars::setValues(std::span<const float> shares, std::span<const float> cosines) {
  if (static_cast<qsizetype>(shares.size()) != names_.size()) return;
  const QVector<float> oldShares = std::exchange(shares_, QVector<float>(shares.begin(), shares.end()));
  const QVector<float> oldCosines = std::exchange(cosines_, QVector<float>(cosines.begin(), cosines.end()));
  const auto differs = [](const QVector<float>& a, const QVector<float>& b, qsizetype k, float steps) {
    if (k >= a.size() || k >= b.size()) return k < a.size() || k < b.size();
    return std::lround(a[k] * steps) != std::lround(b[k] * steps);
  };
  const auto pixels = static_cast<float>(std::max(100, width()));
  for (qsizetype k = 0; k < names_.size(); ++k) {
    if (differs(oldShares, shares_, k, pixels) || differs(oldCosines, cosines_, k, 100.0F)) {
      update(rowRect(static_cast<int>(k)));
    }
  }
}

void SimilarityBars::clearValues() {
  shares_.clear();
  cosines_.clear();
  update();
}

void SimilarityBars::setThresholds(const QVector<double>& thresholds) {
  if (thresholds.size() != names_.size() || thresholds == thresholds_) return;
  thresholds_ = thresholds;
  update();
}

void SimilarityBars::setThresholdsVisible(bool visible) {
  thresholdsVisible_ = visible;
  update();
}

void SimilarityBars::setCurrent(int row) {
  row = std::clamp(row, 0, std::max(0, rows() - 1));
  if (row == current_) return;
  update(rowRect(current_));
  current_ = row;
  update(rowRect(current_));
  Q_EMIT currentChanged(row);
}

// --- Where things are

int SimilarityBars::rowHeight() const {
  return fontMetrics().height() + 12;
}

QRect SimilarityBars::rowRect(int row) const {
  return {0, row * rowHeight(), width(), rowHeight()};
}

int SimilarityBars::rowAt(int y) const {
  const int row = y / rowHeight();
  return y >= 0 && row < rows() ? row : -1;
}

int SimilarityBars::nameWidth() const {
  QFont bold = font();  // as the names of what is heard are set
  bold.setBold(true);
  const QFontMetrics metrics(bold);
  int widest = 0;
  for (const QString& name : names_) widest = std::max(widest, metrics.horizontalAdvance(name) + 1);
  return std::min({widest, kWidestName, width() * 9 / 20});
}

bool SimilarityBars::cosinesFit() const {
  return width() >= kNarrow;
}

int SimilarityBars::numberWidth() const {
  const int percent = fontMetrics().horizontalAdvance(QStringLiteral("100 %"));
  return cosinesFit() ? percent + kGap + fontMetrics().horizontalAdvance(QStringLiteral("−0.00")) : percent;
}

QRect SimilarityBars::barRect(int row) const {
  const QRect line = rowRect(row);
  const int left = kGap + nameWidth() + kGap;
  return {left, line.top() + 4, std::max(24, width() - left - numberWidth() - 2 * kGap), line.height() - 8};
}

QPoint SimilarityBars::thresholdPoint(int row) const {
  const QRect bar = barRect(row);
  return {bar.left() + static_cast<int>(std::lround(thresholds_.value(row, kUsualThreshold) * (bar.width() - 1))),
          bar.center().y()};
}

int SimilarityBars::onMark(const QPoint& point) const {
  const int row = rowAt(point.y());
  if (row < 0 || !thresholdsVisible_) return -1;
  return std::abs(point.x() - thresholdPoint(row).x()) <= kReach ? row : -1;
}

QSize SimilarityBars::sizeHint() const {
  return {280, std::max(1, rows()) * rowHeight()};
}

QSize SimilarityBars::minimumSizeHint() const {
  return {180, std::max(1, rows()) * rowHeight()};
}

// --- Painting

void SimilarityBars::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  const int first = std::max(0, event->rect().top() / rowHeight());
  const int last = std::min(rows() - 1, event->rect().bottom() / rowHeight());
  for (int row = first; row <= last; ++row) paintRow(painter, row);
}

void SimilarityBars::paintRow(QPainter& painter, int row) const {
  const QRect line = rowRect(row);
  const QRect bar = barRect(row);
  const QColor text = palette().color(QPalette::WindowText);
  const QColor colour = colours_.value(row, palette().color(QPalette::Highlight));
  const bool any = row < shares_.size();
  const double value = any ? std::clamp<double>(shares_[row], 0.0, 1.0) : 0.0;
  const bool over = any && value >= thresholds_.value(row, kUsualThreshold);
  if (row == current_ && hasFocus()) {
    QColor back = palette().color(QPalette::Highlight);
    back.setAlpha(40);
    painter.fillRect(line, back);
  }
  QFont font = this->font();
  font.setBold(over);
  painter.setFont(font);
  painter.setPen(text);
  painter.drawText(QRect(kGap, line.top(), nameWidth(), line.height()), Qt::AlignVCenter | Qt::AlignLeft,
                   QFontMetrics(font).elidedText(names_[row], Qt::ElideRight, nameWidth()));
  QColor track = text;
  track.setAlpha(28);
  painter.fillRect(bar, track);
  QColor fill = colour;
  if (!over) fill.setAlpha(150);
  painter.fillRect(QRectF(bar.left(), bar.top(), value * bar.width(), bar.height()), fill);
  if (thresholdsVisible_) {
    const int x = thresholdPoint(row).x();
    const bool strong = row == dragged_ || row == hovered_;
    painter.fillRect(QRect(x - 2, bar.top() - 2, 5, bar.height() + 4), palette().color(QPalette::Window));
    painter.fillRect(QRect(x - (strong ? 1 : 0), bar.top() - 2, strong ? 3 : 1, bar.height() + 4), text);
    painter.setBrush(text);
    painter.setPen(Qt::NoPen);
    const QPoint tip(x, bar.top() + 2);
    painter.drawPolygon(QPolygon({tip, tip + QPoint(-4, -5), tip + QPoint(5, -5)}));
  }
  if (!any) return;
  painter.setPen(text);
  const int right = width() - kGap;
  const int cosineWide = cosinesFit() ? fontMetrics().horizontalAdvance(QStringLiteral("−0.00")) : 0;
  const int besideCosine = cosinesFit() ? cosineWide + kGap : 0;
  painter.drawText(QRect(bar.right() + 2, line.top(), right - besideCosine - bar.right() - 2, line.height()),
                   Qt::AlignVCenter | Qt::AlignRight, percentText(value));
  if (row >= cosines_.size() || !cosinesFit()) return;
  QColor muted = text;
  muted.setAlpha(165);
  painter.setFont(this->font());
  painter.setPen(muted);
  painter.drawText(QRect(right - cosineWide, line.top(), cosineWide, line.height()), Qt::AlignVCenter | Qt::AlignRight,
                   cosineText(cosines_[row]));
}

// --- Thresholds

void SimilarityBars::moveThreshold(int row, double value, bool all) {
  value = std::clamp(std::round(value * 100.0) / 100.0, 0.0, 1.0);
  QVector<double> moved = thresholds_;
  if (all) moved.fill(value);
  if (row >= 0 && row < moved.size()) moved[row] = value;
  if (moved == thresholds_) return;
  thresholds_ = moved;
  update();
  Q_EMIT thresholdsEdited();
}

void SimilarityBars::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  const int row = rowAt(event->pos().y());
  if (row >= 0) setCurrent(row);
  dragged_ = onMark(event->pos());
  update();
}

void SimilarityBars::mouseMoveEvent(QMouseEvent* event) {
  if (dragged_ >= 0 && event->buttons().testFlag(Qt::LeftButton)) {
    const QRect bar = barRect(dragged_);
    const double value = static_cast<double>(event->pos().x() - bar.left()) / std::max(1, bar.width() - 1);
    moveThreshold(dragged_, value, event->modifiers().testFlag(Qt::ShiftModifier));
    QToolTip::showText(event->globalPosition().toPoint(), percentText(thresholds_[dragged_]), this);
    return;
  }
  const int over = onMark(event->pos());
  setCursor(over >= 0 ? Qt::SizeHorCursor : Qt::ArrowCursor);
  if (over == hovered_) return;
  hovered_ = over;
  update();
}

void SimilarityBars::mouseReleaseEvent(QMouseEvent* /*event*/) {
  dragged_ = -1;
  update();
}

void SimilarityBars::keyPressEvent(QKeyEvent* event) {
  const bool all = event->modifiers().testFlag(Qt::ShiftModifier);
  switch (event->key()) {
    case Qt::Key_Up:
      return setCurrent(current_ - 1);
    case Qt::Key_Down:
      return setCurrent(current_ + 1);
    case Qt::Key_Home:
      return setCurrent(0);
    case Qt::Key_End:
      return setCurrent(rows() - 1);
    case Qt::Key_Left:
      return moveThreshold(current_, thresholds_.value(current_, kUsualThreshold) - 0.01, all);
    case Qt::Key_Right:
      return moveThreshold(current_, thresholds_.value(current_, kUsualThreshold) + 0.01, all);
    default:
      QWidget::keyPressEvent(event);
  }
}

bool SimilarityBars::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int row = rowAt(help->pos().y());
  if (row < 0) return true;
  QString text = names_[row];
  if (row < shares_.size()) text += tr("\nProbability %1").arg(percentText(shares_[row]));
  if (row < cosines_.size()) text += tr("\nSimilarity (cosine) %1").arg(cosineText(cosines_[row]));
  if (thresholdsVisible_) {
    text += tr("\nThreshold %1: drag the mark; with Shift all marks move together").arg(percentText(thresholds_[row]));
  }
  QToolTip::showText(help->globalPos(), text, this, rowRect(row));
  return true;
}

void SimilarityBars::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) fitHeight();
  QWidget::changeEvent(event);
}

void SimilarityBars::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  Q_EMIT resized();
}

void SimilarityBars::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  if (std::exchange(hovered_, -1) >= 0) update();
}

}  // namespace hearsay::ui
