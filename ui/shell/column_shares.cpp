#include "ui/shell/column_shares.h"

#include <QEvent>
#include <QHeaderView>
#include <algorithm>
#include <cmath>
#include <utility>

namespace hearsay::ui {
namespace {

class ColumnSharer : public QObject {
 public:
  ColumnSharer(QTableView& table, std::vector<ColumnShare> shares)
      : QObject(&table), table_(table), shares_(std::move(shares)) {
    table.viewport()->installEventFilter(this);
    connect(table.horizontalHeader(), &QHeaderView::sectionResized, this, [this] {
      if (!dividing_ && table_.isVisible()) dragged_ = true;
    });
    divide();
  }

  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Resize && !dragged_) divide();
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
  bool dragged_ = false;
};

}  // namespace

void shareColumns(QTableView& table, std::vector<ColumnShare> shares) {
  new ColumnSharer(table, std::move(shares));  // the table owns it
}

}  // namespace hearsay::ui
