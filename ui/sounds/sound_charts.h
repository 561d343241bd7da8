#pragma once
// Waveform and spectrogram of one sound file, drawn anew from the file where a person zooms in further than what was
// read at first is sharp.

#include <QObject>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "audio/log_mel_config.h"
#include "ui/sounds/sound_look.h"

class QTimer;

namespace hearsay::ui {

class ChartStack;
class SoundLooker;
class SpectrogramView;
class WaveformView;

/// Which stretch {from, seconds} to look at closer so that [from, to] of `whole` is drawn as sharp as `finest` seconds
/// a column allow; none: what is there, with `detail` of it, is sharp enough, or the stretch is longer than
/// SoundLook::kKeptSeconds.
std::optional<std::pair<double, double>> closerStretch(const SoundPicture& whole, const SoundPicture& detail,
                                                       double from, double to, double finest);

class SoundCharts : public QObject {
  Q_OBJECT
 public:
  /// All of them must outlive this; both charts are in the stack.
  SoundCharts(SoundLooker& looker, ChartStack& stack, WaveformView& waveform, SpectrogramView& spectrogram,
              QObject* parent = nullptr);
  /// All of the file, with the playhead at its start.
  void show(const std::filesystem::path& file, const LogMelConfig& mel, std::shared_ptr<const SoundLook> look);
  /// Nothing, with this sentence in its place.
  void clear(const QString& sentence);

 private:
  void lookCloser();
  void takeDetail(const std::shared_ptr<const SoundPicture>& detail);

  SoundLooker& looker_;
  ChartStack& stack_;
  WaveformView& waveform_;
  SpectrogramView& spectrogram_;
  QTimer* rest_ = nullptr;  ///< runs out when the person has stopped turning the wheel
  std::filesystem::path file_;
  LogMelConfig mel_;
  std::shared_ptr<const SoundLook> look_;
  std::shared_ptr<const SoundPicture> detail_;
};

}  // namespace hearsay::ui
