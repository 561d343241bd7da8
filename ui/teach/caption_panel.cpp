#include "ui/teach/caption_panel.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "prompts/tuner.h"
#include "ui/shell/ask_file.h"
#include "ui/shell/class_state.h"
#include "ui/shell/icons.h"
#include "ui/shell/plain_texts.h"
#include "ui/teach/caption_table_model.h"
#include "ui/teach/watched_file.h"

namespace hearsay::ui {
namespace {

constexpr int kPreviewDelayMs = 400;
constexpr int kWarningsShown = 4;

}  // namespace

CaptionPanel::CaptionPanel(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(makeSource());
  warnings_ = new QLabel;
  warnings_->setObjectName(QStringLiteral("captionWarnings"));
  warnings_->setWordWrap(true);
  warnings_->setTextFormat(Qt::PlainText);
  warnings_->hide();
  makeTable();
  column->addWidget(makeFilter());
  column->addWidget(warnings_);
  column->addWidget(table_, 1);
  timer_.setSingleShot(true);
  timer_.setInterval(kPreviewDelayMs);
  connect(&timer_, &QTimer::timeout, this, &CaptionPanel::refresh);
  connect(&app_, &AppContext::classesChanged, this, [this] { timer_.start(); });
  watched_ = new WatchedFile(this);
  connect(watched_, &WatchedFile::changed, this, [this] { timer_.start(); });
  const int last = app_.settings().value("teach/source", 0).toInt();
  file_->setText(app_.settings().value("teach/captions").toString());
  source_->setCurrentIndex(std::clamp(last, 0, 2));
  connect(source_, &QComboBox::currentIndexChanged, this, &CaptionPanel::sourceChosen);
  connect(file_, &QLineEdit::editingFinished, this, &CaptionPanel::sourceChosen);
  sourceChosen();
}

QWidget* CaptionPanel::makeSource() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  source_ = new QComboBox;
  source_->setObjectName(QStringLiteral("sourceBox"));
  source_->addItems({tr("Sentences from the class names"), tr("My captions"), tr("Both")});
  source_->setToolTip(
      tr("Prompts are learnt from sentences alone, no sound is needed. Hearsay writes them from the "
         "names, or takes yours."));
  source_->setAccessibleName(tr("Where the sentences come from"));
  file_ = new QLineEdit;
  file_->setObjectName(QStringLiteral("captionFileEdit"));
  file_->setPlaceholderText(tr("CSV with caption,label, or one sentence a line"));
  file_->setToolTip(tr("The file with your captions; it can be dropped on the window too"));
  file_->setAccessibleName(tr("File with captions"));
  browse_ = new QToolButton;
  browse_->setObjectName(QStringLiteral("captionBrowse"));
  browse_->setIcon(icon(QStringLiteral("open")));
  browse_->setToolTip(tr("Choose the file with captions"));
  browse_->setAccessibleName(browse_->toolTip());
  connect(browse_, &QToolButton::clicked, this, &CaptionPanel::askForFile);
  row->addWidget(source_);
  row->addWidget(file_, 1);
  row->addWidget(browse_);
  row->addStretch(0);
  return line;
}

QWidget* CaptionPanel::makeFilter() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  summary_ = new QLabel;
  summary_->setObjectName(QStringLiteral("captionSummary"));
  summary_->setWordWrap(true);
  class_ = new QComboBox;
  class_->setObjectName(QStringLiteral("captionClassBox"));
  class_->setToolTip(tr("Which class's sentences the table shows"));
  class_->setAccessibleName(tr("Class of the sentences shown"));
  class_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  class_->setMinimumContentsLength(18);
  connect(class_, &QComboBox::currentIndexChanged, this, &CaptionPanel::chooseClass);
  row->addWidget(summary_, 1);
  row->addWidget(class_);
  return line;
}

void CaptionPanel::makeTable() {
  model_ = new CaptionTableModel(this);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("captionTable"));
  table_->setAccessibleName(tr("Sentences the prompts are learnt from"));
  table_->setToolTip(tr("Sentences the prompts are learnt from; the box above chooses a class"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(24);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  table_->setColumnWidth(0, 132);
  table_->setColumnWidth(CaptionTableModel::kFrom, 96);
  table_->setColumnWidth(CaptionTableModel::kFoundBy, 132);
  table_->setMinimumHeight(96);
}

CaptionChoice CaptionPanel::choice() const {
  return {static_cast<TextSource>(source_->currentIndex()), file_->text().trimmed(), multiLabel_, seed_};
}

void CaptionPanel::setFile(const QString& file) {
  file_->setText(QDir::toNativeSeparators(file));
  if (choice().source == TextSource::Names) source_->setCurrentIndex(static_cast<int>(TextSource::Captions));
  sourceChosen();
}

void CaptionPanel::setChoice(const CaptionChoice& choice) {
  if (!choice.file.isEmpty()) file_->setText(choice.file);
  source_->setCurrentIndex(static_cast<int>(choice.source));
  setSeed(choice.seed);
  setMultiLabel(choice.multiLabel);
  sourceChosen();
}

void CaptionPanel::setSeed(std::uint64_t seed) {
  if (seed == seed_) return;
  seed_ = seed;
  timer_.start();
}

void CaptionPanel::setMultiLabel(bool multiLabel) {
  if (multiLabel == multiLabel_) return;
  multiLabel_ = multiLabel;
  timer_.start();
}

int CaptionPanel::captionCount() const {
  return count_;
}

bool CaptionPanel::moreThanUsed() const {
  return count_ > static_cast<int>(kMostTuningCaptions);
}

void CaptionPanel::sourceChosen() {
  const bool own = choice().source != TextSource::Names;
  file_->setVisible(own);
  browse_->setVisible(own);
  app_.settings().setValue("teach/source", source_->currentIndex());
  app_.settings().setValue("teach/captions", file_->text().trimmed());
  watched_->watch(own ? choice().file : QString());
  timer_.start();
}

void CaptionPanel::askForFile() {
  FileQuestion question;
  question.title = tr("Captions to learn from");
  question.key = QStringLiteral("folders/captions");
  question.filter = tr("Captions (*.csv *.tsv *.txt);;All files (*)");
  askFile(app_, window(), question, [this](const QStringList& files) { setFile(files.front()); });
}

void CaptionPanel::refresh() {
  const int number = ++wanted_;
  const ClassList classes = app_.classes();
  if (const QString wrong = classProblem(classes); !wrong.isEmpty()) {
    show(nullptr, classes, wrong);
    return;
  }
  auto set = std::make_shared<CaptionSet>();
  app_.runQuietly(
      this, [set, classes, choice = choice()] { *set = makeCaptions(classes, choice); },
      [this, set, classes, number](const QString& error) {
        if (number == wanted_) show(set, classes, error);
      });
}

void CaptionPanel::show(const std::shared_ptr<CaptionSet>& set, const ClassList& classes, const QString& error) {
  problem_ = error;
  const bool good = error.isEmpty() && set;
  count_ = good ? static_cast<int>(set->captions.size()) : 0;
  model_->setCaptions(good ? set : nullptr, classes);
  if (!good) {
    counted_ = tr("No sentences yet.");
    showCount();
    showWarnings(error.isEmpty() ? QStringList() : QStringList(error));
    fillClasses({}, {});
    Q_EMIT changed();
    return;
  }
  const std::vector<int> counts = set->counts(classes.size());
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  const auto number = [](int n) { return QLocale().toString(n); };
  counted_ = *least == *most ? tr("%1 sentences, %2 for each class").arg(number(count_), number(*least))
                             : tr("%1 sentences, %2 to %3 a class").arg(number(count_), number(*least), number(*most));
  showCount();
  // Elsewhere every row would say the same.
  table_->setColumnHidden(CaptionTableModel::kFrom, choice().source != TextSource::Both);
  table_->setColumnHidden(CaptionTableModel::kFoundBy, !model_->anyFound());
  QStringList warnings;
  for (const std::string& warning : set->warnings) warnings.append(QString::fromStdString(warning));
  showWarnings(warnings);
  fillClasses(classes, counts);
  Q_EMIT changed();
}

void CaptionPanel::showCount() {
  const QString most = QLocale().toString(kMostTuningCaptions);
  const bool more = moreThanUsed();
  summary_->setText(more ? tr("%1; at most %2 are used").arg(counted_, most) : counted_);
  summary_->setToolTip(more ? tr("A tuning uses %1 sentences at most, spread evenly over the classes").arg(most)
                            : QString());
}

void CaptionPanel::showWarnings(const QStringList& warnings) {
  QStringList lines = warnings.mid(0, kWarningsShown);
  const int more = static_cast<int>(warnings.size() - lines.size());
  if (more > 0) lines.append(tr("and %n more: rest the pointer here to read them all", nullptr, more));
  warnings_->setText(lines.join('\n'));
  warnings_->setVisible(!lines.isEmpty());
  warnings_->setToolTip(more > 0 ? brokenIntoLines(warnings.join('\n')) : QString());
  warnings_->setAccessibleDescription(more > 0 ? warnings.join('\n') : QString());
}

/// The class that was chosen stays so in another place, and under another name where it has its place still.
void CaptionPanel::fillClasses(const ClassList& classes, const std::vector<int>& counts) {
  const int before = class_->currentIndex();
  const bool asMany = class_->count() == static_cast<int>(classes.size()) + 1;
  const QSignalBlocker blocker(class_);
  class_->clear();
  class_->addItem(tr("All classes"), QString());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const QString name = QString::fromStdString(classes[i].name);
    class_->addItem(tr("%1 (%2)").arg(name, QString::number(counts[i])), name);
  }
  if (classes.empty()) return;  // until there are sentences again
  const int place = class_->findData(chosen_);
  class_->setCurrentIndex(place >= 0 ? place : asMany ? before : 0);
  chooseClass();
}

void CaptionPanel::chooseClass() {
  chosen_ = class_->currentData().toString();
  model_->showClass(class_->currentIndex() - 1);
}

}  // namespace hearsay::ui
