#pragma once
// Which rows of the file table are shown, and in which order.

#include <QSortFilterProxyModel>
#include <optional>

namespace hearsay::ui {

class FileFilter : public QSortFilterProxyModel {
  Q_OBJECT
 public:
  enum class Show { All, Done, Unsure, Wrong, Failed, Unfinished };
  explicit FileFilter(QObject* parent = nullptr);
  /// Every word must be in the path, the class, the label or the error; case does not matter. label:"rain" and
  /// class:"rain" are the label and the best class themselves, as the confusion map counts them.
  void setText(const QString& text);
  void setShow(Show show);
  /// The text for the files of one cell of the confusion map.
  [[nodiscard]] static QString labelledAndNamed(const QString& label, const QString& named);

 protected:
  [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  [[nodiscard]] bool holdsWords(int row) const;

  QStringList words_;
  std::optional<QString> label_;  ///< folded as sameName() does
  std::optional<QString> class_;
  Show show_ = Show::All;
};

}  // namespace hearsay::ui
