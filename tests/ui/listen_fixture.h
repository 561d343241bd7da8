#pragma once
// A Listen page that hears what is replayed instead of a microphone, for the tests that drive it.

#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <filesystem>

#include "base/files.h"
#include "support/sounds.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/live_view.h"
#include "ui/listen/now_label.h"
#include "ui/shell/notice_bar.h"
#include "ui/tiny_app.h"

/// Three seconds of silence, then six of sound, over and over.
inline std::vector<float> silenceAndSound(int rate, int times) {
  std::vector<float> all;
  const std::vector<float> sound = hearsay::testing::noise(static_cast<std::size_t>(rate) * 6, 0.3);
  for (int i = 0; i < times; ++i) {
    all.insert(all.end(), static_cast<std::size_t>(rate) * 3, 0.0F);
    all.insert(all.end(), sound.begin(), sound.end());
  }
  return all;
}

class ListenFixture : protected TinyAppFixture {
 protected:
  /// Before every test: a page as at the first start, without events.
  bool openPage() {
    app_->rememberThresholds(app_->classes(), std::vector<double>(app_->classes().size(), hearsay::kUsualThreshold));
    app_->settings().clear();
    std::filesystem::remove_all(hearsay::data_folder() / "events");
    page_ = std::make_unique<hearsay::ui::ListenPage>(*app_);
    page_->resize(952, 616);
    replay(silenceAndSound(rate_, 3));
    page_->show();
    return QTest::qWaitForWindowExposed(page_.get());
  }
  void closePage() {
    page_->shutDown();
    page_.reset();
    app_->stopPlaying();
  }
  void replay(std::vector<float> samples, bool realtime = false) {
    page_->setSourceFactory([samples = std::move(samples), rate = rate_, realtime] {
      return hearsay::replay_samples(samples, rate, realtime);
    });
  }
  /// The page in a window with the bar that shows notices. Take the page out again (setParent) before the window goes.
  hearsay::ui::NoticeBar* underNotices(QWidget& window) {
    auto* column = new QVBoxLayout(&window);
    auto* bar = new hearsay::ui::NoticeBar;
    column->addWidget(bar);
    column->addWidget(page_.get());
    QObject::connect(app_.get(), &hearsay::ui::AppContext::noticed, bar, &hearsay::ui::NoticeBar::show);
    window.show();
    return bar;
  }
  void setThreshold(int percent) { page_->findChild<QSpinBox*>(QStringLiteral("threshold"))->setValue(percent); }
  QPushButton* button(const char* name) { return page_->findChild<QPushButton*>(QString::fromLatin1(name)); }
  hearsay::ui::NowLabel* now() { return page_->findChild<hearsay::ui::NowLabel*>(); }
  hearsay::ui::LiveView& view() { return *page_->findChild<hearsay::ui::LiveView*>(); }
  hearsay::ui::EventModel& events() { return page_->findChild<hearsay::ui::EventPanel*>()->model(); }
  QString status() { return page_->findChild<QLabel*>(QStringLiteral("listenStatus"))->text(); }

  std::unique_ptr<hearsay::ui::ListenPage> page_;
};
