#pragma once
// The Files page with the table that is kept on disk, empty before every test.

#include "ui/files/file_keeper.h"
#include "ui/files/kept_files.h"
#include "ui/files_fixture.h"

class KeptFilesFixture : protected FilesFixture {
 protected:
  /// Before every test, in place of openPage().
  bool openPageAnew() {
    std::filesystem::remove_all(hearsay::ui::keptFilesFolder());
    return openPage() && bringBack(*page_);
  }
  /// Until the page has the table that is kept.
  static bool bringBack(hearsay::ui::FilesPage& page) {
    bool back = false;
    QObject::connect(
        page.findChild<hearsay::ui::FileKeeper*>(), &hearsay::ui::FileKeeper::cameBack, &page, [&back] { back = true; },
        Qt::SingleShotConnection);
    page.bringBack();
    return QTest::qWaitFor([&back] { return back; }, kPatience);
  }
  void closeOnly() {
    page_->shutDown();
    page_.reset();
  }
  void openOnly() {
    page_ = std::make_unique<hearsay::ui::FilesPage>(*app_);
    page_->resize(952, 616);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QVERIFY(bringBack(*page_));
  }
  /// As the window is closed and opened again.
  void reopen() {
    closeOnly();
    openOnly();
  }
};
