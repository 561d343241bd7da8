#pragma once
// Models: what is installed, which one is used, and the device it runs on.

#include <filesystem>

#include "ui/models/model_table.h"
#include "ui/shell/app_context.h"
#include "ui/shell/page.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QTableView;

namespace hearsay::ui {

class DownloadDialog;

class ModelsPage : public Page {
  Q_OBJECT
 public:
  explicit ModelsPage(AppContext& app, QWidget* parent = nullptr);
  /// Model folders and files: installed, then shown.
  bool openPaths(const QStringList& paths) override;

 private:
  QWidget* makeButtons();
  QWidget* makeDetails();
  QWidget* makeDevice();
  void makeTable();
  QPushButton* addButton(QLayout* row, const QString& name, const QString& picture, const QString& text,
                         const QString& tip, std::function<void()> act);
  void addRow(QFormLayout* form, const QString& title, QLabel*& value, const QString& name);

  void refresh();
  void showRows(const std::vector<ModelRow>& rows);
  void computeFingerprints();
  void install(const QStringList& paths);
  void askFolder();
  void askModelFile();
  void openDownloads();
  void tellInstalled();
  void removeChosen();
  void useChosen();
  void measureChosen();
  void copyFingerprint();
  void findDevices();
  void deviceChosen();
  void showChosen();
  void updateInUse();
  [[nodiscard]] const ModelRow* chosen() const;
  void choose(const std::string& name);
  void rememberSpeed(const ModelRow& row);
  void recallSpeed(ModelRow& row);

  ModelTable* model_ = nullptr;
  QTableView* table_ = nullptr;
  QComboBox* device_ = nullptr;
  QPushButton* use_ = nullptr;
  QPushButton* measure_ = nullptr;
  QPushButton* remove_ = nullptr;
  QPushButton* downloadButton_ = nullptr;
  DownloadDialog* downloads_ = nullptr;  ///< made when it is first asked for
  QPushButton* copy_ = nullptr;
  QLabel* problem_ = nullptr;
  QLabel* path_ = nullptr;
  QLabel* towers_ = nullptr;
  QLabel* sound_ = nullptr;
  QLabel* space_ = nullptr;
  QLabel* fingerprint_ = nullptr;
  QLabel* speed_ = nullptr;
  std::string wanted_;     ///< to be chosen when the list is there
  std::string measuring_;  ///< the model's name; empty: none
  int measureJob_ = -1;
};

}  // namespace hearsay::ui
