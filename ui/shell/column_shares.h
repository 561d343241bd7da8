#pragma once
// Columns of a table that share its width, until the person drags one.

#include <QTableView>
#include <vector>

namespace hearsay::ui {

struct ColumnShare {
  int column = 0;
  double share = 1.0;  ///< of the width that is left to the shared columns
  int least = 0;       ///< pixels
};

/// Divides the table's width among `shares`, in whichever size the table is; the last one takes what is left. Other
/// columns keep their widths.
void shareColumns(QTableView& table, std::vector<ColumnShare> shares);

/// Whether the person has dragged a column of it, now or, where that was kept, at an earlier start.
bool columnsDragged(const QTableView& table);
/// They keep the widths they have.
void markDragged(QTableView& table);

}  // namespace hearsay::ui
