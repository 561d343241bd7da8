// Stretches of the last minute that were marked with the mouse: played and saved.

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <cmath>

#include "audio/decode.h"
#include "ui/listen/listen_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/remembered_folder.h"

namespace hearsay::ui {

void ListenPage::playStretch(double start, double end) {
  auto sound = std::make_shared<const std::vector<float>>(session_.heard(start, end));
  if (sound->empty()) return app_.notify(tr("The sound of that time is no longer kept; only the last minute is."));
  playFrom_ = start;
  app_.play(sound, session_.rate());
}

void ListenPage::saveStretch(double start, double end) {
  auto sound = std::make_shared<const std::vector<float>>(session_.heard(start, end));
  if (sound->empty()) return app_.notify(tr("The sound of that time is no longer kept; only the last minute is."));
  const QString folder =
      rememberedFolder(app_.settings(), QStringLiteral("listen/saveFolder"), QStandardPaths::MusicLocation);
  const QString name =
      sessionBegan_.addMSecs(std::llround(start * 1000.0)).toString(QStringLiteral("yyyy-MM-dd HH-mm-ss"));
  const QString file =
      QFileDialog::getSaveFileName(this, tr("Save the marked stretch"),
                                   QDir(folder).filePath(name + QStringLiteral(".wav")), tr("WAV files (*.wav)"));
  if (file.isEmpty()) return;
  app_.settings().setValue(QStringLiteral("listen/saveFolder"), QFileInfo(file).absolutePath());
  const int rate = static_cast<int>(session_.rate());
  app_.runQuietly(
      this, [sound, rate, file] { write_wav(std::filesystem::path(file.toStdString()), *sound, rate); },
      [this](const QString& error) {
        if (!error.isEmpty()) app_.notify(error, AppContext::NoticeLevel::Error);
      });
}

}  // namespace hearsay::ui
