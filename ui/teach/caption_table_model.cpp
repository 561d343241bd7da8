#include "ui/teach/caption_table_model.h"

#include <QColor>
#include <algorithm>

#include "ui/charts/colours.h"

namespace hearsay::ui {

void CaptionTableModel::setCaptions(std::shared_ptr<const CaptionSet> set, const ClassList& classes) {
  beginResetModel();
  set_ = std::move(set);
  classes_ = classes;
  choose();
  endResetModel();
}

void CaptionTableModel::showClass(int label) {
  if (label == label_) return;
  beginResetModel();
  label_ = label;
  choose();
  endResetModel();
}

void CaptionTableModel::choose() {
  rows_.clear();
  if (!set_) return;
  for (std::size_t i = 0; i < set_->captions.size(); ++i) {
    const std::vector<int>& labels = set_->captions[i].labels;
    if (label_ < 0 || std::find(labels.begin(), labels.end(), label_) != labels.end()) rows_.push_back(i);
  }
}

int CaptionTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int CaptionTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QString CaptionTableModel::labelsOf(const Caption& caption) const {
  QStringList names;
  for (const int label : caption.labels) {
    const auto at = static_cast<std::size_t>(label);
    if (at < classes_.size()) names.append(QString::fromStdString(classes_[at].name));
  }
  return names.join(QStringLiteral(", "));
}

QString CaptionTableModel::foundBy(const Caption& caption) {
  QStringList words;
  for (const std::string& word : caption.found_by) words.append(QString::fromStdString(word));
  return words.join(QStringLiteral(", "));
}

bool CaptionTableModel::anyFound() const {
  return set_ && std::ranges::any_of(set_->captions, [](const Caption& caption) { return !caption.found_by.empty(); });
}

QVariant CaptionTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !set_) return {};
  const Caption& caption = set_->captions[rows_[static_cast<std::size_t>(index.row())]];
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
    if (index.column() == 0) return labelsOf(caption);
    if (index.column() == 1) return QString::fromStdString(caption.text);
    if (index.column() == kFoundBy) return foundBy(caption);
    return caption.from_user ? tr("my captions") : tr("class names");
  }
  if (role == Qt::DecorationRole && index.column() == 0 && !caption.labels.empty()) {
    return swatch(classColour(classes_, static_cast<std::size_t>(caption.labels.front())));
  }
  return {};
}

QVariant CaptionTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Vertical) return {};
  if (role == Qt::TextAlignmentRole) return int(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  const QString titles[] = {tr("Sound"), tr("Sentence"), tr("From"), tr("Found by")};
  return titles[section];
}

}  // namespace hearsay::ui
