#pragma once
// The whole window with the tiny model, and a list of three sounds of which the template's set is there.

#include <QTest>
#include <memory>

#include "ui/shell/main_window.h"
#include "ui/test_home.h"

inline constexpr int kLong = 60000;

class WindowFixture {
 protected:
  /// Before every test, with a home of its own; false when the model does not come.
  bool openFresh() {
    home_ = std::make_unique<TestHome>();
    if (!open()) return false;
    app_->setClasses(hearsay::parse_classes("dog\nrain\nbell"));
    return QTest::qWaitFor([this] { return app_->prompts() && app_->prompts()->size() == 3; }, kLong);
  }
  bool open() {
    app_ = std::make_unique<hearsay::ui::AppContext>();
    window_ = std::make_unique<hearsay::ui::MainWindow>(*app_);
    window_->resize(1100, 760);
    window_->show();
    app_->restore();
    return useModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
  }
  bool useModel(const QString& folder) {
    const auto before = app_->model();
    app_->loadModel(folder);
    return QTest::qWaitFor([&] { return app_->model() && app_->model() != before; }, kLong);
  }
  void close() {
    window_->close();
    window_.reset();
    app_.reset();
  }
  bool startAgain() {
    close();
    return open();
  }
  template <typename T>
  T* find(const char* name) {
    return window_->findChild<T*>(QString::fromLatin1(name));
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<hearsay::ui::AppContext> app_;
  std::unique_ptr<hearsay::ui::MainWindow> window_;
};
