// Stretches of the last minute that were marked with the mouse: played and saved.

#include <QDir>
#include <cmath>

#include "audio/decode.h"
#include "ui/listen/listen_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"

namespace hearsay::ui {

namespace {

const QString kFolderSetting = QStringLiteral("listen/saveFolder");

}  // namespace

void ListenPage::playStretch(double start, double end) {
  auto sound = std::make_shared<const std::vector<float>>(session_.heard(start, end));
  if (sound->empty()) return app_.notify(tr("The sound of that time is no longer kept; only the last minute is."));
  followPlaying(start, app_.play(sound, session_.rate()));
}

void ListenPage::saveStretch(double start, double end) {
  auto sound = std::make_shared<const std::vector<float>>(session_.heard(start, end));
  if (sound->empty()) return app_.notify(tr("The sound of that time is no longer kept; only the last minute is."));
  const QString name =
      sessionBegan_.addMSecs(std::llround(start * 1000.0)).toString(QStringLiteral("yyyy-MM-dd HH-mm-ss"));
  FileQuestion question;
  question.title = tr("Save the marked stretch");
  question.key = kFolderSetting;
  question.filter = tr("WAV files (*.wav)");
  question.suffix = QStringLiteral("wav");
  question.name = name + QStringLiteral(".wav");
  question.save = true;
  question.place = QStandardPaths::MusicLocation;
  askFile(app_, this, question, [this, sound, rate = static_cast<int>(session_.rate())](const QStringList& files) {
    const QString& file = files.front();
    app_.runQuietly(
        this, [sound, rate, file] { write_wav(std::filesystem::path(file.toStdString()), *sound, rate); },
        [this, file](const QString& error) {
          if (error.isEmpty()) {
            app_.notify(tr("Saved \"%1\".").arg(QDir::toNativeSeparators(file)));
          } else {
            app_.notify(error, AppContext::NoticeLevel::Error);
          }
        });
  });
}

}  // namespace hearsay::ui
