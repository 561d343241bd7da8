#include "ui/files/evaluation_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/files/confusion_view.h"
#include "ui/files/reliability_view.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

namespace {

/// A cell that sorts by its number.
class NumberItem : public QTableWidgetItem {
 public:
  NumberItem(double value, const QString& text) : QTableWidgetItem(text), value_(value) {
    setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  }
  bool operator<(const QTableWidgetItem& other) const override {
    const auto* number = dynamic_cast<const NumberItem*>(&other);
    return number == nullptr || value_ < number->value_;
  }

 private:
  double value_;
};

NumberItem* percentItem(double share) {
  return new NumberItem(std::isfinite(share) ? share : -1.0, percentText(share));
}

QTableWidget* makeTable(const char* name, const QString& accessible, const QStringList& headers) {
  auto* table = new QTableWidget(0, static_cast<int>(headers.size()));
  table->setObjectName(QString::fromLatin1(name));
  table->setAccessibleName(accessible);
  table->setHorizontalHeaderLabels(headers);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setShowGrid(false);
  table->setAlternatingRowColors(true);
  table->setTabKeyNavigation(false);
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
  table->horizontalHeader()->setHighlightSections(false);
  table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  for (int column = 1; column < table->columnCount(); ++column) {
    table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    table->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  }
  table->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  return table;
}

/// How classes that were held out of tuning do beside the others.
QString unseenInWords(const std::pair<ScoreKind, ScoreMetrics>& figures) {
  const auto& [kind, metrics] = figures;
  return EvaluationView::tr(
             "By %1, files of classes held out of tuning are right in %2, the others in %3; harmonic mean %4.")
      .arg(QString::fromUtf8(score_name(kind)), percentText(metrics.unseen_accuracy),
           percentText(metrics.seen_accuracy),
           percentText(harmonic_mean(metrics.seen_accuracy, metrics.unseen_accuracy)));
}

}  // namespace

std::vector<std::pair<ScoreKind, ScoreMetrics>> evaluateResults(const std::vector<LabelledResult>& results,
                                                                const PromptSet& prompts) {
  std::vector<ScoreKind> kinds{ScoreKind::ZeroShot};
  if (prompts.tuned) kinds.insert(kinds.end(), {ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::Fused});
  const auto rows = static_cast<std::int64_t>(results.size());
  const auto cols = static_cast<std::int64_t>(prompts.size());
  std::vector<std::vector<int>> labels;
  labels.reserve(results.size());
  for (const LabelledResult& item : results) labels.push_back(item.labels);
  std::vector<std::pair<ScoreKind, ScoreMetrics>> figures;
  for (const ScoreKind kind : kinds) {
    Matrix scores(rows, cols);
    Matrix probability(rows, cols);
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto values = scores_of(results[static_cast<std::size_t>(i)].result->scores, kind);
      const std::vector<float> shares = softmax(values, prompts.logit_scale);
      std::copy(values.begin(), values.end(), scores.row(i).begin());
      std::copy(shares.begin(), shares.end(), probability.row(i).begin());
    }
    figures.emplace_back(kind, measure(scores, probability, labels, unseen_classes(prompts)));
  }
  return figures;
}

EvaluationView::EvaluationView(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty());
  stack_->addWidget(buildFigures());
  column->addWidget(stack_);
  showWhy();
}

QWidget* EvaluationView::buildEmpty() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  empty_ = new QLabel;
  empty_->setObjectName(QStringLiteral("evaluationEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  again_ = new QPushButton(icon(QStringLiteral("retry")), tr("Name again"));
  again_->setObjectName(QStringLiteral("evaluateAgain"));
  again_->setAccessibleName(tr("Name all files again"));
  again_->setToolTip(tr("Names all files with the prompts in use; the figures follow"));
  column->setSpacing(16);
  column->addStretch(1);
  column->addWidget(empty_);
  column->addWidget(again_, 0, Qt::AlignHCenter);
  column->addStretch(1);
  connect(again_, &QPushButton::clicked, this, &EvaluationView::nameAgain);
  return page;
}

QWidget* EvaluationView::buildFigures() {
  auto* page = new QWidget;
  auto* row = new QHBoxLayout(page);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  row->addWidget(buildTables(), 1);
  row->addWidget(buildPictures(), 1);
  return page;
}

QWidget* EvaluationView::buildTables() {
  auto* side = new QWidget;
  auto* left = new QVBoxLayout(side);
  left->setContentsMargins(0, 0, 0, 0);
  sentence_ = new QLabel;
  sentence_->setObjectName(QStringLiteral("evaluationSentence"));
  sentence_->setWordWrap(true);
  summary_ = makeTable("evaluationSummary", tr("Accuracy of every kind of score"),
                       {tr("Score"), tr("Accuracy"), tr("mAP"), tr("Calibration error")});
  summary_->setToolTip(
      tr("Accuracy: the best class is one of the labels. mAP: mean average precision over the classes.\n"
         "Calibration error: how far probabilities are from how often they are right."));
  classes_ =
      makeTable("evaluationClasses", tr("Figures of every class"), {tr("Class"), tr("Files"), tr("Right"), tr("AP")});
  classes_->setToolTip(tr("Every class by itself: its files, how many are named right, and AP, its average precision"));
  classes_->setSortingEnabled(true);
  classes_->sortByColumn(-1, Qt::AscendingOrder);
  left->addWidget(sentence_);
  left->addWidget(summary_);
  left->addWidget(classes_, 1);
  return side;
}

QWidget* EvaluationView::buildPictures() {
  auto* side = new QWidget;
  auto* right = new QVBoxLayout(side);
  right->setContentsMargins(0, 0, 0, 0);
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("evaluationKind"));
  kind_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  kind_->setAccessibleName(tr("Score shown in the pictures and the class table"));
  kind_->setToolTip(tr("Which score the pictures and the class table show"));
  auto* bar = new QHBoxLayout;
  auto* label = new QLabel(tr("&By"));
  label->setBuddy(kind_);
  bar->addWidget(label);
  bar->addWidget(kind_);
  bar->addStretch(1);
  confusion_ = new ConfusionView;
  confusion_->setObjectName(QStringLiteral("confusionView"));
  auto* trust = new QWidget;
  auto* column = new QVBoxLayout(trust);
  column->setContentsMargins(0, 8, 0, 0);
  calibration_ = new QLabel;
  calibration_->setObjectName(QStringLiteral("calibrationSentence"));
  calibration_->setWordWrap(true);
  reliability_ = new ReliabilityView;
  reliability_->setObjectName(QStringLiteral("reliabilityView"));
  column->addWidget(calibration_);
  column->addWidget(reliability_, 1);
  auto* pictures = new QTabWidget;
  pictures->setObjectName(QStringLiteral("evaluationPictures"));
  pictures->setAccessibleName(tr("Confusions or reliability"));
  pictures->setDocumentMode(true);
  pictures->addTab(confusion_, tr("Confusions"));
  pictures->addTab(trust, tr("Reliability"));
  pictures->setTabToolTip(0, tr("Which class was taken for which"));
  pictures->setTabToolTip(1, tr("How often files are right whose best class has a certain probability"));
  right->addLayout(bar);
  right->addWidget(pictures, 1);
  connect(kind_, &QComboBox::activated, this, &EvaluationView::showKind);
  connect(confusion_, &ConfusionView::cellChosen, this, [this](int row, int named) {
    const auto name = [this](int k) {
      return QString::fromStdString(prompts_->classes[static_cast<std::size_t>(k)].name);
    };
    Q_EMIT cellChosen(name(row), name(named), figures_[static_cast<std::size_t>(kind_->currentIndex())].first);
  });
  return side;
}

void EvaluationView::setResults(std::vector<LabelledResult> results, const FileCounts& files,
                                const std::shared_ptr<const PromptSet>& prompts) {
  labelled_ = static_cast<int>(results.size());
  files_ = files;
  const int generation = ++generation_;
  if (results.empty()) return showWhy();
  const auto counted = std::make_shared<const std::vector<LabelledResult>>(std::move(results));
  const auto figures = std::make_shared<Figures>();
  app_.runQuietly(
      this, [counted, prompts, figures] { *figures = evaluateResults(*counted, *prompts); },
      [this, generation, prompts, figures](const QString& error) {
        if (generation != generation_) return;
        if (!error.isEmpty()) return app_.notify(error, AppContext::NoticeLevel::Warning);
        prompts_ = prompts;
        sentence_->setText(filesInWords());
        take(std::move(*figures));
        if (!prompts_->unseen.empty()) sentence_->setText(sentence_->text() + ' ' + unseenInWords(figures_.back()));
      });
}

QString EvaluationView::filesInWords() const {
  if (labelled_ == files_.all) return tr("Every file has a label: %1.").arg(filesText(files_.all));
  QString words = tr("%1 of %2 files have a label and a result.").arg(labelled_).arg(files_.all);
  if (files_.outdated > 0) words += ' ' + tr("Results of other prompts: %1.").arg(files_.outdated);
  if (files_.failed > 0) words += ' ' + tr("Failed or stopped: %1; Retry failed names them anew.").arg(files_.failed);
  if (files_.unknown > 0) words += ' ' + tr("Labels that are no classes of the list: %1.").arg(files_.unknown);
  return words;
}

void EvaluationView::showWhy() {
  again_->setVisible(files_.outdated > 0);
  if (files_.outdated > 0) {
    empty_->setText(tr("Labels are here, but the results are of other prompts: %1.\n\nName the files again to see how "
                       "often the prompts in use are right.")
                        .arg(filesText(files_.outdated)));
  } else if (files_.waiting > 0) {
    empty_->setText(tr("Labels are here, but no result yet: %1.").arg(filesText(files_.waiting)));
  } else if (files_.failed > 0) {
    empty_->setText(tr("Labels are here, but no result, as the files failed or were stopped: %1.\n\nRetry failed, at "
                       "the top of this page, names them anew.")
                        .arg(filesText(files_.failed)));
  } else if (files_.unknown > 0) {
    empty_->setText(tr("The labels here are no classes of the list: %1.\n\nA label counts when a class or one of its "
                       "aliases is called so. Give the class that is meant this alias on Teach, or name it so.")
                        .arg(filesText(files_.unknown)));
  } else {
    empty_->setText(
        tr("No file here has a label yet.\n\nDrop a folder whose subfolders are named after your classes, "
           "or a CSV file with the columns file and label: accuracy, confusions and the figures of every "
           "class then appear here."));
  }
  stack_->setCurrentIndex(0);
}

void EvaluationView::take(Figures figures) {
  figures_ = std::move(figures);
  const QString before = kind_->currentText();
  kind_->clear();
  for (const auto& [kind, metrics] : figures_) kind_->addItem(QString::fromUtf8(score_name(kind)));
  const int again = kind_->findText(before);
  kind_->setCurrentIndex(again >= 0 ? again : kind_->count() - 1);
  fillSummary();
  showKind();
  stack_->setCurrentIndex(1);
}

void EvaluationView::fillSummary() {
  summary_->setRowCount(static_cast<int>(figures_.size()));
  double best = 0.0;
  for (const auto& [kind, metrics] : figures_) best = std::max(best, metrics.accuracy);
  for (int row = 0; row < summary_->rowCount(); ++row) {
    const auto& [kind, metrics] = figures_[static_cast<std::size_t>(row)];
    summary_->setItem(row, 0, new QTableWidgetItem(QString::fromUtf8(score_name(kind))));
    summary_->setItem(row, 1, percentItem(metrics.accuracy));
    summary_->setItem(row, 2, percentItem(metrics.map));
    summary_->setItem(row, 3, percentItem(metrics.ece));
    QFont font = summary_->font();
    font.setBold(metrics.accuracy >= best);
    for (int column = 0; column < 2; ++column) summary_->item(row, column)->setFont(font);
  }
  summary_->setFixedHeight(summary_->horizontalHeader()->sizeHint().height() + summary_->verticalHeader()->length() +
                           2 * summary_->frameWidth());
}

void EvaluationView::showKind() {
  const int index = kind_->currentIndex();
  if (index < 0 || !prompts_) return;
  const ScoreMetrics& metrics = figures_[static_cast<std::size_t>(index)].second;
  QStringList names;
  for (const SoundClass& sound : prompts_->classes) names << QString::fromStdString(sound.name);
  confusion_->setCounts(names, metrics.confusion);
  reliability_->setBins(metrics.reliability, metrics.ece);
  calibration_->setText(reliability_->words());
  classes_->setSortingEnabled(false);
  classes_->setRowCount(static_cast<int>(names.size()));
  for (int k = 0; k < classes_->rowCount(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    auto* name = new QTableWidgetItem(names[k]);
    name->setIcon(swatch(classColour(prompts_->classes, at)));
    const int files = metrics.per_class_files[at];
    classes_->setItem(k, 0, name);
    classes_->setItem(k, 1, new NumberItem(files, QLocale().toString(files)));
    classes_->setItem(k, 2, percentItem(metrics.per_class_accuracy[at]));
    classes_->setItem(k, 3, percentItem(metrics.average_precision[at]));
  }
  classes_->setSortingEnabled(true);
}

}  // namespace hearsay::ui
