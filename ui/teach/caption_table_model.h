#pragma once
// Captions as rows: class, sentence, origin.

#include <QAbstractTableModel>
#include <memory>

#include "prompts/captions.h"

namespace hearsay::ui {

class CaptionTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;

  void setCaptions(std::shared_ptr<const CaptionSet> set, const ClassList& classes);
  void showClass(int label);  ///< -1: all
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void choose();
  [[nodiscard]] QString labelsOf(const Caption& caption) const;

  std::shared_ptr<const CaptionSet> set_;
  ClassList classes_;
  std::vector<std::size_t> rows_;  ///< indices into set_ that show
  int label_ = -1;
};

}  // namespace hearsay::ui
