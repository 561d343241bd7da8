#include "ui/shell/top_bar.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

#include "ui/charts/format.h"
#include "ui/shell/icons.h"
#include "ui/shell/recent_prompts.h"

namespace hearsay::ui {
namespace {

QToolButton* makeMenuButton(const QString& name, const QString& picture, QMenu* menu) {
  auto* button = new QToolButton;
  button->setObjectName(name);
  button->setIcon(icon(picture));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setPopupMode(QToolButton::InstantPopup);
  button->setAutoRaise(true);
  button->setMenu(menu);
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

}  // namespace

QString promptsInWords(const PromptSet& prompts, const QString& file, bool unsaved, bool edited) {
  const QString classes = classesText(static_cast<int>(prompts.size()));
  QString what = TopBar::tr("Zero-shot, %1").arg(classes);
  if (prompts.tuned) {
    what = prompts.preferred == ScoreKind::ZeroShot ? TopBar::tr("Tuned without gain, %1").arg(classes)
                                                    : TopBar::tr("Tuned, %1").arg(classes);
  }
  if (unsaved) return TopBar::tr("%1, not saved").arg(what);
  if (file.isEmpty()) return what;
  const QString name = QFileInfo(file).fileName();
  return edited ? TopBar::tr("%1: %2, edited").arg(what, name) : TopBar::tr("%1: %2").arg(what, name);
}

TopBar::TopBar(AppContext& app, QWidget* parent) : QFrame(parent), app_(app) {
  setObjectName(QStringLiteral("topBar"));
  models_ = new QMenu(this);
  sets_ = new QMenu(this);
  model_ = makeMenuButton(QStringLiteral("modelButton"), QStringLiteral("models"), models_);
  prompts_ = makeMenuButton(QStringLiteral("promptsButton"), QStringLiteral("tune"), sets_);
  device_ = new QLabel;
  device_->setObjectName(QStringLiteral("deviceLabel"));
  device_->setToolTip(tr("What the model runs on; the Models page changes it"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 4, 16, 4);
  row->setSpacing(8);
  row->addWidget(model_);
  row->addWidget(prompts_);
  row->addStretch(1);
  row->addWidget(device_);
  setFixedHeight(40);
  connect(models_, &QMenu::aboutToShow, this, &TopBar::fillModels);
  connect(sets_, &QMenu::aboutToShow, this, &TopBar::fillPrompts);
  connect(&app_, &AppContext::modelLoadingChanged, this, &TopBar::showModel);
  connect(&app_, &AppContext::modelLoadingProgressed, this, &TopBar::showLoading);
  connect(&app_, &AppContext::modelChanged, this, &TopBar::showModel);
  connect(&app_, &AppContext::promptsChanged, this, &TopBar::showPrompts);
  connect(&app_, &AppContext::modelChanged, this, &TopBar::showPrompts);
  connect(&app_, &AppContext::thresholdsChanged, this, &TopBar::showPrompts);
  showModel();
  showPrompts();
}

void TopBar::showModel() {
  const auto model = app_.model();
  if (app_.modelLoading()) {
    model_->setText(tr("Loading %1…").arg(app_.loadingName()));
  } else {
    model_->setText(model ? QString::fromStdString(model->info().name) : tr("No model"));
  }
  model_->setToolTip(tr("The model in use. Click to choose another one."));
  model_->setAccessibleName(tr("Model: %1").arg(model_->text()));
  device_->setText(model ? tr("Runs on %1").arg(QString::fromStdString(model->device().name)) : QString());
}

void TopBar::showLoading(double fraction) {
  if (fraction >= 1.0) {
    model_->setText(tr("Loading %1, reading its fingerprint…").arg(app_.loadingName()));
  } else {
    model_->setText(
        tr("Loading %1, %2 %").arg(app_.loadingName(), QString::number(static_cast<int>(100.0 * fraction))));
  }
}

void TopBar::showPrompts() {
  const auto prompts = app_.prompts();
  prompts_->setEnabled(true);
  if (prompts) {
    prompts_->setText(promptsInWords(*prompts, app_.promptsFile(), app_.promptsUnsaved(), app_.promptsEdited()));
    prompts_->setToolTip(
        prompts->tuned ? tr("Prompts tuned from text are in use. Click to go back to the template or open others.")
                       : tr("The class names in a hand-written sentence, nothing tuned. Click to open a tuned set."));
  } else {
    prompts_->setText(tr("No prompts yet"));
    prompts_->setToolTip(tr("They are made as soon as there are a model and a list of classes."));
  }
  prompts_->setAccessibleName(tr("Prompt set: %1").arg(prompts_->text()));
}

void TopBar::fillModels() {
  models_->clear();
  try {
    const auto current = app_.model();
    for (const InstalledModel& installed : installed_models()) {
      const QString name = QString::fromStdString(installed.name);
      QAction* action = models_->addAction(name, this, [this, name] { app_.loadModel(name); });
      action->setCheckable(true);
      action->setChecked(current && current->info().name == installed.name);
    }
  } catch (const std::exception& error) {
    models_->addAction(QString::fromUtf8(error.what()))->setEnabled(false);
  }
  models_->addSeparator();
  models_->addAction(tr("Manage models…"), this, [this] { app_.showPage(QStringLiteral("models")); });
}

void TopBar::fillPrompts() {
  sets_->clear();
  const auto prompts = app_.prompts();
  QAction* plain = sets_->addAction(tr("Zero-shot (the template)"), this, [this] { app_.useZeroShot(); });
  plain->setCheckable(true);
  plain->setChecked(prompts && !prompts->tuned);
  plain->setEnabled(app_.model() != nullptr && !app_.classes().empty());
  sets_->addSeparator();
  addRecentPrompts(sets_, app_);
  sets_->addSeparator();
  sets_->addAction(tr("Tune a new one…"), this, [this] { app_.showPage(QStringLiteral("teach")); });
}

}  // namespace hearsay::ui
