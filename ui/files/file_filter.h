#pragma once
// Which rows of the file table are shown, and in which order.

#include <QSortFilterProxyModel>

namespace hearsay::ui {

class FileFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  enum class Show { All, Done, Unsure, Wrong, Failed, Unfinished };
  explicit FileFilter(QObject* parent = nullptr);
  /// Every word must be in the path, the class, the label or the error; case does not matter.
  void setText(const QString& text);
  void setShow(Show show);

 protected:
  [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  QStringList words_;
  Show show_ = Show::All;
};

}  // namespace hearsay::ui
