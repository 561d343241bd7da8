#include "ui/shell/top_bar.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QToolButton>
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "model/safetensors.h"
#include "prompts/prompt_metadata.h"
#include "ui/charts/format.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr std::size_t kNamesInMenu = 3;

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

QString promptsInWords(const PromptSet& prompts, const QString& file, bool unsaved) {
  const QString classes = classesText(static_cast<int>(prompts.size()));
  if (!prompts.tuned) return TopBar::tr("Zero-shot, %1").arg(classes);
  const QString what = prompts.preferred == ScoreKind::ZeroShot ? TopBar::tr("Tuned without gain, %1").arg(classes)
                                                                : TopBar::tr("Tuned, %1").arg(classes);
  if (unsaved) return TopBar::tr("%1, not saved").arg(what);
  return file.isEmpty() ? what : TopBar::tr("%1: %2").arg(what, QFileInfo(file).fileName());
}

QString recentInWords(const QString& file) {
  const QFileInfo info(file);
  const QString kept = QString::fromStdString((data_folder() / "tuned").string());
  if (info.absolutePath() != QFileInfo(kept).absoluteFilePath()) return info.fileName();
  const QString when = QLocale().toString(info.lastModified(), QLocale::ShortFormat);
  try {
    const std::string path = file.toStdString();
    const PromptSet set = prompts_from_metadata(SafetensorsFile::open(path).metadata(), path);
    QStringList names;
    for (std::size_t k = 0; k < std::min(set.size(), kNamesInMenu); ++k) {
      names << QString::fromStdString(set.classes[k].name);
    }
    const QString list =
        names.join(QStringLiteral(", ")) + (set.size() > kNamesInMenu ? QStringLiteral("…") : QString());
    return TopBar::tr("Tuned %1, %2: %3").arg(when, classesText(static_cast<int>(set.size())), list);
  } catch (const Error&) {
    return TopBar::tr("Tuned %1 (kept automatically)").arg(when);  // what is wrong is said when it is opened
  }
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
    model_->setText(tr("Loading %1, %2 %").arg(app_.loadingName()).arg(static_cast<int>(100.0 * fraction)));
  }
}

void TopBar::showPrompts() {
  const auto prompts = app_.prompts();
  prompts_->setEnabled(true);
  if (prompts) {
    prompts_->setText(promptsInWords(*prompts, app_.promptsFile(), app_.promptsUnsaved()));
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
  plain->setEnabled(app_.model() != nullptr);
  const QStringList recent = app_.recentPrompts();
  if (!recent.isEmpty()) sets_->addSeparator();
  for (const QString& file : recent) {
    QAction* action = sets_->addAction(recentInWords(file), this, [this, file] { app_.openPrompts(file); });
    action->setCheckable(true);
    action->setChecked(file == app_.promptsFile() || file == app_.promptsKept());
    action->setToolTip(file);
  }
  sets_->addSeparator();
  sets_->addAction(tr("Tune a new one…"), this, [this] { app_.showPage(QStringLiteral("teach")); });
}

}  // namespace hearsay::ui
