// How the Files page's parts are laid out and joined.

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/files/evaluation_view.h"
#include "ui/files/file_controls.h"
#include "ui/files/file_detail_view.h"
#include "ui/files/file_filter.h"
#include "ui/files/files_page.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

/// The end of a path says more than its beginning.
class FolderDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    option->textElideMode = Qt::ElideLeft;
  }
};

}  // namespace

void FilesPage::buildLayout() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 8);
  column->setSpacing(8);
  column->addWidget(buildToolBar());
  content_ = new QStackedWidget;
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("fileTabs"));
  tabs_->setDocumentMode(true);
  evaluation_ = new EvaluationView(app_);
  tabs_->addTab(buildResults(), tr("Results"));
  tabs_->addTab(evaluation_, tr("Evaluation"));
  tabs_->setCornerWidget(buildFilterBar());  // beside the tabs: the options need the whole width
  tabs_->setAccessibleName(tr("Results or evaluation"));
  tabs_->setTabToolTip(0, tr("What is heard in every file"));
  tabs_->setTabToolTip(1, tr("How often the names are right, for files that bring labels along"));
  notice_ = new PageNotice;
  undo_ = new QPushButton(icon(QStringLiteral("undo")), tr("Bring back what was taken out"));
  undo_->setObjectName(QStringLiteral("undoRemoving"));
  undo_->setToolTip(tr("The rows that were last taken out of the table, with their results (Ctrl+Z)"));
  notice_->addButton(undo_);
  connect(undo_, &QPushButton::clicked, this, &FilesPage::undoRemoving);
  content_->addWidget(tabs_);
  content_->addWidget(notice_);
  column->addWidget(content_, 1);
}

QToolButton* FilesPage::addTool(const char* name, const QString& iconName, const QString& text, const QString& tip) {
  auto* button = new QToolButton;
  button->setObjectName(QString::fromLatin1(name));
  button->setIcon(icon(iconName));
  button->setText(text);
  button->setAccessibleName(text);
  button->setToolTip(tip);
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

QWidget* FilesPage::buildToolBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  auto* files =
      addTool("addFiles", QStringLiteral("add"), tr("Add files…"), tr("Add sound or video files (Ctrl+Shift+O)"));
  auto* folder = addTool("addFolder", QStringLiteral("folder"), tr("Add folder…"),
                         tr("Add all sound files of a folder and its subfolders"));
  retry_ = addTool("retryFailed", QStringLiteral("retry"), tr("Retry failed"),
                   tr("Try the files again that failed or were stopped"));
  remove_ =
      addTool("removeFiles", QStringLiteral("remove"), tr("Remove"),
              tr("Take the selected rows out of the table (Delete); the files stay, Ctrl+Z brings the rows back"));
  clear_ = addTool("clearFiles", QStringLiteral("close"), tr("Clear"),
                   tr("Empty the table; the files stay, Ctrl+Z brings the rows back"));
  export_ = addTool("exportResults", QStringLiteral("export"), tr("Export"),
                    tr("Write the rows that are shown, or the chosen ones, for other programs"));
  buildExportMenu();
  for (QToolButton* button : {files, folder, retry_, remove_, clear_}) row->addWidget(button);
  row->addStretch(1);
  row->addWidget(export_);
  connect(files, &QToolButton::clicked, this, &FilesPage::askFiles);
  connect(folder, &QToolButton::clicked, this, &FilesPage::askFolder);
  connect(retry_, &QToolButton::clicked, this, &FilesPage::retryFailed);
  connect(remove_, &QToolButton::clicked, this, &FilesPage::removeSelected);
  connect(clear_, &QToolButton::clicked, this, &FilesPage::clearAll);
  return bar;
}

void FilesPage::buildExportMenu() {
  auto* menu = new QMenu(export_);
  menu->setToolTipsVisible(true);
  const auto add = [&](const QString& text, const char* format, ExportRows rows) {
    return menu->addAction(text, this, [this, format, rows] { askExport(QString::fromLatin1(format), rows); });
  };
  add(tr("CSV, the three best classes of every file…"), "csv", ExportRows::Files);
  add(tr("CSV, the three best classes of every window…"), "csv", ExportRows::Windows);
  add(tr("JSON lines, the same of every file…"), "jsonl", ExportRows::Files);
  add(tr("JSON lines, the same of every window…"), "jsonl", ExportRows::Windows);
  add(tr("Audacity label tracks, the best class, into a folder…"), "audacity", ExportRows::Windows);
  add(tr("Raven selection table, the best class…"), "raven", ExportRows::Windows);
  menu->addSeparator();
  const QString events =
      tr("Every class where it reaches its threshold (the marks on the Listen page); neighbouring "
         "windows are one event");
  add(tr("Events as CSV…"), "csv", ExportRows::Events)->setToolTip(events);
  add(tr("Events as Audacity label tracks, into a folder…"), "audacity", ExportRows::Events)->setToolTip(events);
  add(tr("Events as a Raven selection table…"), "raven", ExportRows::Events)->setToolTip(events);
  export_->setMenu(menu);
  export_->setPopupMode(QToolButton::InstantPopup);
}

QWidget* FilesPage::buildFilterBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  search_ = new QLineEdit;
  search_->setObjectName(QStringLiteral("fileSearch"));
  search_->setPlaceholderText(tr("Search file, class, label (Ctrl+F)"));
  search_->setAccessibleName(tr("Search"));
  search_->setToolTip(
      tr("Shows the rows that have every word in their path, class, label or error;\n"
         "label:\"rain\" and class:\"rain\" take one of these alone, and the whole name"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  search_->setMinimumWidth(260);
  show_ = new QComboBox;
  show_->setObjectName(QStringLiteral("fileShow"));
  show_->setAccessibleName(tr("Rows shown"));
  show_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  show_->setMinimumContentsLength(10);
  show_->setToolTip(tr("Which rows are shown"));
  for (const auto& [show, text] : {std::pair{FileFilter::Show::All, tr("All")},
                                   {FileFilter::Show::Done, tr("Done")},
                                   {FileFilter::Show::Unsure, tr("Unsure (below 50 %)")},
                                   {FileFilter::Show::Wrong, tr("Unlike their label")},
                                   {FileFilter::Show::Failed, tr("Failed")},
                                   {FileFilter::Show::Unfinished, tr("Unfinished")}}) {
    show_->addItem(text, static_cast<int>(show));
  }
  row->addWidget(search_, 1);
  row->addWidget(show_);
  return bar;
}

QWidget* FilesPage::buildControlBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  controls_ = new FileControls(app_.settings());
  again_ = new QPushButton(icon(QStringLiteral("retry")), tr("Name again"));
  again_->setObjectName(QStringLiteral("classifyAgain"));
  again_->setAccessibleName(tr("Name all files again"));
  again_->hide();
  row->addWidget(controls_);
  row->addStretch(1);
  row->addWidget(again_);
  return bar;
}

void FilesPage::buildTable() {
  model_ = new FileTableModel(this);
  filter_ = new FileFilter(this);
  filter_->setSourceModel(model_);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("fileTable"));
  table_->setAccessibleName(tr("Files"));
  table_->setToolTip(tr("Choose a file to see it below; Space plays it, Delete takes it out of the table"));
  table_->setModel(filter_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  table_->setTextElideMode(Qt::ElideMiddle);
  table_->setItemDelegateForColumn(FileTableModel::Folder, new FolderDelegate(table_));
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  table_->installEventFilter(this);
  QHeaderView* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  header->setSortIndicator(-1, Qt::AscendingOrder);
  header->setSectionsMovable(true);
  table_->setSortingEnabled(true);
  table_->setItemDelegateForColumn(FileTableModel::Second, new ElidedNames(table_));
  table_->hideColumn(FileTableModel::Label);
  const QByteArray kept = app_.settings().value(QStringLiteral("files/header")).toByteArray();
  if (!kept.isEmpty()) header->restoreState(kept);
  header->setSectionResizeMode(QHeaderView::Interactive);  // in what was kept one may have stretched
  divideColumns();
}

void FilesPage::divideColumns() {
  if (app_.settings().value(QStringLiteral("files/dragged")).toBool()) return markDragged(*table_);
  const int unit = table_->fontMetrics().horizontalAdvance(QLatin1Char('n'));
  for (const auto& [column, wide] :
       {std::pair{FileTableModel::Length, 10}, {FileTableModel::Probability, 11}, {FileTableModel::State, 14}}) {
    table_->setColumnWidth(column, unit * wide);
  }
  shareColumns(*table_, {{FileTableModel::Name, 0.25, unit * 14},
                         {FileTableModel::Best, 0.23, unit * 12},
                         {FileTableModel::Second, 0.2, unit * 12},
                         {FileTableModel::Label, 0.16, unit * 8},
                         {FileTableModel::Folder, 0.16, unit * 8}});
}

QWidget* FilesPage::buildResults() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  buildTable();
  column->addWidget(buildControlBar());
  auto* upper = new QWidget;
  auto* inner = new QVBoxLayout(upper);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(4);
  summary_ = new QLabel;
  summary_->setObjectName(QStringLiteral("fileSummary"));
  inner->addWidget(table_, 1);
  inner->addWidget(summary_);
  detail_ = new FileDetailView(app_);
  splitter_ = new QSplitter(Qt::Vertical);
  splitter_->setObjectName(QStringLiteral("filesSplitter"));
  splitter_->setHandleWidth(8);
  splitter_->addWidget(upper);
  splitter_->addWidget(detail_);
  splitter_->setStretchFactor(0, 2);
  splitter_->setStretchFactor(1, 3);
  splitter_->setSizes({200, 340});
  splitter_->setChildrenCollapsible(false);
  splitter_->restoreState(app_.settings().value(QStringLiteral("files/splitter")).toByteArray());
  column->addWidget(splitter_, 1);
  return page;
}

void FilesPage::connectParts() {
  connect(search_, &QLineEdit::textChanged, filter_, &FileFilter::setText);
  connect(search_, &QLineEdit::textChanged, this, &FilesPage::refreshSummary);
  connect(show_, &QComboBox::currentIndexChanged, this, [this] {
    filter_->setShow(static_cast<FileFilter::Show>(show_->currentData().toInt()));
    refreshSummary();
  });
  connect(controls_, &FileControls::kindChanged, this, &FilesPage::kindChanged);
  connect(controls_, &FileControls::windowsChanged, this, [this] {
    optionsChanged_ = true;
    refreshState();
  });
  connect(again_, &QPushButton::clicked, this, &FilesPage::classifyAgain);
  connect(notice_, &PageNotice::pressed, this, &FilesPage::noticePressed);
  connect(table_, &QWidget::customContextMenuRequested, this, &FilesPage::showMenu);
  connect(table_, &QAbstractItemView::doubleClicked, detail_, &FileDetailView::togglePlaying);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &FilesPage::currentChanged);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          [this] { remove_->setEnabled(table_->selectionModel()->hasSelection()); });
  connect(model_, &QAbstractItemModel::modelReset, this, &FilesPage::currentChanged);
  connect(evaluation_, &EvaluationView::nameAgain, this, &FilesPage::classifyAgain);
  connect(evaluation_, &EvaluationView::cellChosen, this,
          [this](const QString& label, const QString& named, ScoreKind kind) {
            tabs_->setCurrentIndex(0);
            controls_->choose(kind);
            show_->setCurrentIndex(0);
            search_->setText(FileFilter::labelledAndNamed(label, named));
          });
  connect(tabs_, &QTabWidget::currentChanged, this, [this](int tab) {
    tabs_->cornerWidget()->setVisible(tab == 0);  // it chooses rows of the table
    refreshEvaluation();
  });
  connect(&app_, &AppContext::modelChanged, this, &FilesPage::promptsChanged);
  connect(&app_, &AppContext::modelLoadingChanged, this, &FilesPage::refreshState);
  connect(&app_, &AppContext::promptsChanged, this, &FilesPage::promptsChanged);
  connect(&refreshTimer_, &QTimer::timeout, this, [this] {
    refreshState();
    if (evaluationStale_) refreshEvaluation();
  });
  auto* undo = new QShortcut(QKeySequence::Undo, this);
  undo->setContext(Qt::WidgetWithChildrenShortcut);
  connect(undo, &QShortcut::activated, this, &FilesPage::undoRemoving);
  auto* find = new QShortcut(QKeySequence::Find, this);
  find->setContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QShortcut::activated, this, [this] {
    tabs_->setCurrentIndex(0);
    search_->setFocus();
    search_->selectAll();
  });
}

}  // namespace hearsay::ui
