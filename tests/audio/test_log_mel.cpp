// Log-mel against librosa's, Hugging Face's and msclap's own numbers.
#include <ATen/ATen.h>

#include <QtTest>
#include <filesystem>

#include "audio/log_mel.h"
#include "audio/mel.h"
#include "model/safetensors.h"
#include "support/errors.h"
#include "support/reference.h"
#include "support/sounds.h"

namespace fs = std::filesystem;
using namespace hearsay;
using namespace hearsay::testing;

namespace {

const fs::path kData = fs::path(HEARSAY_TEST_DATA) / "feature-extraction";

// The front end of LAION's checkpoints (preprocessor_config.json).
LogMelConfig laion(MelScale scale) {
  LogMelConfig config;
  config.sample_rate = 48000;
  config.hop = 480;
  config.f_max = 14000.0;
  config.scale = scale;
  return config;
}

at::Tensor tensor_of(std::vector<float> values, const std::vector<std::int64_t>& shape) {
  return at::from_blob(values.data(), shape, at::kFloat).clone();
}

at::Tensor tensor_of(const SafetensorsFile& file, const std::string& name) {
  return tensor_of(file.floats(name), file.get(name).shape);
}

double largest(const at::Tensor& difference) {
  return difference.abs().max().item<double>();
}

at::Tensor row(const std::vector<float>& samples) {
  return tensor_of(samples, {1, static_cast<std::int64_t>(samples.size())});
}

}  // namespace

class TestLogMel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void filters_are_those_of_the_field() {
    const SafetensorsFile file = SafetensorsFile::open(kData / "filters.safetensors");
    const at::Tensor htk = mel_filters(laion(MelScale::Htk));
    const at::Tensor slaney = mel_filters(laion(MelScale::Slaney));
    QVERIFY(htk.sizes() == at::IntArrayRef({513, 64}));
    QVERIFY(largest(htk - tensor_of(file, "mel_filters")) < 1e-6);
    QVERIFY(largest(slaney - tensor_of(file, "mel_filters_slaney")) < 1e-8);
  }

  void scales_turn_back() {
    for (const MelScale scale : {MelScale::Htk, MelScale::Slaney}) {
      for (const double hertz : {0.0, 50.0, 999.0, 1000.0, 1001.0, 14000.0}) {
        QVERIFY(std::abs(mel_to_hertz(hertz_to_mel(hertz, scale), scale) - hertz) < 1e-8);
      }
    }
    QVERIFY(std::abs(hertz_to_mel(1000.0, MelScale::Htk) - 1000.0) < 0.02);
    QVERIFY(std::abs(hertz_to_mel(1000.0, MelScale::Slaney) - 15.0) < 1e-12);
  }

  void equals_hugging_face_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"tone", "sweep", "noise", "square", "impulse", "faint", "dc", "shortest", "odd_length"}) {
      QTest::newRow(name) << QString(name);
    }
  }
  void equals_hugging_face() {
    QFETCH(QString, name);
    const SafetensorsFile file = SafetensorsFile::open(kData / "log_mel.safetensors");
    const std::string key = name.toStdString();
    const at::Tensor samples = tensor_of(file, key + ".waveform").unsqueeze(0);
    for (const MelScale scale : {MelScale::Htk, MelScale::Slaney}) {
      const at::Tensor expected = tensor_of(file, key + (scale == MelScale::Htk ? ".log_mel" : ".log_mel_slaney"));
      const at::Tensor got = LogMel(laion(scale))(samples).squeeze(0);
      QVERIFY(got.sizes() == expected.sizes());
      const double off = largest(got - expected);
      QVERIFY2(off < 1e-3, qPrintable(QString("%1 dB").arg(off)));
    }
  }

  void equals_msclap_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("filter_rate");
    QTest::newRow("2022") << "msclap-2022" << 44100;
    QTest::newRow("2023") << "msclap-2023" << 32000;  // its filters are made for 32 kHz, its sounds are at 44.1 kHz
  }
  void equals_msclap() {
    QFETCH(QString, folder);
    QFETCH(int, filter_rate);
    const SafetensorsFile file = SafetensorsFile::open(reference(folder.toStdString()) / "expected.safetensors");
    LogMelConfig config;
    config.sample_rate = filter_rate;
    config.f_max = 14000.0;
    const LogMel log_mel(config);
    at::Tensor expected = tensor_of(file, "audio.logmel");
    const at::Tensor samples = tensor_of(file, "audio.waveform_i16").narrow(0, 0, expected.size(0)) / 32768.0;
    at::Tensor got = log_mel(samples);
    if (small_reference()) {  // the samples of the first frames alone
      const std::int64_t whole = (samples.size(1) - 512) / config.hop;
      got = got.narrow(1, 0, whole);
      expected = expected.narrow(1, 0, whole);
    }
    QVERIFY(got.sizes() == expected.sizes());
    const double off = largest(got - expected);
    QVERIFY2(off < 2e-3, qPrintable(QString("%1 dB").arg(off)));
    if (small_reference()) return;
    const at::Tensor power = log_mel.power(samples)[0];
    const at::Tensor first = tensor_of(file, "audio.spectrogram_first");
    QVERIFY(largest(power.narrow(0, 0, first.size(0)) - first) < 1e-5 * largest(first));
  }

  void every_width_of_vectors_gives_the_same_data() {
    QTest::addColumn<int>("at_once");
    QTest::addColumn<int>("n_fft");
    for (const int at_once : {8, 4, 2}) {
      for (const int n_fft : {32, 64, 128, 1024, 2048}) {
        QTest::addRow("%d frames, %d samples", at_once, n_fft) << at_once << n_fft;
      }
    }
  }
  void every_width_of_vectors_gives_the_same() {
    QFETCH(int, at_once);
    QFETCH(int, n_fft);
    LogMelConfig config;
    config.n_fft = n_fft;
    config.n_mels = 10;
    config.hop = std::min(320, n_fft - 7);
    const at::Tensor samples = row(noise(9000)) + row(sine(3000.0, 32000, 9000.0 / 32000));
    FrameMels::limit_frames(at_once);
    const LogMel log_mel(config);
    const at::Tensor got = log_mel(samples);
    FrameMels::limit_frames(8);
    // By LibTorch's transform.
    const at::Tensor mels = at::matmul(log_mel.power(samples), mel_filters(config));
    const at::Tensor expected = 10.0 * at::log10(at::clamp_min(mels, config.floor));
    QVERIFY(got.sizes() == expected.sizes());
    QVERIFY2(largest(got - expected) < 2e-5, qPrintable(QString("%1 dB").arg(largest(got - expected))));
  }

  void silence_is_100_dB_below() {
    const at::Tensor db = LogMel(LogMelConfig())(at::zeros({2, 32000}));
    QVERIFY(db.sizes() == at::IntArrayRef({2, 101, 64}));
    QVERIFY(db.eq(-100.0).all().item<bool>());
  }

  void any_length_has_its_frames() {
    const LogMel log_mel{LogMelConfig()};
    for (const std::int64_t length : {1, 2, 319, 320, 512, 513, 514, 1023, 1024, 1025, 5000}) {
      const at::Tensor samples = row(noise(static_cast<std::size_t>(length)));
      const at::Tensor db = log_mel(samples);
      QCOMPARE(db.size(1), 1 + length / 320);
      QVERIFY(at::isfinite(db).all().item<bool>());
      QVERIFY(largest(db - log_mel.of_padded(log_mel.padded(samples))) == 0.0);
      QCOMPARE(log_mel.power(samples).size(1), 1 + length / 320);
    }
  }

  void rows_of_a_batch_do_not_mix() {
    const LogMel log_mel{LogMelConfig()};
    const at::Tensor a = row(noise(8000, 0.5, 1));
    const at::Tensor b = row(sine(440, 32000, 0.25));
    const at::Tensor both = log_mel(at::cat({a, b}));
    QVERIFY(largest(both[0] - log_mel(a)[0]) < 1e-5);
    QVERIFY(largest(both[1] - log_mel(b)[0]) < 1e-5);
  }

  void large_batches_and_long_sounds_are_done_in_blocks() {
    const LogMel log_mel{LogMelConfig()};
    const at::Tensor rows = tensor_of(noise(9 * 160000), {9, 160000});
    const at::Tensor all = log_mel(rows);
    QVERIFY(all.sizes() == at::IntArrayRef({9, 501, 64}));
    for (std::int64_t i = 0; i < 9; ++i) QVERIFY(largest(all[i] - log_mel(rows.narrow(0, i, 1))[0]) < 1e-4);
    const at::Tensor one = rows.reshape({1, 9 * 160000});
    const at::Tensor whole = log_mel(one);
    QVERIFY(whole.sizes() == at::IntArrayRef({1, 4501, 64}));
    // Frame 3000 by itself.
    const at::Tensor alone = log_mel.of_padded(one.narrow(1, 3000 * 320 - 512, 1024));
    QVERIFY(largest(alone[0][0] - whole[0][3000]) < 1e-4);
  }

  void a_tone_is_loudest_in_its_band() {
    const LogMelConfig config;
    const at::Tensor db = LogMel(config)(row(sine(1000.0, 32000, 0.5)))[0];
    const std::int64_t band = db[25].argmax().item<std::int64_t>();
    const at::Tensor filters = mel_filters(config);
    QCOMPARE(band, filters[32].argmax().item<std::int64_t>());  // bin 32 of 1024 at 32 kHz is 1000 Hz
  }

  void a_checkpoint_may_bring_its_filters() {
    const LogMelConfig config;
    const at::Tensor samples = row(noise(4000));
    const at::Tensor own = LogMel(config)(samples);
    QVERIFY(largest(own - LogMel(config, mel_filters(config))(samples)) == 0.0);
    const at::Tensor twice = LogMel(config, mel_filters(config) * 2.0)(samples);
    QVERIFY(largest(twice - own - 10.0 * std::log10(2.0)) < 1e-4);
    HEARSAY_FAILS(Usage, ("do not fit"), LogMel(config, at::zeros({513, 32})));
  }

  void refuses_impossible_settings() {
    const auto with = [](auto change) {
      LogMelConfig config;
      change(config);
      return config;
    };
    HEARSAY_FAILS(Usage, ("sample rate"), LogMel(with([](auto& c) { c.sample_rate = 0; })));
    HEARSAY_FAILS(Usage, ("n_fft"), LogMel(with([](auto& c) { c.n_fft = 1023; })));
    HEARSAY_FAILS(Usage, ("hop"), LogMel(with([](auto& c) { c.hop = 0; })));
    HEARSAY_FAILS(Usage, ("mel bands"), LogMel(with([](auto& c) { c.n_mels = -1; })));
    HEARSAY_FAILS(Usage, ("frequency range"), LogMel(with([](auto& c) { c.f_max = 10.0; })));
    HEARSAY_FAILS(Usage, ("floor"), mel_filter_bank(with([](auto& c) { c.floor = 0.0; })));
  }
};

QTEST_APPLESS_MAIN(TestLogMel)
#include "test_log_mel.moc"
