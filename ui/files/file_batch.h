#pragma once
// Files on their way through the model: one job in the job line, whose results come back in lumps.

#include <QObject>
#include <QTimer>
#include <memory>
#include <mutex>
#include <vector>

#include "classify/file_classifier.h"

namespace hearsay::ui {

class JobService;

class FileBatch : public QObject {
  Q_OBJECT
 public:
  struct Item {
    qint64 id = 0;
    std::filesystem::path path;
  };
  struct Result {
    qint64 id = 0;
    FileResult result;
  };

  /// Puts itself in the line at once; deletes itself some time after finished().
  FileBatch(JobService& jobs, std::vector<Item> items, std::shared_ptr<const ClapModel> model,
            std::shared_ptr<const PromptSet> prompts, const ClassifyOptions& options, QObject* parent);

  [[nodiscard]] const std::shared_ptr<const PromptSet>& prompts() const { return prompts_; }
  [[nodiscard]] int job() const { return job_; }
  /// Ids that have no result (yet).
  [[nodiscard]] QVector<qint64> unfinished() const;

 Q_SIGNALS:
  void arrived(const std::vector<hearsay::ui::FileBatch::Result>& results);
  void finished(bool cancelled, const QString& error);

 private:
  struct Mailbox {
    std::mutex mutex;
    std::vector<Result> results;
  };
  void empty();

  std::shared_ptr<const PromptSet> prompts_;
  std::shared_ptr<const std::vector<Item>> items_;
  std::shared_ptr<Mailbox> mailbox_;
  std::size_t arrivedCount_ = 0;
  int job_ = -1;
  QTimer timer_;
};

}  // namespace hearsay::ui
