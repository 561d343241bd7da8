#pragma once
// Installed models as rows; what takes time (fingerprints, speed) arrives later.

#include <QAbstractTableModel>
#include <vector>

#include "model/clap_model.h"

namespace hearsay::ui {

struct ModelRow {
  InstalledModel installed;
  ModelInfo info;
  QString error;           ///< why it cannot be read; empty: it can
  QString fingerprint;     ///< lower-case hex; empty: not known yet
  double windowMs = -1.0;  ///< one window, on this machine; negative: not measured
  QString measuredOn;      ///< device
};

/// "Hearsay's own", "LAION CLAP", "Microsoft CLAP 2023", or the family's name.
QString familyInWords(const std::string& family);
QString towerInWords(const std::string& tower);  ///< "HTSAT", "GPT-2"
QString sizeInWords(std::uintmax_t bytes);       ///< "28.4 MB"
QString countInWords(std::int64_t parameters);   ///< "7.2 M"
/// "31 ms a window (161 times real time)"; "not measured".
QString speedInWords(const ModelRow& row);

class ModelTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Name, Family, Parameters, Rate, Window, Size, Fingerprint, Speed, ColumnCount };
  using QAbstractTableModel::QAbstractTableModel;

  void setRows(std::vector<ModelRow> rows);
  void setInUse(const std::filesystem::path& path);
  void setFingerprint(const std::string& name, const QString& fingerprint);
  void setSpeed(const std::string& name, double windowMs, const QString& device);
  [[nodiscard]] const std::vector<ModelRow>& rows() const { return rows_; }
  [[nodiscard]] bool inUse(int row) const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  [[nodiscard]] QString text(const ModelRow& row, int column) const;
  void changed(const std::string& name, const std::function<void(ModelRow&)>& change);

  std::vector<ModelRow> rows_;
  std::filesystem::path used_;
};

}  // namespace hearsay::ui
