#pragma once
// Captions as rows: class, sentence, origin, and the words a plain sentence was found by.

#include <QAbstractTableModel>
#include <memory>

#include "prompts/captions.h"

namespace hearsay::ui {

class CaptionTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  static constexpr int kFrom = 2;
  static constexpr int kFoundBy = 3;

  void setCaptions(std::shared_ptr<const CaptionSet> set, const ClassList& classes);
  void showClass(int label);            ///< -1: all
  [[nodiscard]] bool anyFound() const;  ///< some sentence was matched by its words
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  static constexpr int kColumns = 4;
  void choose();
  [[nodiscard]] static QString foundBy(const Caption& caption);
  [[nodiscard]] QString labelsOf(const Caption& caption) const;

  std::shared_ptr<const CaptionSet> set_;
  ClassList classes_;
  std::vector<std::size_t> rows_;  ///< indices into set_ that show
  int label_ = -1;
};

}  // namespace hearsay::ui
