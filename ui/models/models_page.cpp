#include "ui/models/models_page.h"

#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QTableView>
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "model/fingerprint.h"
#include "model/model_files.h"
#include "model/model_speed.h"
#include "ui/models/download_dialog.h"
#include "ui/shell/ask_file.h"

namespace hearsay::ui {
namespace {

constexpr int kMostDevices = 8;
const QStringList kWeightSuffixes{"safetensors", "pth", "pt", "bin"};

QString speedKey(const ModelRow& row) {
  return QStringLiteral("speed/%1")
      .arg(row.fingerprint.isEmpty() ? QString::fromStdString(row.installed.name) : row.fingerprint.left(16));
}

/// A folder without weights is for the other pages; one with several is told of by whoever reads it.
bool looksLikeModel(const QFileInfo& info) {
  if (info.isFile()) return kWeightSuffixes.contains(info.suffix().toLower());
  try {
    (void)find_model_files(info.filePath().toStdString());
    return true;
  } catch (const Error& error) {
    return error.kind() == ErrorKind::BadFormat;
  }
}

std::vector<ModelRow> readRows() {
  std::vector<ModelRow> rows;
  for (const InstalledModel& installed : installed_models()) {
    ModelRow row;
    row.installed = installed;
    try {
      row.info = inspect_model(installed.path);
    } catch (const Error& error) {
      row.error = QString::fromUtf8(error.what());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

// --- The list

void ModelsPage::refresh() {
  auto rows = std::make_shared<std::vector<ModelRow>>();
  app_.runQuietly(
      this, [rows] { *rows = readRows(); },
      [this, rows](const QString& error) {
        if (!error.isEmpty()) app_.notify(error, AppContext::NoticeLevel::Error);
        showRows(*rows);
      });
}

void ModelsPage::showRows(const std::vector<ModelRow>& rows) {
  std::vector<ModelRow> all = rows;
  for (ModelRow& row : all) {
    for (const ModelRow& before : model_->rows()) {
      if (before.installed.path != row.installed.path) continue;
      row.fingerprint = before.fingerprint;
      row.windowMs = before.windowMs;
      row.measuredOn = before.measuredOn;
    }
  }
  const ModelRow* before = chosen();
  const std::string name = !wanted_.empty() ? wanted_ : before != nullptr ? before->installed.name : std::string();
  wanted_.clear();
  model_->setRows(std::move(all));
  updateInUse();
  choose(name);
  tellInstalled();
  computeFingerprints();
}

// One after the other beside the job line: a large file takes seconds the first time, and is remembered by the core.
void ModelsPage::computeFingerprints() {
  for (const ModelRow& row : model_->rows()) {
    if (!row.fingerprint.isEmpty() || !row.error.isEmpty()) continue;
    auto found = std::make_shared<std::string>();
    app_.runQuietly(
        this, [found, path = row.installed.path] { *found = remembered_fingerprint(find_model_files(path).weights); },
        [this, found, name = row.installed.name](const QString& error) {
          model_->setFingerprint(name, error.isEmpty() ? QString::fromStdString(*found) : tr("unknown"));
          for (ModelRow known : model_->rows()) {
            if (known.installed.name == name) recallSpeed(known);
          }
          showChosen();
        });
  }
}

const ModelRow* ModelsPage::chosen() const {
  const QModelIndex current = table_->selectionModel() != nullptr ? table_->currentIndex() : QModelIndex();
  const auto row = static_cast<std::size_t>(current.row());
  return current.isValid() && row < model_->rows().size() ? &model_->rows()[row] : nullptr;
}

void ModelsPage::choose(const std::string& name) {
  int at = -1;
  for (int i = 0; i < model_->rowCount(); ++i) {
    const bool wanted = model_->rows()[static_cast<std::size_t>(i)].installed.name == name;
    if (wanted || (at < 0 && model_->inUse(i))) at = i;
    if (wanted) break;
  }
  if (model_->rowCount() > 0) table_->setCurrentIndex(model_->index(std::max(at, 0), 0));
  showChosen();
}

void ModelsPage::updateInUse() {
  const auto current = app_.model();
  model_->setInUse(current ? current->info().path : std::filesystem::path());
  showChosen();
}

// --- Adding and removing

bool ModelsPage::openPaths(const QStringList& paths) {
  QStringList models;
  for (const QString& path : paths) {
    if (looksLikeModel(QFileInfo(path))) models.append(QFileInfo(path).absoluteFilePath());
  }
  if (!models.isEmpty()) install(models);
  return !models.isEmpty();
}

void ModelsPage::install(const QStringList& paths) {
  for (const QString& path : paths) {
    auto added = std::make_shared<InstalledModel>();
    app_.runQuietly(
        this, [added, path = path.toStdString()] { *added = install_model(path); },
        [this, added](const QString& error) {
          if (!error.isEmpty()) {
            app_.notify(error, AppContext::NoticeLevel::Error);
            return;
          }
          app_.notify(tr("Added the model %1. \"Use it\" loads it.").arg(QString::fromStdString(added->name)));
          wanted_ = added->name;
          refresh();
        });
  }
}

void ModelsPage::askFolder() {
  FileQuestion question;
  question.title = tr("Add a model folder");
  question.key = QStringLiteral("folders/models");
  question.folder = true;
  askFile(app_, window(), question, [this](const QStringList& files) { install(files); });
}

void ModelsPage::askModelFile() {
  FileQuestion question;
  question.title = tr("Add a model file");
  question.key = QStringLiteral("folders/models");
  question.filter = tr("Weights (*.pth *.pt *.bin *.safetensors)");
  askFile(app_, window(), question, [this](const QStringList& files) { install(files); });
}

// --- Downloads

void ModelsPage::openDownloads() {
  if (downloads_ == nullptr) {
    const QString folder = QString::fromStdString((data_folder() / "models").string());
    downloads_ = new DownloadDialog(hubAddress(), folder, this);
    connect(downloads_, &DownloadDialog::arrived, this, [this](const QString& path) { install({path}); });
    connect(downloads_, &DownloadDialog::failed, this, [this](const QString& sentence) {
      if (!downloads_->isVisible()) app_.notify(sentence, AppContext::NoticeLevel::Warning);
    });
    connect(downloads_, &DownloadDialog::progressed, this, [this] {
      downloadButton_->setText(downloads_->downloading() ? tr("Downloading, %1 %").arg(downloads_->percent())
                                                         : tr("Download…"));
    });
  }
  tellInstalled();
  downloads_->show();
  downloads_->raise();
  downloads_->activateWindow();
}

void ModelsPage::tellInstalled() {
  if (downloads_ == nullptr) return;
  QStringList folders;
  for (const ModelRow& row : model_->rows()) folders << QString::fromStdString(row.installed.path.string());
  downloads_->setInstalled(folders);
}

void ModelsPage::removeChosen() {
  const ModelRow* row = chosen();
  if (row == nullptr) return;
  const QString name = QString::fromStdString(row->installed.name);
  try {
    const std::filesystem::path path = row->installed.path;
    uninstall_model(row->installed.name);
    std::error_code ignored;
    app_.notify(std::filesystem::exists(path, ignored)
                    ? tr("%1 is no longer in the list. Its files stay where they are.").arg(name)
                    : tr("%1 is no longer in the list.").arg(name));
  } catch (const Error& error) {
    app_.notify(QString::fromUtf8(error.what()), AppContext::NoticeLevel::Warning);
  }
  refresh();
}

void ModelsPage::useChosen() {
  if (const ModelRow* row = chosen(); row != nullptr) app_.loadModel(QString::fromStdString(row->installed.name));
}

void ModelsPage::copyFingerprint() {
  const ModelRow* row = chosen();
  if (row == nullptr || row->fingerprint.isEmpty()) return;
  QGuiApplication::clipboard()->setText(row->fingerprint);
  app_.notify(tr("The fingerprint is on the clipboard."));
}

// --- Speed

void ModelsPage::measureChosen() {
  if (!measuring_.empty()) return app_.jobs().cancelJob(measureJob_);
  const ModelRow* row = chosen();
  if (row == nullptr) return;
  struct Measured {
    double ms = -1.0;
    QString device;
  };
  auto measured = std::make_shared<Measured>();
  const std::string name = row->installed.name;
  std::shared_ptr<const ClapModel> loaded;
  if (model_->inUse(table_->currentIndex().row())) loaded = app_.model();
  const auto work = [measured, loaded, path = row->installed.path, device = app_.device().toStdString()](
                        JobControl& control, const ProgressFn&) {
    LoadOptions options;
    options.device = device;
    options.control = &control;
    const std::shared_ptr<const ClapModel> model = loaded ? loaded : ClapModel::load(path, options);
    measured->ms = measure_window(*model, &control);
    measured->device = QString::fromStdString(model->device().name);
  };
  measuring_ = name;
  measureJob_ =
      app_.jobs().submit(tr("Measuring %1").arg(QString::fromStdString(name)), work,
                         [page = QPointer<ModelsPage>(this), measured, name](const JobService::Outcome& outcome) {
                           if (!page) return;
                           page->measuring_.clear();
                           if (outcome.ok && measured->ms >= 0.0) {
                             page->model_->setSpeed(name, measured->ms, measured->device);
                           } else if (!outcome.cancelled) {
                             page->app_.notify(outcome.error, AppContext::NoticeLevel::Error);
                           }
                           for (const ModelRow& known : page->model_->rows()) {
                             if (known.installed.name == name) page->rememberSpeed(known);
                           }
                           page->showChosen();
                         });
  showChosen();
}

void ModelsPage::rememberSpeed(const ModelRow& row) {
  if (row.windowMs < 0.0) return;
  app_.settings().setValue(speedKey(row), QStringList{QString::number(row.windowMs), row.measuredOn});
}

void ModelsPage::recallSpeed(ModelRow& row) {
  if (row.windowMs >= 0.0) return;
  const QStringList known = app_.settings().value(speedKey(row)).toStringList();
  if (known.size() == 2) model_->setSpeed(row.installed.name, known[0].toDouble(), known[1]);
}

// --- Device

void ModelsPage::findDevices() {
  auto found = std::make_shared<QStringList>();
  app_.runQuietly(
      this,
      [found] {
        for (int i = 0; i < kMostDevices; ++i) {
          const std::string name = "cuda:" + std::to_string(i);
          try {
            choose_device(name);
          } catch (const Error&) {
            return;
          }
          found->append(QString::fromStdString(name));
        }
      },
      [this, found](const QString&) {
        const QSignalBlocker blocker(device_);
        for (const QString& name : *found) device_->addItem(tr("Graphics card %1").arg(name), name);
        const QString wanted = app_.device() == QLatin1String("cuda") ? QStringLiteral("cuda:0") : app_.device();
        device_->setCurrentIndex(std::max(0, device_->findData(wanted)));
      });
}

void ModelsPage::deviceChosen() {
  const QString device = device_->currentData().toString();
  if (device == app_.device()) return;
  app_.setDevice(device);
  const auto current = app_.model();
  app_.loadModel(current ? QString::fromStdString(current->info().path.string())
                         : app_.settings().value("model/last", "starter").toString());
}

}  // namespace hearsay::ui
