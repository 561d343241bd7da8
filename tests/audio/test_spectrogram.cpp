#include <ATen/ATen.h>

#include <QtTest>

#include "audio/log_mel.h"
#include "audio/spectrogram.h"
#include "support/sounds.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// The whole clip's columns by LogMel.
Matrix truth(std::vector<float> samples, const LogMelConfig& config) {
  const at::Tensor in = at::from_blob(samples.data(), {1, static_cast<std::int64_t>(samples.size())}, at::kFloat);
  const at::Tensor db = LogMel(config)(in)[0].contiguous();
  Matrix out(db.size(0), db.size(1));
  std::copy_n(db.data_ptr<float>(), out.data.size(), out.data.begin());
  return out;
}

}  // namespace

class TestSpectrogram : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void a_stream_gives_the_columns_of_the_whole() {
    const LogMelConfig config;
    const std::vector<float> sound = noise(50000);
    const Matrix whole = truth(sound, config);
    SpectrogramStream stream(config);
    QCOMPARE(stream.seconds_per_column(), 0.01);
    for (int turn = 0; turn < 2; ++turn) {
      Matrix got(0, config.n_mels);
      std::size_t at = 0;
      for (std::size_t size = 1; at < sound.size(); size = (size * 7 + 3) % 9001) {
        const std::size_t n = std::min(size, sound.size() - at);
        const Matrix columns = stream.push(std::span(sound).subspan(at, n));
        QCOMPARE(columns.cols, std::int64_t{64});
        got.data.insert(got.data.end(), columns.data.begin(), columns.data.end());
        got.rows += columns.rows;
        at += n;
      }
      // All but those that reach past the last sample.
      QCOMPARE(got.rows, std::int64_t{(50000 + 512 - 1024) / 320 + 1});
      const auto same = std::span(whole.data).first(got.data.size());
      QVERIFY2(largest_difference(got.data, same) < 1e-4,
               qPrintable(QString::number(largest_difference(got.data, same))));
      stream.reset();
    }
    QCOMPARE(stream.push({}).rows, std::int64_t{0});
  }

  void a_picture_has_every_frame_when_there_is_room() {
    const LogMelConfig config;
    for (const std::size_t length : {std::size_t{1}, std::size_t{400}, std::size_t{513}, std::size_t{30000}}) {
      const std::vector<float> sound = noise(length);
      const Matrix picture = spectrogram(sound, config, 100000);
      const Matrix whole = truth(sound, config);
      QCOMPARE(picture.rows, whole.rows);
      QVERIFY(largest_difference(picture.data, whole.data) < 1e-4);
    }
  }

  void a_narrow_picture_keeps_the_loudest() {
    const LogMelConfig config;
    std::vector<float> sound(32000 * 60, 0.0F);
    const std::vector<float> click = sine(2000.0, 32000, 0.05);
    std::copy(click.begin(), click.end(), sound.begin() + 32000 * 45);
    const Matrix picture = spectrogram(sound, config, 60);
    QCOMPARE(picture.rows, std::int64_t{60});
    for (std::int64_t column = 0; column < 60; ++column) {
      const float loudest = std::ranges::max(picture.row(column));
      if (column == 44 || column == 45) continue;  // the click's edge may lie in the column before
      QCOMPARE(loudest, -100.0F);
    }
    QVERIFY(std::max(std::ranges::max(picture.row(44)), std::ranges::max(picture.row(45))) > -10.0F);
  }

  void long_clips_join_without_a_seam() {
    const LogMelConfig config;
    const std::vector<float> sound = noise(320 * 5000);  // more frames than are computed at once
    const Matrix picture = spectrogram(sound, config, 100000);
    QVERIFY(largest_difference(picture.data, truth(sound, config).data) < 1e-4);
    SpectrogramStream stream(config);
    const Matrix live = stream.push(sound);
    QVERIFY(largest_difference(live.data, std::span(picture.data).first(live.data.size())) < 1e-4);
  }

  void nothing_gives_nothing() {
    const LogMelConfig config;
    QVERIFY(spectrogram({}, config, 100).empty());
    QVERIFY(spectrogram(noise(1000), config, 0).empty());
    QVERIFY(waveform_envelope(noise(1000), 0).empty());
  }

  void envelopes_hold_lowest_and_highest() {
    std::vector<float> sound(1000, 0.0F);
    sound[0] = 0.5F;
    sound[499] = -0.25F;
    sound[500] = 0.75F;
    sound[999] = -1.0F;
    const Matrix two = waveform_envelope(sound, 2);
    QCOMPARE(two.data, (std::vector<float>{-0.25F, 0.5F, -1.0F, 0.75F}));
    const Matrix wide = waveform_envelope(std::vector<float>{0.1F, -0.2F}, 4);
    QCOMPARE(wide.data, (std::vector<float>{0.1F, 0.1F, 0.1F, 0.1F, -0.2F, -0.2F, -0.2F, -0.2F}));
    const Matrix none = waveform_envelope({}, 3);
    QCOMPARE(none.data, std::vector<float>(6, 0.0F));
    const Matrix odd = waveform_envelope(noise(1001), 7);
    QCOMPARE(std::ranges::max(odd.data), std::ranges::max(noise(1001)));
  }
};

QTEST_APPLESS_MAIN(TestSpectrogram)
#include "test_spectrogram.moc"
