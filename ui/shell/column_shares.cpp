#include "ui/shell/column_shares.h"

#include <QEvent>
#include <QHeaderView>
#include <algorithm>
#include <cmath>
#include <utility>

namespace hearsay::ui {
namespace {

constexpr const char* kDragged = "columnsDragged";

class ColumnSharer : public QObject {
 public:
  ColumnSharer(QTableView& table, std::vector<ColumnShare> shares)
      : QObject(&table), table_(table), shares_(std::move(shares)) {
    table.viewport()->installEventFilter(this);
    connect(table.horizontalHeader(), &QHeaderView::sectionResized, this, [this](int, int before, int now) {
      if (dividing_ || before == now) return;
      const bool comes = before == 0;  // it was hidden
      if (table_.isVisible() && !comes && now > 0) markDragged(table_);
      if (comes && !columnsDragged(table_)) divide();
    });
    divide();
  }

  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Resize && !columnsDragged(table_)) divide();
    return QObject::eventFilter(watched, event);
  }

 private:
  void divide() {
    const QHeaderView& header = *table_.horizontalHeader();
    int room = table_.viewport()->width() - header.length();
    double all = 0.0;
    int leasts = 0;
    for (const ColumnShare& one : shares_) {
      if (header.isSectionHidden(one.column)) continue;
      room += header.sectionSize(one.column);
      all += one.share;
      leasts += one.least;
    }
    dividing_ = true;
    for (const ColumnShare& one : shares_) {
      if (header.isSectionHidden(one.column)) continue;
      leasts -= one.least;  // what those after it need at least stays theirs
      const int wanted = &one == &shares_.back() ? room : static_cast<int>(std::floor(room * one.share / all));
      const int width = std::max(one.least, std::min(wanted, room - leasts));
      table_.setColumnWidth(one.column, width);
      room -= width;
      all -= one.share;
    }
    dividing_ = false;
  }

  QTableView& table_;
  std::vector<ColumnShare> shares_;
  bool dividing_ = false;
};

}  // namespace

void shareColumns(QTableView& table, std::vector<ColumnShare> shares) {
  new ColumnSharer(table, std::move(shares));  // the table owns it
}

bool columnsDragged(const QTableView& table) {
  return table.property(kDragged).toBool();
}

void markDragged(QTableView& table) {
  table.setProperty(kDragged, true);
}

}  // namespace hearsay::ui
