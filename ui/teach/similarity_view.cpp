#include "ui/teach/similarity_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/charts/similarity_map.h"

namespace hearsay::ui {

SimilarityView::SimilarityView(AppContext& app, QWidget* parent) : QWidget(parent) {
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("similarityKind"));
  kind_->setAccessibleName(tr("Prompts the map is drawn from"));
  kind_->setToolTip(tr("Prompts the map is drawn from"));
  words_ = new QLabel;
  words_->setObjectName(QStringLiteral("similarityWords"));
  words_->setWordWrap(true);
  map_ = new SimilarityMap;
  map_->setObjectName(QStringLiteral("similarityMap"));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(words_, 1);
  row->addWidget(kind_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addLayout(row);
  column->addWidget(map_, 1);
  connect(kind_, &QComboBox::currentIndexChanged, this, &SimilarityView::draw);
  connect(&app, &AppContext::promptsChanged, this, [this, &app] { showPrompts(app.prompts()); });
  showPrompts(app.prompts());
}

void SimilarityView::showPrompts(const std::shared_ptr<const PromptSet>& prompts) {
  prompts_ = prompts;
  const bool tuned = prompts && prompts->tuned;
  if (const int wanted = tuned ? 4 : 1; kind_->count() != wanted) {
    const QSignalBlocker blocker(kind_);
    kind_->clear();
    if (tuned) kind_->addItems({tr("Fused"), tr("Coarse"), tr("Fine")});
    kind_->addItem(tr("Zero-shot"));
  }
  draw();
}

void SimilarityView::draw() {
  if (!prompts_) {
    map_->setData({}, {});
    words_->setText(tr("How alike the classes are is shown as soon as a model has read their names."));
    return;
  }
  QStringList names;
  for (const SoundClass& one : prompts_->classes) names.append(QString::fromStdString(one.name));
  const int kind = prompts_->tuned ? kind_->currentIndex() : 3;
  if (kind == 0) {
    map_->setData(names, meanOf(cosinesBetween(prompts_->coarse), cosinesBetween(prompts_->fine)));
  } else if (kind == 1) {
    map_->setData(names, cosinesBetween(prompts_->coarse));
  } else if (kind == 2) {
    map_->setData(names, cosinesBetween(prompts_->fine));
  } else {
    map_->setData(names, cosinesBetween(prompts_->zero_shot));
  }
  words_->setText(tr("Bright pairs are easily confused. %1").arg(map_->mostAlike()));
}

}  // namespace hearsay::ui
