#pragma once
// The Files page as a person opens it, with the tiny model and four sounds in folders, two of them named after classes.

#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <filesystem>
#include <memory>
#include <string_view>

#include "audio/decode.h"
#include "support/sounds.h"
#include "ui/files/files_page.h"
#include "ui/shell/app_context.h"
#include "ui/tiny_app.h"

class FilesFixture : protected TinyAppFixture {
 protected:
  /// Before every test.
  bool openPage() {
    app_->settings().clear();
    folder_ = std::make_unique<QTemporaryDir>();
    for (const char* name : {"dog/a.wav", "dog/b.wav", "rain/c.wav", "elsewhere/d.wav"}) makeSound(name);
    page_ = std::make_unique<hearsay::ui::FilesPage>(*app_);
    page_->resize(952, 616);
    page_->show();
    return QTest::qWaitForWindowExposed(page_.get());
  }
  void closePage() {
    page_->shutDown();
    page_.reset();
    folder_.reset();
  }

  void makeSound(const char* name) {
    const std::filesystem::path file(folder_->filePath(QString::fromLatin1(name)).toStdString());
    std::filesystem::create_directories(file.parent_path());
    const double hertz = 200.0 * (1 + name[std::string_view(name).size() - 5] - 'a');
    hearsay::write_wav(file, hearsay::testing::sine(hertz, rate_, 1.5, 0.4), rate_);
  }

  void openAndWait(const QStringList& paths, int files) {
    using hearsay::ui::FileState;
    QVERIFY(page_->openPaths(paths));
    QTRY_COMPARE_WITH_TIMEOUT(model().rowCount(), files, kPatience);
    const auto over = [this] { return model().count(FileState::Done) + model().count(FileState::Failed); };
    QTRY_COMPARE_WITH_TIMEOUT(over(), files, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
  }

  hearsay::ui::FileTableModel& model() { return page_->model(); }
  QTableView* table() { return page_->findChild<QTableView*>(QStringLiteral("fileTable")); }
  QToolButton* tool(const char* name) { return page_->findChild<QToolButton*>(QString::fromLatin1(name)); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<hearsay::ui::FilesPage> page_;
};
