#include "ui/sounds/sound_look.h"

#include <algorithm>
#include <array>

#include "audio/spectrogram.h"
#include "base/error.h"
#include "base/files.h"

namespace hearsay::ui {

namespace {

constexpr std::int64_t kMostColumns = 6000;
constexpr std::size_t kEnvelopeStep = 64;  // samples a row of the envelope at first

void drawColumns(std::span<const float> samples, const LogMelConfig& mel, SoundPicture& picture) {
  picture.columns = spectrogram(samples, mel, kMostColumns);
  const auto frames = 1 + static_cast<std::int64_t>(samples.size()) / mel.hop;
  picture.secondsPerColumn =
      static_cast<double>(frames * mel.hop) / mel.sample_rate / static_cast<double>(picture.columns.rows);
}

}  // namespace

RowMerger::RowMerger(std::int64_t most, std::int64_t width, Rule rule)
    : most_(most + most % 2), width_(width), rule_(rule) {}

void RowMerger::mergeInto(std::span<float> row, std::span<const float> other) const {
  if (rule_ == Rule::LowestAndHighest) {
    row[0] = std::min(row[0], other[0]);
    row[1] = std::max(row[1], other[1]);
    return;
  }
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = std::max(row[i], other[i]);
}

void RowMerger::halve() {
  const auto width = static_cast<std::size_t>(width_);
  const std::size_t half = data_.size() / width / 2;
  for (std::size_t i = 0; i < half; ++i) {
    std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(2 * i * width), width,
                data_.begin() + static_cast<std::ptrdiff_t>(i * width));
    mergeInto({data_.data() + i * width, width}, {data_.data() + (2 * i + 1) * width, width});
  }
  data_.resize(half * width);
  perRow_ *= 2;
}

void RowMerger::add(std::span<const float> row) {
  if (inLast_ > 0 && inLast_ < perRow_) {
    mergeInto({data_.data() + data_.size() - row.size(), row.size()}, row);
    ++inLast_;
    return;
  }
  if (static_cast<std::int64_t>(data_.size()) / width_ >= most_) halve();
  data_.insert(data_.end(), row.begin(), row.end());
  inLast_ = 1;
}

Matrix RowMerger::rows() const {
  Matrix all;
  all.cols = width_;
  all.rows = static_cast<std::int64_t>(data_.size()) / width_;
  all.data = data_;
  return all;
}

SoundLook lookAt(const std::filesystem::path& file, const LogMelConfig& mel, JobControl& control) {
  const auto reader = AudioReader::open(file, mel.sample_rate);
  SpectrogramStream spectrogram(mel);
  RowMerger columns(kMostColumns, mel.n_mels, RowMerger::Rule::Highest);
  RowMerger envelope(kMostColumns, 2, RowMerger::Rule::LowestAndHighest);
  auto samples = std::make_shared<std::vector<float>>();
  const auto kept = static_cast<std::size_t>(SoundLook::kKeptSeconds * mel.sample_rate);
  std::vector<float> block(static_cast<std::size_t>(mel.sample_rate));
  std::size_t total = 0;
  while (const std::size_t got = reader->read(block)) {
    control.checkpoint();
    const std::span<const float> fresh(block.data(), got);
    const Matrix some = spectrogram.push(fresh);
    for (std::int64_t i = 0; i < some.rows; ++i) columns.add(some.row(i));
    for (std::size_t at = 0; at < got; at += kEnvelopeStep) {
      const auto piece = fresh.subspan(at, std::min(kEnvelopeStep, got - at));
      const auto [low, high] = std::minmax_element(piece.begin(), piece.end());
      envelope.add(std::array{*low, *high});
    }
    total += got;
    if (samples && total <= kept) samples->insert(samples->end(), fresh.begin(), fresh.end());
    if (total > kept) samples.reset();
  }
  if (total == 0) throw Error(ErrorKind::BadAudio, quoted(file) + " holds no sound.");
  SoundLook look;
  look.info = reader->info();
  look.seconds = static_cast<double>(total) / mel.sample_rate;
  look.picture.seconds = look.seconds;
  look.picture.envelope = envelope.rows();
  look.picture.secondsPerRow =
      static_cast<double>(envelope.perRow()) * static_cast<double>(kEnvelopeStep) / mel.sample_rate;
  look.picture.columns = columns.rows();
  look.picture.secondsPerColumn = static_cast<double>(columns.perRow()) * mel.hop / mel.sample_rate;
  if (look.picture.columns.rows == 0 && samples) drawColumns(*samples, mel, look.picture);
  look.samples = std::move(samples);
  return look;
}

SoundPicture lookCloser(const std::filesystem::path& file, const LogMelConfig& mel, double from, double seconds) {
  const std::vector<float> samples =
      decode_range(file, mel.sample_rate, from, std::min(seconds, SoundLook::kKeptSeconds));
  SoundPicture picture;
  if (samples.empty()) return picture;
  picture.from = from;
  picture.seconds = static_cast<double>(samples.size()) / mel.sample_rate;
  picture.envelope = waveform_envelope(samples, std::min(kMostColumns, static_cast<std::int64_t>(samples.size())));
  picture.secondsPerRow = picture.seconds / static_cast<double>(picture.envelope.rows);
  drawColumns(samples, mel, picture);
  return picture;
}

}  // namespace hearsay::ui
