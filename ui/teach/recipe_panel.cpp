#include "ui/teach/recipe_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/words.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr int kContextByRecipe = 3;  ///< the smallest length the tuner takes is 4

constexpr std::size_t kUnseenOneIn = 5;
constexpr std::size_t kFewestTuned = 2;  ///< with one there is nothing to tell apart

QSpinBox* makeSpin(const QString& name, int low, int high, const QString& title, const QString& tip) {
  auto* spin = new QSpinBox;
  spin->setObjectName(name);
  spin->setRange(low, high);
  spin->setToolTip(tip);
  spin->setAccessibleName(title);
  spin->setMaximumWidth(120);
  return spin;
}

}  // namespace

RecipePanel::RecipePanel(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  recipe_ = new QComboBox;
  recipe_->setObjectName(QStringLiteral("recipeBox"));
  recipe_->addItem(tr("Fast"), "fast");
  recipe_->addItem(tr("As in the paper"), "paper");
  recipe_->setToolTip(
      tr("Fast stops as soon as nothing is gained any more; the paper's recipe always makes ten rounds"));
  recipe_->setAccessibleName(tr("Recipe"));
  explanation_ = new QLabel;
  explanation_->setObjectName(QStringLiteral("recipeExplanation"));
  explanation_->setWordWrap(true);
  more_ = new QToolButton;
  more_->setObjectName(QStringLiteral("advancedButton"));
  more_->setText(tr("Settings"));
  more_->setIcon(icon(QStringLiteral("settings")));
  more_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  more_->setCheckable(true);
  more_->setAutoRaise(true);
  more_->setToolTip(tr("Context length, steps, seed, several labels, classes held out, template"));
  auto* title = new QLabel(tr("Recipe"));
  title->setBuddy(recipe_);
  row->addWidget(title);
  row->addWidget(recipe_);
  row->addWidget(explanation_, 1);
  row->addWidget(more_);
  column->addLayout(row);
  advanced_ = makeAdvanced();
  column->addWidget(advanced_);
  restore();
  connect(more_, &QToolButton::toggled, this, [this](bool on) {
    advanced_->setVisible(on);
    app_.settings().setValue("teach/advanced", on);
  });
  connect(recipe_, &QComboBox::currentIndexChanged, this, &RecipePanel::remember);
  connect(context_, &QSpinBox::valueChanged, this, &RecipePanel::remember);
  connect(seed_, &QSpinBox::valueChanged, this, &RecipePanel::remember);
  connect(steps_, &QSpinBox::valueChanged, this, &RecipePanel::remember);
  connect(labels_, &QComboBox::currentIndexChanged, this, &RecipePanel::remember);
  connect(holdOut_, &QCheckBox::toggled, this, &RecipePanel::proposeUnseen);
  connect(unseen_, &QLineEdit::editingFinished, this, &RecipePanel::remember);
  connect(template_, &QLineEdit::editingFinished, this, &RecipePanel::templateEdited);
  connect(&app_, &AppContext::classesChanged, this, &RecipePanel::offerUnseen);
  connect(&app_, &AppContext::classesChanged, this, &RecipePanel::explain);
  remember();
}

void RecipePanel::makeNumbers(QFormLayout* form) {
  context_ = makeSpin("contextSpin", kContextByRecipe, 64, tr("Context length"),
                      tr("How many learnt tokens stand before a class name (32 in the paper)"));
  steps_ = makeSpin("stepsSpin", 0, 100000, tr("Steps"),
                    tr("Exactly so many steps, with no early stop; 0 leaves it to the recipe"));
  steps_->setSpecialValueText(tr("by recipe"));
  context_->setSpecialValueText(tr("by recipe"));
  seed_ = makeSpin("seedSpin", 0, std::numeric_limits<int>::max(), tr("Seed"),
                   tr("The same seed gives the same prompts again"));
  auto* numbers = new QHBoxLayout;
  numbers->setSpacing(8);
  numbers->addWidget(context_);
  for (const auto& [text, spin] : {std::pair{tr("Steps"), steps_}, std::pair{tr("Seed"), seed_}}) {
    auto* label = new QLabel(text);
    label->setBuddy(spin);
    numbers->addSpacing(8);
    numbers->addWidget(label);
    numbers->addWidget(spin);
  }
  numbers->addStretch(1);
  form->addRow(tr("Context length"), numbers);
}

void RecipePanel::makeUnseen(QFormLayout* form) {
  holdOut_ = new QCheckBox(tr("Hold out"));
  holdOut_->setObjectName(QStringLiteral("unseenBox"));
  unseen_ = new QLineEdit;
  unseen_->setObjectName(QStringLiteral("unseenEdit"));
  unseen_->setPlaceholderText(tr("classes, with commas between them"));
  unseen_->setAccessibleName(tr("Classes held out"));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(holdOut_);
  row->addWidget(unseen_, 1);
  form->addRow(tr("Unseen classes"), row);
}

QWidget* RecipePanel::makeAdvanced() {
  auto* box = new QWidget;
  box->setObjectName(QStringLiteral("advancedBox"));
  auto* form = new QFormLayout(box);
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(8);
  form->setVerticalSpacing(8);
  makeNumbers(form);
  labels_ = new QComboBox;
  labels_->setObjectName(QStringLiteral("labelsBox"));
  labels_->addItems({tr("One sound at a time"), tr("Several sounds at once")});
  labels_->setToolTip(tr("Several at once learns from sentences with two or three sounds, by ranking"));
  labels_->setAccessibleName(tr("Sounds at a time"));
  labels_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
  form->addRow(tr("Labels"), labels_);
  makeUnseen(form);
  template_ = new QLineEdit;
  template_->setObjectName(QStringLiteral("templateEdit"));
  template_->setToolTip(tr("The hand-written sentence tuning is compared with; {} is the class name"));
  template_->setAccessibleName(tr("Template"));
  form->addRow(tr("Template"), template_);
  return box;
}

void RecipePanel::restore() {
  QSettings& settings = app_.settings();
  recipe_->setCurrentIndex(settings.value("teach/recipe", "fast").toString() == QLatin1String("paper") ? 1 : 0);
  context_->setValue(settings.value("teach/contextLength", kContextByRecipe).toInt());
  seed_->setValue(settings.value("teach/seed", 0).toInt());
  labels_->setCurrentIndex(settings.value("teach/multiLabel", false).toBool() ? 1 : 0);
  steps_->setValue(settings.value("teach/steps", 0).toInt());
  unseen_->setText(settings.value("teach/unseen").toString());
  holdOut_->setChecked(settings.value("teach/holdOut", false).toBool());
  template_->setText(app_.textTemplate());
  offerUnseen();
  const bool open = settings.value("teach/advanced", false).toBool();
  more_->setChecked(open);
  advanced_->setVisible(open);
}

void RecipePanel::remember() {
  QSettings& settings = app_.settings();
  settings.setValue("teach/recipe", recipe_->currentData());
  settings.setValue("teach/contextLength", context_->value());
  settings.setValue("teach/seed", seed_->value());
  settings.setValue("teach/multiLabel", labels_->currentIndex() == 1);
  settings.setValue("teach/steps", steps_->value());
  settings.setValue("teach/holdOut", holdOut_->isChecked());
  settings.setValue("teach/unseen", unseen_->text().trimmed());
  explain();
  Q_EMIT changed();
}

void RecipePanel::explain() {
  const bool fixed = steps_->value() > 0;
  QString text = recipe_->currentIndex() == 0 ? tr("stops when nothing is gained any more")
                                              : tr("ten rounds through all sentences");
  if (steps_->value() == 1) {
    text = tr("exactly one step");
  } else if (fixed) {
    text = tr("exactly %1 steps").arg(QLocale().toString(steps_->value()));
  }
  const bool held = holdOut_->isChecked();
  if (held) {
    const std::vector<std::string> names = split_class_names(unseen_->text().toStdString(), app_.classes());
    text = names.size() == 1 ? tr("%1, \"%2\" held out").arg(text, QString::fromStdString(names.front()))
                             : tr("%1, %2 classes held out").arg(text).arg(names.size());
  }
  explanation_->setText(fixed || held ? tr("%1 (Settings)").arg(text) : text);
}

void RecipePanel::offerUnseen() {
  const bool enough = app_.classes().size() > kFewestTuned;
  holdOut_->setEnabled(enough || holdOut_->isChecked());  // what is ticked can be cleared
  unseen_->setEnabled(holdOut_->isChecked());
  const QString tip =
      enough ? tr("Leaves these classes out of tuning, and reports how well they are told apart all the same")
             : tr("Nothing can be held out of fewer than three sounds: at least two must be left to tune");
  holdOut_->setToolTip(tip);
  unseen_->setToolTip(tip);
}

void RecipePanel::proposeUnseen() {
  offerUnseen();
  const ClassList& classes = app_.classes();
  if (holdOut_->isChecked() && unseen_->text().trimmed().isEmpty() && classes.size() > kFewestTuned) {
    QStringList names;
    for (std::size_t i = std::min(kUnseenOneIn, classes.size()) - 1; i < classes.size(); i += kUnseenOneIn) {
      names.append(QString::fromStdString(classes[i].name));
    }
    unseen_->setText(names.join(QStringLiteral(", ")));
  }
  remember();
}

void RecipePanel::templateEdited() {
  if (problem().isEmpty()) app_.setTextTemplate(textTemplate());
  Q_EMIT changed();
}

QString RecipePanel::textTemplate() const {
  const QString text = template_->text().simplified();
  return text.isEmpty() ? QString::fromUtf8(kDefaultTemplate.data()) : text;
}

TunerOptions RecipePanel::options() const {
  TunerOptions options = recipe(recipe_->currentData().toString().toStdString());
  if (context_->value() > kContextByRecipe) options.context_length = context_->value();
  options.seed = static_cast<std::uint64_t>(seed_->value());
  options.multi_label = labels_->currentIndex() == 1;
  options.steps = steps_->value();
  if (holdOut_->isChecked()) options.unseen = split_class_names(unseen_->text().toStdString(), app_.classes());
  check_options(options);
  return options;
}

void RecipePanel::setOptions(const TunerOptions& options, const QString& textTemplate) {
  recipe_->setCurrentIndex(std::max(0, recipe_->findData(QString::fromStdString(options.recipe))));
  const bool byRecipe = options.context_length == hearsay::recipe(options.recipe).context_length;
  context_->setValue(byRecipe ? kContextByRecipe : options.context_length);
  steps_->setValue(options.steps);
  seed_->setValue(static_cast<int>(options.seed));
  labels_->setCurrentIndex(options.multi_label ? 1 : 0);
  QStringList unseen;
  for (const std::string& name : options.unseen) unseen.append(QString::fromStdString(name));
  unseen_->setText(unseen.join(QStringLiteral(", ")));
  holdOut_->setChecked(!unseen.isEmpty());
  template_->setText(textTemplate);
  templateEdited();
}

QString RecipePanel::problem() const {
  try {
    fill_template(textTemplate().toStdString(), "dog");
    const TunerOptions wanted = options();
    return holdOut_->isChecked() ? unseenProblem(wanted.unseen) : QString();
  } catch (const Error& error) {
    return QString::fromUtf8(error.what());
  }
}

QString RecipePanel::unseenProblem(const std::vector<std::string>& unseen) const {
  if (unseen.empty()) return tr("No sound is named to be held out. Name one, or clear \"Hold out\" in the settings.");
  std::set<std::string> left;
  for (const SoundClass& one : app_.classes()) left.insert(fold_name(one.name));
  const std::set<std::string> all = left;
  for (const std::string& name : unseen) {
    const std::string folded = fold_name(name);
    if (!all.contains(folded)) {
      return tr("\"%1\" is to be held out, but is not in the list of sounds. Name another, or clear \"Hold out\" in "
                "the "
                "settings.")
          .arg(QString::fromStdString(name));
    }
    left.erase(folded);
  }
  return left.size() < kFewestTuned ? tr("At least two sounds must be left to tune. Hold out fewer.") : QString();
}

}  // namespace hearsay::ui
