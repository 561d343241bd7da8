#include "ui/files/file_keeper.h"

#include <QElapsedTimer>
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "ui/files/kept_files.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {

namespace {

constexpr int kRestMs = 10000;
constexpr qint64 kShare = 20;  ///< a long table is written rarely: it takes a twentieth of the time at most

}  // namespace

FileKeeper::FileKeeper(AppContext& app, FileTableModel& model, QObject* parent)
    : QObject(parent), app_(app), model_(model) {
  timer_.setSingleShot(true);
  timer_.setInterval(kRestMs);
  connect(&timer_, &QTimer::timeout, this, &FileKeeper::keepInBackground);
}

void FileKeeper::bringBack() {
  const auto rows = std::make_shared<std::vector<FileRow>>();
  app_.runQuietly(
      this, [rows] { *rows = keptFiles(keptFilesFolder()); },
      [this, rows](const QString& error) {
        if (!error.isEmpty()) {
          putAside(keptFilesFolder());
          app_.notify(tr("The files of last time: %1").arg(error), AppContext::NoticeLevel::Warning);
        }
        const int count = static_cast<int>(rows->size());
        if (count > 0) model_.restore(std::move(*rows));
        connect(&model_, &FileTableModel::modelReset, this, &FileKeeper::keepSoon);
        connect(&model_, &FileTableModel::rowsInserted, this, &FileKeeper::keepSoon);
        connect(&model_, &FileTableModel::rowsRemoved, this, &FileKeeper::keepSoon);
        connect(&model_, &FileTableModel::dataChanged, this, &FileKeeper::keepSoon);
        if (model_.rowCount() > count) keepSoon();
        Q_EMIT cameBack(count);
      });
}

void FileKeeper::keepSoon() {
  changed_ = true;
  if (!timer_.isActive()) timer_.start();  // not put off by every result of a long run
}

void FileKeeper::keepInBackground() {
  changed_ = false;
  const auto rows = std::make_shared<const std::vector<FileRow>>(model_.rows());
  const auto took = std::make_shared<qint64>(0);
  app_.runQuietly(
      this,
      [rows, took, turn = turn_, number = ++asked_] {
        const std::lock_guard lock(turn->mutex);
        if (turn->newest > number) return;  // the window has closed and kept more
        turn->newest = number;
        QElapsedTimer clock;
        clock.start();
        keepFiles(keptFilesFolder(), *rows);
        *took = clock.elapsed();
      },
      [this, took](const QString& error) {
        timer_.setInterval(static_cast<int>(std::max<qint64>(kRestMs, kShare * *took)));
        changed_ = changed_ || !error.isEmpty();
        tellFailure(error);
      });
}

void FileKeeper::keepNow() {
  timer_.stop();
  if (!changed_) return;  // another window may have kept more since
  try {
    const std::lock_guard lock(turn_->mutex);
    turn_->newest = ++asked_;
    keepFiles(keptFilesFolder(), model_.rows());
  } catch (const std::exception& error) {
    log_warn("The table of Files is not kept: " + std::string(error.what()));
  }
}

void FileKeeper::tellFailure(const QString& sentence) {
  if (sentence.isEmpty()) {
    failed_ = false;
    return;
  }
  if (std::exchange(failed_, true)) return;
  app_.notify(tr("The table of Files is not kept for the next start: %1").arg(sentence),
              AppContext::NoticeLevel::Warning);
}

}  // namespace hearsay::ui
