#include "ui/teach/result_view.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "prompts/prompt_order.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/shell/icons.h"
#include "ui/shell/prompt_actions.h"
#include "ui/teach/accuracy_bars.h"

namespace hearsay::ui {
namespace {

constexpr double kNothing = -2.0;     // sorts below every share and change
constexpr int kLabel = Qt::UserRole;  // of a row's first cell: the place of its class in the prompt set

QString percent(double share) {
  return ResultView::tr("%1 %").arg(share * 100.0, 0, 'f', 1);
}

/// A cell that sorts by number and shows words.
class NumberItem : public QTableWidgetItem {
 public:
  NumberItem(double number, const QString& text) : QTableWidgetItem(text), number_(number) {
    setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  }
  bool operator<(const QTableWidgetItem& other) const override {
    const auto* number = dynamic_cast<const NumberItem*>(&other);
    return number != nullptr ? number_ < number->number_ : QTableWidgetItem::operator<(other);
  }

 private:
  double number_;
};

QString changeInWords(double change) {
  if (std::abs(change) < 0.0005) return ResultView::tr("same");
  const QString points = QString::number(std::abs(change) * 100.0, 'f', 1);
  return change > 0 ? ResultView::tr("\u25b2 +%1").arg(points) : ResultView::tr("\u25bc \u2212%1").arg(points);
}

QJsonObject recipeOf(const PromptSet& prompts) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(prompts.recipe)).object();
}

bool hadFixedSteps(const PromptSet& prompts) {
  return recipeOf(prompts).value("plain").toBool();
}

/// With fixed steps, or where every class had one sentence: that a run names those rightly which it learnt from says
/// little.
bool keptNothingAside(const PromptSet& prompts) {
  return hadFixedSteps(prompts) || recipeOf(prompts).value("hold_out_one_in").toInt(-1) == 0;
}

/// Every figure is of the fused score, with the template's behind it.
QString unseenInWords(const TextAccuracy& seen, const TextAccuracy& unseen) {
  const TextAccuracy mean = harmonic_mean(seen, unseen);
  return ResultView::tr(
             "Classes held out of tuning: %1 right (template %2). The other classes, among all: %3 (template %4). "
             "Harmonic mean: %5 (template %6).")
      .arg(percent(unseen.fused), percent(unseen.zero_shot), percent(seen.fused), percent(seen.zero_shot),
           percent(mean.fused), percent(mean.zero_shot));
}

/// "The fused score is 10 % coarse, 10 % fine, 80 % zero-shot", and why. Empty for the paper's coarse + fine.
QString weightsInWords(const ScoreWeights& weights) {
  if (weights == ScoreWeights{}) return {};
  QStringList parts;
  for (const auto& [name, weight] :
       {std::pair{ResultView::tr("coarse"), weights.coarse}, std::pair{ResultView::tr("fine"), weights.fine},
        std::pair{ResultView::tr("zero-shot"), weights.zero_shot}}) {
    if (weight > 0.0)
      parts.append(ResultView::tr("%1 % %2").arg(std::lround(100.0 * weight / weights.sum())).arg(name));
  }
  const QString shares = parts.join(QStringLiteral(", "));
  if (weights.zero_shot < kLeastZeroShot * weights.sum() - 1e-9) {  // weighed anew by hand
    return ResultView::tr("The fused score is %1.").arg(shares);
  }
  const QString why = ResultView::tr(
      "zero-shot keeps four fifths at least, because sentences cannot show all that sounds need; the held-out "
      "sentences chose among the rest.");
  return ResultView::tr("The fused score is %1: %2").arg(shares, why);
}

}  // namespace

QString verdict(const PromptSet& prompts) {
  const TextAccuracy& right = prompts.held_out;
  if (keptNothingAside(prompts)) {
    return ResultView::tr("%1 of the sentences it learnt from are named right, %2 with the template alone.")
        .arg(percent(right.fused), percent(right.zero_shot));
  }
  if (prompts.preferred != ScoreKind::ZeroShot && right.fused == right.zero_shot) {
    return ResultView::tr(
               "%1 of the held-out sentences are named right, no more than with the template alone, but by a clearer "
               "margin: the tuned prompts are the better choice.")
        .arg(percent(right.fused));
  }
  if (prompts.preferred != ScoreKind::ZeroShot) {
    return ResultView::tr("Tuning helped: %1 of the held-out sentences are named right, %2 with the template alone.")
        .arg(percent(right.fused), percent(right.zero_shot));
  }
  if (right.fused > right.zero_shot) {  // the tuner had a reason that is no number
    return ResultView::tr(
               "This model cannot tell all of these sounds apart by their words, so the template stays in use: %1 of "
               "the held-out sentences are named right, %2 with the template alone.")
        .arg(percent(right.fused), percent(right.zero_shot));
  }
  return ResultView::tr(
             "Tuning did not help: %1 of the held-out sentences are named right, %2 with the template "
             "alone. The template stays the better choice.")
      .arg(percent(right.fused), percent(right.zero_shot));
}

ResultView::ResultView(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* empty = new QLabel(tr("No result yet. Start tuning, or open a tuned prompt set (Ctrl+O)."));
  empty->setAlignment(Qt::AlignCenter);
  empty->setWordWrap(true);
  auto* full = new QWidget;
  auto* column = new QVBoxLayout(full);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  other_ = new QLabel;
  other_->setObjectName(QStringLiteral("otherList"));
  other_->setWordWrap(true);
  other_->hide();
  verdict_ = new QLabel;
  verdict_->setObjectName(QStringLiteral("verdictLabel"));
  verdict_->setWordWrap(true);
  QFont bold = verdict_->font();
  bold.setBold(true);
  verdict_->setFont(bold);
  details_ = new QLabel;
  details_->setObjectName(QStringLiteral("resultDetails"));
  details_->setWordWrap(true);
  bars_ = new AccuracyBars;
  bars_->setObjectName(QStringLiteral("accuracyBars"));
  gainsTitle_ = new QLabel;
  gainsTitle_->setObjectName(QStringLiteral("gainsTitle"));
  gainsTitle_->setWordWrap(true);
  makeGains();
  column->addWidget(verdict_);
  column->addWidget(details_);
  column->addWidget(bars_);
  column->addWidget(makeButtons());
  column->addWidget(other_);  // below the buttons, which stay where they are as it comes and goes
  column->addWidget(gainsTitle_);
  column->addWidget(gains_, 1);
  stack_ = new QStackedWidget;
  stack_->addWidget(empty);
  stack_->addWidget(full);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(stack_);
  connect(&app_, &AppContext::promptsChanged, this, &ResultView::updateButtons);
  connect(&app_, &AppContext::modelChanged, this, &ResultView::updateButtons);
  connect(&app_, &AppContext::classesChanged, this, &ResultView::updateButtons);
  connect(&app_, &AppContext::classesChanged, this, &ResultView::paintGains);
}

void ResultView::makeGains() {
  gains_ = new QTableWidget(0, 5);
  gains_->setObjectName(QStringLiteral("gainsTable"));
  gains_->setAccessibleName(tr("Classes that gained or lost"));
  gains_->setHorizontalHeaderLabels({tr("Sound"), tr("Sentences"), tr("Template"), tr("Tuned"), tr("Change")});
  gains_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  gains_->horizontalHeader()->setHighlightSections(false);
  gains_->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  for (int i = 1; i < 5; ++i) {
    gains_->setColumnWidth(i, i < 4 ? 76 : 84);
    gains_->horizontalHeaderItem(i)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  }
  gains_->verticalHeader()->hide();
  gains_->verticalHeader()->setDefaultSectionSize(24);
  gains_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  gains_->setSelectionBehavior(QAbstractItemView::SelectRows);
  gains_->setAlternatingRowColors(true);
  gains_->setShowGrid(false);
  gains_->setTabKeyNavigation(false);
}

QPushButton* ResultView::addButton(QLayout* row, const QString& name, const QString& picture, const QString& text,
                                   const QString& tip, std::function<void()> act) {
  auto* button = new QPushButton(icon(picture), text);
  button->setObjectName(name);
  button->setToolTip(tip);
  if (act) connect(button, &QPushButton::clicked, this, std::move(act));
  row->addWidget(button);
  return button;
}

QWidget* ResultView::makeButtons() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  use_ = addButton(row, "useButton", "check", tr("Use it"), tr("Name sounds with these prompts from now on"),
                   [this] { inUse() ? app_.useZeroShot() : app_.usePrompts(*prompts_); });
  // As wide from the start as its longer text needs: or the page would grow when a result is used, and push the tabs.
  use_->setText(tr("Use template"));
  use_->setMinimumWidth(use_->sizeHint().width());
  use_->setText(tr("Use it"));
  addButton(row, "saveButton", "save", tr("Save…"), tr("Save the tuned prompts as a file (Ctrl+S)"),
            [this] { save(); });
  QPushButton* exports =
      addButton(row, "exportButton", "export", tr("Export"), tr("Write them for other programs"), {});
  auto* menu = new QMenu(exports);
  for (const QString format : {"json", "csv", "npz"}) {
    menu->addAction(format.toUpper(), this, [this, format] { exportAs(format); });
  }
  exports->setMenu(menu);
  again_ = addButton(row, "tuneAgainButton", "retry", tr("Tune on"),
                     tr("Tune again, starting from these prompts instead of from scratch"),
                     [this] { Q_EMIT tuneAgainWanted(); });
  addButton(row, "listenButton", "listen", tr("Go listen"), tr("Hear what it makes of the microphone"),
            [this] { app_.showPage(QStringLiteral("listen"), true); });
  row->addStretch(1);
  return line;
}

void ResultView::showResult(const std::shared_ptr<const PromptSet>& prompts, const std::vector<ClassGain>& gains,
                            const TunerReport* report) {
  prompts_ = prompts;
  stack_->setCurrentIndex(1);
  verdict_->setText(verdict(*prompts));
  bars_->setAccuracy(prompts->held_out, prompts->preferred);
  QStringList details;
  if (report != nullptr) {
    if (report->cancelled)
      details.append(keptNothingAside(*prompts) ? tr("Stopped early; the last prompts were kept.")
                                                : tr("Stopped early; the best so far was kept."));
    details.append(tr("%1 steps in %2 on %3.")
                       .arg(report->steps.size())
                       .arg(durationText(report->seconds))
                       .arg(QString::fromStdString(report->device)));
    if (report->unseen) {
      details.append(unseenInWords(report->seen.value_or(report->held_out), *report->unseen));
    }
    if (hadFixedSteps(*prompts)) {
      details.append(tr("With a fixed number of steps no sentences are kept aside."));
    }
    for (const std::string& note : report->notes) details.append(QString::fromStdString(note));
  } else {
    const QString written = QString::fromStdString(prompts->created_at);
    const QDateTime when = QDateTime::fromString(written, Qt::ISODate);
    details.append(tr("Tuned %1 with %2.")
                       .arg(when.isValid() ? QLocale().toString(when.toLocalTime(), QLocale::ShortFormat) : written,
                            QString::fromStdString(prompts->model_name)));
  }
  if (const QString weights = weightsInWords(prompts->weights); !weights.isEmpty()) details.append(weights);
  details_->setText(details.join(' '));
  fillGains(gains);
  updateButtons();
}

void ResultView::fillGains(const std::vector<ClassGain>& gains) {
  gains_->setSortingEnabled(false);
  gains_->setRowCount(0);
  gains_->setVisible(!gains.empty());
  if (gains.empty()) {
    gainsTitle_->setText(
        tr("Which classes gained or lost is shown right after a tuning; a prompt set does not keep it."));
    gainsTitle_->setAlignment(Qt::AlignTop);
    gainsTitle_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);  // the room of the table
    return;
  }
  gainsTitle_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  int gained = 0;
  int lost = 0;
  int same = 0;
  gains_->setRowCount(static_cast<int>(gains.size()));
  for (std::size_t i = 0; i < gains.size(); ++i) {
    setGainRow(static_cast<int>(i), i, gains[i]);
    if (gains[i].captions == 0) continue;  // nothing says
    gained += gains[i].after > gains[i].before ? 1 : 0;
    lost += gains[i].after < gains[i].before ? 1 : 0;
    same += gains[i].after == gains[i].before ? 1 : 0;
  }
  QString title = tr("Classes that gained: %1, lost: %2, unchanged: %3").arg(gained).arg(lost).arg(same);
  const int unknown = static_cast<int>(gains.size()) - gained - lost - same;
  if (unknown > 0) title = tr("%1, without sentences to tell by: %2").arg(title).arg(unknown);
  gainsTitle_->setText(title);
  paintGains();
  gains_->setSortingEnabled(true);
  gains_->sortItems(4, Qt::DescendingOrder);
}

void ResultView::setGainRow(int row, std::size_t label, const ClassGain& gain) {
  auto* name = new QTableWidgetItem(QString::fromStdString(prompts_->classes[label].name));
  name->setData(kLabel, static_cast<qulonglong>(label));
  if (std::ranges::count(prompts_->unseen, prompts_->classes[label].name) > 0) {
    name->setText(tr("%1 (held out)").arg(name->text()));
    name->setToolTip(tr("Held out of tuning: its sentences were not learnt from"));
  }
  gains_->setItem(row, 0, name);
  gains_->setItem(row, 1, new NumberItem(gain.captions, QString::number(gain.captions)));
  if (gain.captions == 0) {  // behind all that is known
    for (const int column : {2, 3, 4}) gains_->setItem(row, column, new NumberItem(kNothing, tr("\u2013")));
    return;
  }
  gains_->setItem(row, 2, new NumberItem(gain.before, percent(gain.before)));
  gains_->setItem(row, 3, new NumberItem(gain.after, percent(gain.after)));
  const double change = gain.after - gain.before;
  auto* item = new NumberItem(change, changeInWords(change));
  QFont face = item->font();
  face.setBold(std::abs(change) >= 0.0005);
  item->setFont(face);
  gains_->setItem(row, 4, item);
}

void ResultView::paintGains() {
  for (int row = 0; row < gains_->rowCount(); ++row) {
    QTableWidgetItem* name = gains_->item(row, 0);
    const std::size_t label = name->data(kLabel).toULongLong();
    const ClassList& list = app_.classes();
    const auto same = std::ranges::find(list, prompts_->classes[label].name, &SoundClass::name);
    name->setIcon(swatch(same == list.end() ? classColour(prompts_->classes, label)
                                            : classColour(list, static_cast<std::size_t>(same - list.begin()))));
  }
}

bool ResultView::inUse() const {
  const auto current = app_.prompts();
  return prompts_ && current && same_tuning(*current, *prompts_);
}

void ResultView::updateButtons() {
  if (!prompts_) return;
  const bool used = inUse();
  const QString model = QString::fromStdString(prompts_->model_name);
  const bool ofOther = app_.model() && app_.modelFingerprint().toStdString() != prompts_->model_fingerprint;
  use_->setText(used ? tr("Use template") : tr("Use it"));
  use_->setEnabled(used || !ofOther);
  use_->setIcon(icon(used ? QStringLiteral("undo") : QStringLiteral("check")));
  again_->setEnabled(app_.model() && !ofOther);
  QString useTip = tr("Name sounds with these prompts from now on");
  QString againTip = tr("Tune again, starting from these prompts instead of from scratch");
  if (used) useTip = tr("These prompts are in use. Click to go back to the hand-written template.");
  if (ofOther) againTip = tr("These prompts were tuned with the model \"%1\": choose it above to tune on").arg(model);
  if (ofOther && !used) useTip = tr("These prompts were tuned with the model \"%1\": choose it above first").arg(model);
  use_->setToolTip(useTip);
  again_->setToolTip(againTip);
  const bool otherList = !same_names(prompts_->classes, app_.classes());
  other_->setText(ofOther ? tr("This is the result of another model, \"%1\". It is kept, and can be used when that "
                               "model is chosen again.")
                                .arg(model)
                          : tr("This is the result of another list of sounds; \"Use it\" brings that list back."));
  other_->setVisible(ofOther || otherList);
}

void ResultView::save() {
  if (inUse()) {
    savePrompts(app_, window(), false);
  } else {
    askSaveOther(app_, window(), *prompts_);
  }
}

// What is shown, whatever is in use.
void ResultView::exportAs(const QString& format) {
  inUse() ? askExportPrompts(app_, window(), format) : askExportOther(app_, window(), *prompts_, format);
}

}  // namespace hearsay::ui
