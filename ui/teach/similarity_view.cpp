#include "ui/teach/similarity_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "prompts/class_similarity.h"
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
    const auto add = [this](const QString& text, ScoreKind kind) { kind_->addItem(text, static_cast<int>(kind)); };
    if (tuned) {
      add(tr("Fused"), ScoreKind::Fused);
      add(tr("Coarse"), ScoreKind::Coarse);
      add(tr("Fine"), ScoreKind::Fine);
    }
    add(tr("Zero-shot"), ScoreKind::ZeroShot);
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
  const auto kind = static_cast<ScoreKind>(kind_->currentData().toInt());
  map_->setData(names, class_similarity(*prompts_, kind));
  words_->setText(map_->inWords());
}

}  // namespace hearsay::ui
