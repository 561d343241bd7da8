#include "ui/models/caption_cache_line.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "prompts/feature_cache.h"
#include "ui/models/model_table.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

CaptionCacheLine::CaptionCacheLine(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  size_ = new QLabel(tr("Caption cache"));
  size_->setObjectName(QStringLiteral("captionCacheSize"));
  clear_ = new QPushButton(icon(QStringLiteral("remove")), tr("Clear"));
  clear_->setObjectName(QStringLiteral("clearCaptionCacheButton"));
  clear_->setToolTip(tr("Removes what the text towers made of captions; tuning makes it again"));
  clear_->setAccessibleName(tr("Clear the caption cache"));
  clear_->setEnabled(false);
  connect(clear_, &QPushButton::clicked, this, &CaptionCacheLine::clear);
  row->addWidget(size_);
  row->addWidget(clear_);
  row->addStretch(1);
}

void CaptionCacheLine::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  refresh();
}

void CaptionCacheLine::refresh() {
  auto contents = std::make_shared<CacheContents>();
  app_.runQuietly(
      this, [contents] { *contents = feature_cache_contents(); },
      [this, contents](const QString& error) {
        const bool damaged = !contents->problem.empty();
        const bool anything = contents->entries > 0 || damaged;
        clear_->setEnabled(error.isEmpty() && anything);
        const QString problem = error.isEmpty() ? QString::fromStdString(contents->problem) : error;
        size_->setToolTip(problem.isEmpty() ? QString::fromStdString(contents->file.string()) : problem);
        if (!problem.isEmpty()) {
          size_->setText(tr("Caption cache: cannot be used"));
        } else if (!anything) {
          size_->setText(tr("Caption cache: empty"));
        } else {
          size_->setText(tr("Caption cache: %1").arg(sizeInWords(static_cast<std::uintmax_t>(contents->bytes))));
        }
      });
}

void CaptionCacheLine::clear() {
  clear_->setEnabled(false);
  app_.runQuietly(
      this, [] { clear_feature_cache(); },
      [this](const QString& error) {
        if (!error.isEmpty()) app_.notify(error, AppContext::NoticeLevel::Error);
        refresh();
      });
}

}  // namespace hearsay::ui
