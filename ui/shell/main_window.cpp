#include "ui/shell/main_window.h"

#include <QApplication>
#include <QButtonGroup>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QScreen>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

#include "ui/shell/dropped_paths.h"
#include "ui/shell/icons.h"
#include "ui/shell/job_bar.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/top_bar.h"

namespace hearsay::ui {
namespace {

constexpr QSize kNavigationButton(72, 64);
constexpr QSize kSmallest(1000, 640);      // below, pages would have to cut what they say
constexpr QSize kSmallestOfAll(800, 480);  // on whatever screen
constexpr QSize kFirstSize(1180, 780);
constexpr QSize kFrame(16, 48);  // what the title and borders around a window take, about

QStringList localPaths(const QMimeData* data) {
  QStringList paths;
  if (data == nullptr || !data->hasUrls()) return paths;
  for (const QUrl& url : data->urls()) {
    if (url.isLocalFile()) paths.append(url.toLocalFile());
  }
  return paths;
}

QFrame* makeLine(QFrame::Shape shape) {
  auto* line = new QFrame;
  line->setFrameShape(shape);
  line->setFrameShadow(QFrame::Plain);
  line->setForegroundRole(QPalette::Mid);
  return line;
}

}  // namespace

MainWindow::MainWindow(AppContext& app, QWidget* parent) : QMainWindow(parent), app_(app) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowIcon(programIcon());
  setAcceptDrops(true);
  setMinimumSize(smallest(screen()->availableSize()));
  notices_ = new NoticeBar;
  connect(&app_, &AppContext::noticed, notices_, &NoticeBar::show);  // pages have something to say as they are made
  connect(&app_, &AppContext::settled, notices_, &NoticeBar::withdraw);
  stack_ = new QStackedWidget;
  stack_->setObjectName(QStringLiteral("pages"));
  pages_ = makePages(app_, stack_);
  for (const PageEntry& entry : pages_) stack_->addWidget(entry.page);
  auto* centre = new QWidget;
  auto* row = new QHBoxLayout(centre);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(makeNavigation());
  row->addWidget(makeLine(QFrame::VLine));
  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  column->addWidget(new TopBar(app_));
  column->addWidget(makeLine(QFrame::HLine));
  column->addWidget(stack_, 1);
  column->addWidget(notices_);  // below: what comes and goes must not move what is about to be clicked
  column->addWidget(makeLine(QFrame::HLine));
  column->addWidget(new JobBar(app_));
  row->addLayout(column, 1);
  setCentralWidget(centre);
  makeMenus();
  dropHint_ = new QLabel(tr("Drop sounds, folders, captions, prompt sets or models here"), this);
  dropHint_->setObjectName(QStringLiteral("dropHint"));
  dropHint_->setAttribute(Qt::WA_TransparentForMouseEvents);
  dropHint_->setAlignment(Qt::AlignCenter);
  dropHint_->setAutoFillBackground(true);
  dropHint_->setBackgroundRole(QPalette::Highlight);
  dropHint_->setForegroundRole(QPalette::HighlightedText);
  dropHint_->hide();
  connect(&app_, &AppContext::pageRequested, this, [this](const QString& id, bool start) {
    showPage(id);
    if (Page* wanted = page(id); start && wanted != nullptr) wanted->startMainAct();
  });
  connect(&app_, &AppContext::promptsChanged, this, &MainWindow::updateTitle);
  connect(&app_, &AppContext::promptsChanged, this, &MainWindow::updateActions);
  connect(&app_, &AppContext::thresholdsChanged, this, &MainWindow::updateTitle);
  qApp->installEventFilter(this);
  restoreWindow();
  updateTitle();
  updateActions();
}

QSize MainWindow::smallest(const QSize& room) {
  return kSmallest.boundedTo(room - kFrame).expandedTo(kSmallestOfAll);
}

MainWindow::~MainWindow() {
  qApp->removeEventFilter(this);
}

QWidget* MainWindow::makeNavigation() {
  auto* bar = new QWidget;
  bar->setObjectName(QStringLiteral("navigation"));
  auto* column = new QVBoxLayout(bar);
  column->setContentsMargins(4, 8, 4, 8);
  column->setSpacing(4);
  navigation_ = new QButtonGroup(this);
  int number = 0;
  for (const PageEntry& entry : pages_) {
    auto* button = new QToolButton;
    button->setObjectName(entry.id + QStringLiteral("Button"));
    button->setText(entry.title);
    button->setIcon(icon(entry.id));
    button->setIconSize(QSize(28, 28));
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setCheckable(true);
    button->setAutoRaise(true);
    button->setFixedSize(kNavigationButton);
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(entry.tip).arg(number + 1));
    button->setAccessibleName(entry.title);
    button->setAccessibleDescription(entry.tip);
    connect(button, &QToolButton::clicked, this, [this, id = entry.id] { showPage(id); });
    navigation_->addButton(button, number++);
    column->addWidget(button);
  }
  column->addStretch(1);
  return bar;
}

void MainWindow::showPage(const QString& id) {
  const auto at = std::find_if(pages_.begin(), pages_.end(), [&](const PageEntry& entry) { return entry.id == id; });
  if (at == pages_.end()) return;
  stack_->setCurrentWidget(at->page);
  navigation_->button(static_cast<int>(at - pages_.begin()))->setChecked(true);
  app_.settings().setValue("window/page", id);
}

QString MainWindow::currentPage() const {
  for (const PageEntry& entry : pages_) {
    if (entry.page == stack_->currentWidget()) return entry.id;
  }
  return {};
}

Page* MainWindow::page(const QString& id) const {
  for (const PageEntry& entry : pages_) {
    if (entry.id == id) return entry.page;
  }
  return nullptr;
}

void MainWindow::restoreWindow() {
  QSettings& settings = app_.settings();
  resize(kFirstSize.boundedTo(screen()->availableSize() - kFrame));
  restoreGeometry(settings.value("window/geometry").toByteArray());
  fitScreen();
  theme_.choose(static_cast<ThemeChoice>(std::clamp(settings.value("window/theme", 0).toInt(), 0, 2)));
  const QString last = settings.value("window/page", "teach").toString();
  if (!pages_.empty()) showPage(pages_.front().id);
  showPage(last);
}

// The last screen may have been a larger one.
void MainWindow::fitScreen() {
  if (isMaximized() || isFullScreen()) return;
  const QRect room = screen()->availableGeometry();
  const QRect whole(room.topLeft(), room.size() - kFrame);
  if (width() > room.width() || height() > room.height()) resize(size().boundedTo(whole.size()));
  if (!room.contains(geometry())) {
    move(std::clamp(x(), room.left(), std::max(room.left(), room.right() - width() - kFrame.width())),
         std::clamp(y(), room.top(), std::max(room.top(), room.bottom() - height() - kFrame.height())));
  }
}

void MainWindow::updateTitle() {
  const QString file = app_.promptsFile();
  const bool unsaved = app_.promptsUnsaved();
  const QString name = file.isEmpty() ? tr("Prompts not saved") : QFileInfo(file).fileName();
  setWindowTitle(file.isEmpty() && !unsaved ? tr("Hearsay") : tr("%1[*] - Hearsay").arg(name));
  setWindowModified(unsaved || app_.promptsEdited());
}

// Pages first (their threads use what comes after), then the work in the background, then the window goes.
void MainWindow::closeEvent(QCloseEvent* event) {
  app_.settings().setValue("window/geometry", saveGeometry());
  hide();
  for (const PageEntry& entry : pages_) entry.page->shutDown();
  app_.shutDown();
  event->accept();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  dropHint_->setGeometry(0, height() - 64, width(), 64);
}

// --- What is dropped

void MainWindow::giveTo(const QString& id, const QStringList& paths) {
  if (paths.isEmpty()) return;
  showPage(id);
  Page* wanted = page(id);
  if (wanted == nullptr || !wanted->openPaths(paths)) {
    app_.notify(tr("Nothing in %1 could be opened.").arg(QFileInfo(paths.front()).fileName()),
                AppContext::NoticeLevel::Warning);
  }
}

void MainWindow::openSounds(const QStringList& paths) {
  if (paths.isEmpty()) return;
  Page* shown = page(currentPage());
  if (shown != nullptr && shown->openPaths(paths)) return;
  giveTo(QStringLiteral("files"), paths);
}

void MainWindow::bringBack() {
  for (const PageEntry& entry : pages_) entry.page->bringBack();
}

void MainWindow::openPaths(const QStringList& paths) {
  const DroppedPaths sorted = sortPaths(paths);
  for (const QString& file : sorted.prompts) app_.openPrompts(file);
  openSounds(sorted.sounds);
  giveTo(QStringLiteral("label"), sorted.sessions);
  giveTo(QStringLiteral("teach"), sorted.captions);
  giveTo(QStringLiteral("models"), sorted.models);
  for (const QString& path : sorted.others) {
    app_.notify(
        QFileInfo::exists(path)
            ? tr("%1 is nothing Hearsay opens. It takes sounds, folders, captions (.csv, .tsv, .txt), prompt sets "
                 "(.safetensors) and models.")
                  .arg(QFileInfo(path).fileName())
            : tr("There is no file or folder %1: it has another name, or was moved.").arg(path),
        AppContext::NoticeLevel::Warning);
  }
}

// Seen before any widget sees it, so that a table or a text field of a page does not swallow a file.
bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::DragEnter:
    case QEvent::DragMove:
    case QEvent::Drop:
    case QEvent::DragLeave:
      return acceptDrag(watched, event);
    default:
      return QMainWindow::eventFilter(watched, event);
  }
}

bool MainWindow::acceptDrag(QObject* target, QEvent* event) {
  const auto* widget = qobject_cast<QWidget*>(target);
  if (widget == nullptr || widget->window() != this) return false;
  if (event->type() == QEvent::DragLeave) {
    showDropHint(false);
    return false;
  }
  auto* drag = static_cast<QDropEvent*>(event);  // enter and move are drop events too
  const QStringList paths = localPaths(drag->mimeData());
  if (paths.isEmpty()) return false;
  drag->acceptProposedAction();
  showDropHint(event->type() != QEvent::Drop);
  if (event->type() == QEvent::Drop) {
    // The program that dragged waits for our answer: it gets it first, the work comes after.
    QMetaObject::invokeMethod(
        this, [this, paths] { openPaths(paths); }, Qt::QueuedConnection);
  }
  return true;
}

void MainWindow::showDropHint(bool shown) {
  dropHint_->setVisible(shown);
  if (shown) dropHint_->raise();
}

}  // namespace hearsay::ui
