#include "ui/files/file_batch.h"
#include "ui/charts/format.h"

#include <QPointer>
#include <utility>

#include "ui/shell/job_service.h"

namespace hearsay::ui {

FileBatch::FileBatch(JobService& jobs, std::vector<Item> items, std::shared_ptr<const ClapModel> model,
                     std::shared_ptr<const PromptSet> prompts, const ClassifyOptions& options, QObject* parent)
    : QObject(parent),
      prompts_(std::move(prompts)),
      items_(std::make_shared<const std::vector<Item>>(std::move(items))),
      mailbox_(std::make_shared<Mailbox>()) {
  const QString title = tr("Naming %1").arg(filesText(static_cast<int>(items_->size())));
  const auto work = [model = std::move(model), set = prompts_, batch = items_, box = mailbox_, options](
                        JobControl& control, const ProgressFn& progress) {
    std::vector<std::filesystem::path> paths;
    paths.reserve(batch->size());
    for (const Item& item : *batch) paths.push_back(item.path);
    std::size_t next = 0;
    classify_files(*model, *set, paths, options, &control, progress, [&](FileResult&& result) {
      const std::lock_guard lock(box->mutex);
      box->results.push_back({(*batch)[next++].id, std::move(result)});
    });
  };
  const QPointer<FileBatch> self(this);
  job_ = jobs.submit(title, work, [self](const JobService::Outcome& outcome) {
    if (!self) return;
    self->timer_.stop();
    self->empty();
    Q_EMIT self->finished(outcome.cancelled, outcome.error);
    self->deleteLater();
  });
  connect(&timer_, &QTimer::timeout, this, &FileBatch::empty);
  timer_.start(100);
}

QVector<qint64> FileBatch::unfinished() const {
  QVector<qint64> ids;
  for (std::size_t i = arrivedCount_; i < items_->size(); ++i) ids.push_back((*items_)[i].id);
  return ids;
}

void FileBatch::empty() {
  std::vector<Result> results;
  {
    const std::lock_guard lock(mailbox_->mutex);
    results.swap(mailbox_->results);
  }
  if (results.empty()) return;
  arrivedCount_ += results.size();
  Q_EMIT arrived(results);
}

}  // namespace hearsay::ui
