// What is tuned and not saved: kept, and back at the next start and those after it.

#include <QDir>
#include <QSignalSpy>
#include <QTest>

#include "base/files.h"
#include "ui/shell/app_context.h"
#include "ui/test_home.h"

using namespace hearsay;
using hearsay::ui::AppContext;

namespace {

constexpr int kLong = 80000;
const QString kTiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");

}  // namespace

class TestKeptPrompts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aTunedSetThatNobodySavedComesBackAtEveryStart() {
    for (int start = 0; start < 4; ++start) {
      AppContext app;
      QSignalSpy notices(&app, &AppContext::noticed);
      app.restore();
      app.loadModel(kTiny);
      QTRY_VERIFY_WITH_TIMEOUT(app.prompts() != nullptr, kLong);
      if (start == 0) {
        PromptSet tuned = *app.prompts();
        tuned.tuned = true;
        tuned.coarse = tuned.fine = tuned.zero_shot;
        tuned.coarse_context = tuned.fine_context = Matrix(4, app.model()->info().text_width);
        app.usePrompts(tuned);
      }
      QVERIFY2(notices.isEmpty(), qPrintable(notices.value(0).value(0).toString()));
      QVERIFY(app.prompts()->tuned && app.promptsUnsaved());
      const QDir kept(QString::fromStdString((data_folder() / "tuned").string()));
      QCOMPARE(kept.entryList(QDir::Files).size(), 1);
    }
  }

 private:
  TestHome home_;
};

QTEST_MAIN(TestKeptPrompts)
#include "test_kept_prompts.moc"
