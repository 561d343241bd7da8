#include "ui/models/model_table.h"

#include <QFont>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace hearsay::ui {
namespace {

constexpr int kShortFingerprint = 12;

}  // namespace

QString familyInWords(const std::string& family) {
  if (family == "hearsay") return ModelTable::tr("Hearsay");
  if (family == "laion-htsat") return ModelTable::tr("LAION HTSAT");
  if (family == "laion-htsat-fused") return ModelTable::tr("LAION HTSAT, fused");
  if (family == "msclap-2022") return ModelTable::tr("Microsoft CLAP 2022");
  if (family == "msclap-2023") return ModelTable::tr("Microsoft CLAP 2023");
  return QString::fromStdString(family);
}

QString towerInWords(const std::string& tower) {
  if (tower == "cnn14") return QStringLiteral("Cnn14");
  if (tower == "htsat") return QStringLiteral("HTSAT");
  if (tower == "bert") return QStringLiteral("BERT");
  if (tower == "roberta") return QStringLiteral("RoBERTa");
  if (tower == "gpt2") return QStringLiteral("GPT-2");
  return QString::fromStdString(tower);
}

QString sizeInWords(std::uintmax_t bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

QString countInWords(std::int64_t parameters) {
  const auto count = static_cast<double>(parameters);
  if (count >= 1e6) return ModelTable::tr("%1 M").arg(count / 1e6, 0, 'f', 1);
  if (count >= 1e3) return ModelTable::tr("%1 k").arg(count / 1e3, 0, 'f', 1);
  return QString::number(parameters);
}

QString speedInWords(const ModelRow& row) {
  if (row.windowMs < 0.0) return ModelTable::tr("not measured");
  const double times = row.info.window_seconds * 1000.0 / std::max(row.windowMs, 1e-3);
  return ModelTable::tr("%1 ms (%2 × real time)")
      .arg(row.windowMs, 0, 'f', row.windowMs < 10.0 ? 1 : 0)
      .arg(std::lround(times));
}

void ModelTable::setRows(std::vector<ModelRow> rows) {
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

void ModelTable::setInUse(const std::filesystem::path& path) {
  used_ = path;
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

bool ModelTable::inUse(int row) const {
  std::error_code failed;
  return !used_.empty() &&
         std::filesystem::equivalent(rows_[static_cast<std::size_t>(row)].installed.path, used_, failed);
}

void ModelTable::changed(const std::string& name, const std::function<void(ModelRow&)>& change) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].installed.name != name) continue;
    change(rows_[i]);
    Q_EMIT dataChanged(index(static_cast<int>(i), 0), index(static_cast<int>(i), ColumnCount - 1));
  }
}

void ModelTable::setFingerprint(const std::string& name, const QString& fingerprint) {
  changed(name, [&](ModelRow& row) { row.fingerprint = fingerprint; });
}

void ModelTable::setSpeed(const std::string& name, double windowMs, const QString& device) {
  changed(name, [&](ModelRow& row) {
    row.windowMs = windowMs;
    row.measuredOn = device;
  });
}

int ModelTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ModelTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QString ModelTable::text(const ModelRow& row, int column) const {
  if (column == Name) return QString::fromStdString(row.installed.name);
  if (column == Fingerprint) return row.fingerprint.isEmpty() ? tr("…") : row.fingerprint.left(kShortFingerprint);
  if (!row.error.isEmpty()) return column == Family ? tr("cannot be read") : QString();
  switch (column) {
    case Family:
      return familyInWords(row.info.family);
    case Parameters:
      return countInWords(row.info.parameters);
    case Rate:
      return tr("%1 kHz").arg(row.info.sample_rate / 1000.0);
    case Window:
      return tr("%1 s").arg(row.info.window_seconds);
    case Size:
      return sizeInWords(row.info.bytes);
    default:
      return speedInWords(row);
  }
}

QVariant ModelTable::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const ModelRow& row = rows_[static_cast<std::size_t>(index.row())];
  if (role == Qt::DisplayRole) return text(row, index.column());
  if (role == Qt::TextAlignmentRole && index.column() >= Parameters && index.column() <= Size) {
    return int(Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role == Qt::FontRole && inUse(index.row())) {
    QFont bold;
    bold.setBold(true);
    return bold;
  }
  if (role == Qt::ToolTipRole) {
    if (!row.error.isEmpty()) return row.error;
    if (index.column() == Fingerprint) return row.fingerprint;
    if (index.column() == Name) return QString::fromStdString(row.installed.path.string());
    if (index.column() == Speed && row.windowMs >= 0.0) return tr("One window, measured on %1").arg(row.measuredOn);
    return text(row, index.column());
  }
  return {};
}

QVariant ModelTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Vertical) return {};
  if (role == Qt::TextAlignmentRole) {
    const bool number = section >= Parameters && section <= Size;
    return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole) return {};
  const QString titles[] = {tr("Model"),  tr("Family"), tr("Parameters"),  tr("Rate"),
                            tr("Window"), tr("Size"),   tr("Fingerprint"), tr("Speed here")};
  return titles[section];
}

}  // namespace hearsay::ui
