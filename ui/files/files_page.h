#pragma once
// Files: drop sound files and folders, get a table of what is heard in them, look and listen closer, export, evaluate.

#include <QSet>
#include <QTimer>
#include <memory>

#include "ui/files/file_batch.h"
#include "ui/files/file_table_model.h"
#include "ui/files/result_export.h"
#include "ui/shell/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTableView;
class QToolButton;

namespace hearsay::ui {

class EvaluationView;
class FileControls;
class FileDetailView;
class FileFilter;
class FileKeeper;
class PageNotice;

class FilesPage : public Page {
  Q_OBJECT
 public:
  explicit FilesPage(AppContext& app, QWidget* parent = nullptr);
  ~FilesPage() override;

  /// Sound files, folders, manifests (.csv, .tsv).
  bool openPaths(const QStringList& paths) override;
  void bringBack() override;
  void shutDown() override;

  [[nodiscard]] FileTableModel& model() { return *model_; }
  void classifyAgain();
  void retryFailed();
  void removeSelected();
  void clearAll();
  void undoRemoving();  ///< what was last taken out of the table comes back
  /// Writes the rows that are shown (or what is selected, if several rows are); Audacity labels go into a folder.
  void exportTo(const QString& format, ExportRows rows, const QString& target);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  // files_page_layout.cpp
  void buildLayout();
  QWidget* buildToolBar();
  QWidget* buildFilterBar();
  QWidget* buildControlBar();
  QWidget* buildResults();
  void buildTable();
  void divideColumns();  ///< unless the person has done so
  void buildExportMenu();
  QToolButton* addTool(const char* name, const QString& iconName, const QString& text, const QString& tip);
  void connectParts();

  void keepRemoved(std::vector<FileTableModel::PlacedRow>&& rows);
  void addFound(const FoundFiles& found);
  void sayProblems(const QStringList& problems);
  void classify(const QVector<qint64>& ids);
  void classifyWaiting();
  void batchFinished(FileBatch* batch, bool cancelled, const QString& error);
  void markWorking(const FileBatch* batch);
  void promptsChanged();
  void showLabels();  ///< their column, once there is one
  void kindChanged();
  void currentChanged();
  void refreshState();
  void refreshSummary();
  [[nodiscard]] QString whatIsLeft(int files) const;  ///< how many are to be named, and what they wait for
  void refreshEvaluation();
  bool sayWhatIsMissing();
  void noticePressed();
  void showMenu(const QPoint& at);
  void askFiles();
  void askFolder();
  void askExport(const QString& format, ExportRows rows);
  [[nodiscard]] QStringList wouldReplace(const QString& folder) const;  ///< label tracks that are there already
  [[nodiscard]] QSet<qint64> selectedIds() const;
  [[nodiscard]] qint64 currentId() const;
  [[nodiscard]] std::vector<ExportItem> exportItems(ExportRows rows) const;
  [[nodiscard]] int outdated() const;
  [[nodiscard]] QSet<qint64> underway() const;  ///< in some batch, without a result yet

  FileTableModel* model_ = nullptr;
  FileFilter* filter_ = nullptr;
  FileKeeper* keeper_ = nullptr;
  QVector<FileBatch*> batches_;
  int searching_ = 0;            ///< looks through folders that are under way
  bool optionsChanged_ = false;  ///< window or hop, since the last pass
  QTimer refreshTimer_;          ///< summary and evaluation, at most twice a second
  bool evaluationStale_ = false;
  QString missing_;
  std::vector<std::vector<FileTableModel::PlacedRow>> removed_;  ///< act by act, the last one at the end
  QString removedNotice_;

  QStackedWidget* content_ = nullptr;
  PageNotice* notice_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QTableView* table_ = nullptr;
  FileControls* controls_ = nullptr;
  FileDetailView* detail_ = nullptr;
  EvaluationView* evaluation_ = nullptr;
  QLineEdit* search_ = nullptr;
  QComboBox* show_ = nullptr;
  QLabel* summary_ = nullptr;
  QToolButton* retry_ = nullptr;
  QToolButton* remove_ = nullptr;
  QToolButton* clear_ = nullptr;
  QToolButton* export_ = nullptr;
  QPushButton* again_ = nullptr;
  QPushButton* undo_ = nullptr;
};

}  // namespace hearsay::ui
