#pragma once
// What the tests of the Label page share: the page as a person opens it, over a folder of three sounds, in a home of
// its own.

#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>

#include "audio/decode.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/label/clip_view.h"
#include "ui/label/label_page.h"
#include "ui/shell/app_context.h"
#include "ui/test_home.h"

class LabelFixture {
 protected:
  /// Before every test.
  void open() {
    folder_ = std::make_unique<QTemporaryDir>();
    writeTone(QStringLiteral("a.wav"), 300);
    writeTone(QStringLiteral("b.wav"), 1000);
    writeTone(QStringLiteral("c.wav"), 4000);
    app_ = std::make_unique<hearsay::ui::AppContext>();
    app_->settings().clear();
    page_ = std::make_unique<hearsay::ui::LabelPage>(*app_);
    page_->resize(1000, 640);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }

  void close() {
    page_->shutDown();
    page_.reset();
    app_->shutDown();
    app_.reset();
    folder_.reset();
  }

  /// A second of it into the folder.
  void writeTone(const QString& name, double hertz) {
    std::vector<float> samples(32000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = 0.3F * static_cast<float>(std::sin(2.0 * M_PI * hertz * static_cast<double>(i) / 32000.0));
    }
    hearsay::write_wav(folder_->filePath(name).toStdString(), samples, 32000);
  }

  hearsay::ui::LabelController& controller() { return page_->controller(); }

  template <typename T>
  T* find(const char* name) {
    return page_->findChild<T*>(QString::fromLatin1(name));
  }
  QTableView* table() { return find<QTableView>("clipTable"); }

  void startSession() {
    const QString file = folder_->filePath(QStringLiteral("test.hearsay-labels"));
    QVERIFY(controller().create(file, folder_->path(), {QStringLiteral("dog"), QStringLiteral("rain")}));
  }

  /// One in which every clip is suggested to be a dog; no model is needed.
  void openSuggestedSession(double score = 0.65) {
    const QString file = folder_->filePath(QStringLiteral("suggested.hearsay-labels"));
    {
      std::vector<hearsay::SessionFile> files;
      for (const char* name : {"a.wav", "b.wav", "c.wav"})
        files.push_back({folder_->filePath(name).toStdString(), 0.0});
      const std::vector<std::string> names{"dog", "rain"};
      auto session = hearsay::LabelSession::create(file.toStdString(), folder_->path().toStdString(), files, names);
      const std::vector<hearsay::Suggestion> items{{session.classes()[0].id, score}};
      for (const hearsay::Clip& clip : session.clips()) session.set_suggestions(clip.id, "print", items);
    }
    QVERIFY(controller().open(file));
  }

  bool allSuggested() {
    const auto clips = controller().session().clips();
    return std::all_of(clips.begin(), clips.end(), [this](const hearsay::Clip& clip) {
      return !controller().session().suggestions(clip.id).items.empty();
    });
  }

  /// Over the spectrogram with the mouse, in shares of its width.
  void drag(hearsay::ui::ClipView& view, double from, double to) {
    auto* picture = view.findChild<hearsay::ui::SpectrogramView*>(QStringLiteral("clipSpectrogram"));
    const auto at = [&](double share) { return QPoint(static_cast<int>(share * picture->width()), 20); };
    QTest::mousePress(picture, Qt::LeftButton, {}, at(from));
    QTest::mouseMove(picture, at((from + to) / 2));
    QTest::mouseMove(picture, at(to));
    QTest::mouseRelease(picture, Qt::LeftButton, {}, at(to));
  }

  void useModel() {
    app_->setClasses({{"dog", {}, {}, {}}, {"rain", {}, {}, {}}, {"not in the session", {}, {}, {}}});
    app_->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() != nullptr, 60000);
  }

  QStringList labelsOf(hearsay::ClipId clip) {
    QStringList names;
    for (const hearsay::ClipLabel& label : controller().session().labels(clip)) {
      for (const hearsay::SessionClass& c : controller().session().classes()) {
        if (c.id == label.class_id) names << QString::fromStdString(c.name);
      }
    }
    return names;
  }

  TestHome home_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<hearsay::ui::AppContext> app_;
  std::unique_ptr<hearsay::ui::LabelPage> page_;
};
