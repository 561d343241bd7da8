#pragma once
// What the tests of the Teach page share: the page as a person opens it, in a home of its own, with the tiny model.

#include <QTest>
#include <memory>

#include "test_home.h"
#include "ui/shell/app_context.h"
#include "ui/teach/teach_page.h"

class TeachFixture {
 protected:
  static constexpr int kLong = 80000;  // QTest waits up to three times that, its watchdog 300 s

  /// Before every test. `advanced`: with the settings open.
  void open(bool advanced = false) {
    home_ = std::make_unique<TestHome>();
    app_ = std::make_unique<hearsay::ui::AppContext>();
    if (advanced) app_->settings().setValue("teach/advanced", true);
    page_ = std::make_unique<hearsay::ui::TeachPage>(*app_);
    page_->resize(940, 600);
    page_->show();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
  }
  void close() {
    page_.reset();
    app_.reset();
  }

  template <typename T>
  T* find(const char* name) {
    return page_->findChild<T*>(QString::fromLatin1(name));
  }
  void loadTiny() {
    app_->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != nullptr, kLong);
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<hearsay::ui::AppContext> app_;
  std::unique_ptr<hearsay::ui::TeachPage> page_;
};
