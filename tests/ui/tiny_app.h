#pragma once
// What the tests of single pages begin with: a home of their own and the tiny model with random weights.

#include <QCoreApplication>
#include <QLocale>
#include <QTest>
#include <memory>

#include "ui/shell/app_context.h"
#include "ui/test_home.h"

/// Milliseconds until something in the background must have happened, on the slowest machine.
inline constexpr int kPatience = 60000;

/// `name` keeps the settings of one test apart from those of others. Null when the model does not come.
inline std::unique_ptr<hearsay::ui::AppContext> startTinyApp(const char* name, const char* classes) {
  QLocale::setDefault(QLocale::c());
  QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
  QCoreApplication::setApplicationName(QString::fromLatin1(name));
  auto app = std::make_unique<hearsay::ui::AppContext>();
  app->setClasses(hearsay::parse_classes(classes));
  app->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
  const auto ready = [&app] { return app->prompts() && app->prompts()->size() == app->classes().size(); };
  if (!QTest::qWaitFor(ready, kPatience)) app.reset();
  return app;
}

/// What the tests of one page begin with: that program with three classes.
class TinyAppFixture {
 protected:
  /// Once, with a name for the settings; false when the model does not come.
  bool open(const char* name) {
    app_ = startTinyApp(name, "dog, rain, bell");
    if (app_) rate_ = app_->model()->info().sample_rate;
    return app_ != nullptr;
  }
  void close() {
    app_->shutDown();
    app_.reset();
  }

  TestHome home_;
  std::unique_ptr<hearsay::ui::AppContext> app_;
  int rate_ = 0;
};
