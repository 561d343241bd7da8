// Listen with a model that is too slow for the microphone: the page says so with figures, shows how often it predicts
// now, stays near the sound, and goes back when the model is quick again.

#include <QDoubleSpinBox>
#include <QTest>
#include <atomic>
#include <chrono>
#include <thread>

#include "support/forwarding_model.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/listen_fixture.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

/// The tiny model, waiting as long as it is told before every window.
class SlowModel : public hearsay::testing::ForwardingModel {
 public:
  SlowModel(std::shared_ptr<ClapModel> inner, std::shared_ptr<std::atomic<int>> delay)
      : ForwardingModel(std::move(inner)), delay_(std::move(delay)) {}
  [[nodiscard]] AudioEmbeddings embed_audio(const AudioFeatures& features) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_->load()));
    return inner().embed_audio(features);
  }

 private:
  std::shared_ptr<std::atomic<int>> delay_;
};

}  // namespace

class TestSlowModel : public QObject, protected ListenFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY2(open("slow-model"), "the model does not load");
    const auto before = app_->model();
    app_->setOpener([delay = delay_](const std::filesystem::path& path, const LoadOptions& options) {
      return std::make_shared<SlowModel>(ClapModel::load(path, options), delay);
    });
    app_->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != before && !app_->modelLoading(), kPatience);
  }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void listenSaysSoWidensTheHopAndStaysLive() {
    *delay_ = 400;
    replay(silenceAndSound(rate_, 20), true);
    hop()->setValue(0.2);
    QVERIFY(!pace()->isVisible());
    button("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(status().contains(QStringLiteral("too long for a prediction every 0.20 s")), kPatience);
    QVERIFY2(status().startsWith(QStringLiteral("The model needs 0.")), qPrintable(status()));  // its figure
    QTRY_VERIFY_WITH_TIMEOUT(pace()->isVisible(), kPatience);
    QVERIFY2(pace()->text().startsWith(QStringLiteral("now ")), qPrintable(pace()->text()));
    QVERIFY(pace()->toolTip().contains(QStringLiteral("every 0.2 s")));
    QCOMPARE(hop()->value(), 0.2);  // what was asked for stays
    keepPicture(*page_, QStringLiteral("listen-slow"));

    const auto before = view().timeline().count();
    QTRY_VERIFY_WITH_TIMEOUT(view().timeline().count() > before + 4, kPatience);  // it goes on
    QTRY_VERIFY_WITH_TIMEOUT(view().spectrogram().liveEnd() - view().timeline().end() < 2.0, kPatience);
    QVERIFY(page_->listening());

    *delay_ = 0;
    QTRY_VERIFY_WITH_TIMEOUT(status().contains(QStringLiteral("needs only")), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!pace()->isVisible(), kPatience);
    *delay_ = 400;
    QTRY_VERIFY_WITH_TIMEOUT(pace()->isVisible(), kPatience);
    button("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QVERIFY(!pace()->isVisible());
  }

  void askingForLessIsNoLongerTooSlow() {
    *delay_ = 400;
    replay(silenceAndSound(rate_, 20), true);
    hop()->setValue(0.2);
    button("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(pace()->isVisible(), kPatience);
    hop()->setValue(5.0);
    QTRY_VERIFY_WITH_TIMEOUT(!pace()->isVisible(), kPatience);
    button("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
  }

  void theChartHasNoHoleWhereTheHopChanges() {
    LiveView chart(app_->settings());
    chart.setClasses(app_->prompts()->classes);
    StreamPrediction prediction;
    prediction.smoothed.assign(3, 0.5F);
    for (const auto& [time, hop] : std::vector<std::pair<double, double>>{{1, 1}, {2, 1}, {3, 0.4}, {3.4, 0.4}}) {
      prediction.time = time;
      prediction.hop = hop;  // the one in force from then on
      chart.append(prediction);
    }
    for (const double at : {1.5, 2.1, 2.5, 2.9, 3.2}) QCOMPARE(chart.timeline().valueAt(at, 0), 0.5);
  }

 private:
  QDoubleSpinBox* hop() { return page_->findChild<QDoubleSpinBox*>(QStringLiteral("hop")); }
  QLabel* pace() { return page_->findChild<QLabel*>(QStringLiteral("pace")); }

  std::shared_ptr<std::atomic<int>> delay_ = std::make_shared<std::atomic<int>>(0);
};

QTEST_MAIN(TestSlowModel)
#include "test_slow_model.moc"
