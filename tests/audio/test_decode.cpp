// Sound files that are as they should be: formats, rates, channels, stretches, long ones.
#include <unistd.h>

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <numbers>

#include "audio/decode.h"
#include "audio/resample.h"
#include "base/files.h"
#include "support/errors.h"
#include "support/sounds.h"

namespace fs = std::filesystem;
using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// Resident memory of this process in MiB.
double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double total = 0.0;
  double resident = 0.0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

std::vector<float> read_all(AudioReader& reader, std::size_t step) {
  std::vector<float> all;
  std::vector<float> room(step);
  while (const std::size_t n = reader.read(room)) {
    all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return all;
}

/// A slow sweep: every place has its own shape.
std::vector<float> sweep(int rate, double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    samples[i] = static_cast<float>(0.4 * std::sin(2.0 * std::numbers::pi * (100.0 * t + 25.0 * t * t)));
  }
  return samples;
}

/// By how many samples `part` lies off `place` in `whole`: where it fits best, up to a tenth of a second away.
int lag(const std::vector<float>& part, const std::vector<float>& whole, int place) {
  int best = 0;
  double least = INFINITY;
  for (int shift = -3200; shift <= 3200; shift += 4) {
    double sum = 0.0;
    for (std::size_t i = 0; i < part.size(); i += 4) {
      const double off = part[i] - whole[static_cast<std::size_t>(place + shift) + i];
      sum += off * off;
    }
    if (sum < least) {
      least = sum;
      best = shift;
    }
  }
  return best;
}

}  // namespace

class TestDecode : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    root_ = folder_.path().toStdString();
  }

  void reads_formats_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("rate");
    QTest::addColumn<QString>("says");
    QTest::addColumn<double>("tolerance");
    const auto row = [](const char* name, int format, int rate, const char* says, double tolerance) {
      QTest::newRow(name) << QString(name) << format << rate << QString(says) << tolerance;
    };
    row("u8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 44100, "WAV, 8 bit", 0.01);
    row("s16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, "WAV, 16 bit", 1e-4);
    row("s24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, "WAV, 24 bit", 1e-6);
    row("float.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 32000, "WAV, 32 bit float", 1e-7);
    row("double.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 8000, "WAV, 64 bit float", 1e-7);
    row("ulaw.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, "WAV, u-law", 0.03);
    row("long.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 44100, "WAV (RF64), 16 bit", 1e-4);
    row("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, "FLAC, 16 bit", 1e-4);
    row("a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 44100, "AIFF, 16 bit", 1e-4);
    row("a.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 44100, "AU, 16 bit", 1e-4);
    row("a.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 44100, "CAF, 16 bit", 1e-4);
    row("a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 44100, "Wave64, 16 bit", 1e-4);
    row("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, "Vorbis", 0.05);
    row("a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, "Opus", 0.05);
    row("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, "MP3", 0.05);
    row("192k.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 192000, "WAV, 16 bit", 1e-4);
  }
  void reads_formats() {
    QFETCH(QString, name);
    QFETCH(int, format);
    QFETCH(int, rate);
    QFETCH(QString, says);
    QFETCH(double, tolerance);
    const fs::path file = root_ / name.toStdString();
    const std::vector<float> sound = sine(440.0, rate, 2.0, 0.5);
    QVERIFY(write_sound(file, sound, rate, 1, format));
    const AudioInfo info = probe_audio(file);
    QCOMPARE(QString::fromStdString(info.format), says);
    QCOMPARE(info.sample_rate, rate);
    QCOMPARE(info.channels, 1);
    QVERIFY(std::abs(info.seconds - 2.0) < 0.1);
    const std::vector<float> same = decode_file(file, rate);
    QVERIFY(std::abs(static_cast<double>(same.size()) - 2.0 * rate) < 0.1 * rate);
    const auto middle = std::span(same).subspan(same.size() / 4, same.size() / 2);
    QVERIFY(std::abs(amplitude_at(middle, 440.0, rate) - 0.5) < std::max(tolerance, 1e-4));
    if (tolerance < 0.04) QVERIFY(largest_difference(same, sound) <= tolerance);
    const std::vector<float> low = decode_file(file, 16000);
    QVERIFY(std::abs(static_cast<double>(low.size()) - 32000.0) < 1600.0);
    QVERIFY(std::abs(amplitude_at(std::span(low).subspan(8000, 16000), 440.0, 16000) - 0.5) < 0.05);
  }

  void reads_what_only_ffmpeg_knows_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("options");
    QTest::newRow("m4a") << "a.m4a" << QStringList{"-c:a", "aac", "-b:a", "128k"};
    QTest::newRow("wma") << "a.wma" << QStringList{"-c:a", "wmav2"};
    QTest::newRow("video") << "a.mp4"
                           << QStringList{"-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=3", "-shortest"};
    QTest::newRow("webm") << "a.webm" << QStringList{"-c:a", "libopus"};
    QTest::newRow("ac3") << "a.ac3" << QStringList{"-c:a", "ac3"};
    QTest::newRow("alac") << "b.m4a" << QStringList{"-c:a", "alac"};
  }
  void reads_what_only_ffmpeg_knows() {
    QFETCH(QString, name);
    QFETCH(QStringList, options);
    if (QStandardPaths::findExecutable("ffmpeg").isEmpty()) QSKIP("ffmpeg is not installed, so there is no such file.");
    std::vector<float> stereo;
    for (const float value : sine(440.0, 44100, 3.0, 0.4)) stereo.insert(stereo.end(), {value, value});
    const fs::path wav = root_ / "for_ffmpeg.wav";
    QVERIFY(write_sound(wav, stereo, 44100, 2, SF_FORMAT_WAV | SF_FORMAT_PCM_16));
    const QString out = QString::fromStdString((root_ / name.toStdString()).string());
    const QStringList arguments =
        QStringList{"-y", "-v", "error", "-i", QString::fromStdString(wav.string())} + options + QStringList{out};
    if (QProcess::execute("ffmpeg", arguments) != 0) QSKIP("this ffmpeg cannot write that coding.");
    const AudioInfo info = probe_audio(out.toStdString());
    QCOMPARE(info.channels, 2);
    QVERIFY(std::abs(info.seconds - 3.0) < 0.2);
    QVERIFY(!info.format.empty());
    const std::vector<float> sound = decode_file(out.toStdString(), 32000);
    QVERIFY2(std::abs(static_cast<double>(sound.size()) - 96000.0) < 6400.0, qPrintable(QString::number(sound.size())));
    QVERIFY(std::abs(amplitude_at(std::span(sound).subspan(16000, 64000), 440.0, 32000) - 0.4) < 0.04);
    const std::vector<float> part = decode_range(out.toStdString(), 32000, 1.5, 0.5);
    QCOMPARE(static_cast<int>(part.size()), 16000);
    QVERIFY(std::abs(amplitude_at(part, 440.0, 32000) - 0.4) < 0.04);
  }

  /// Two of them one after the other: the first says how long it is, and something follows.
  void mp3_files_that_were_joined_are_read_to_the_end() {
    constexpr int kFormat = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    std::string both;
    for (const double hertz : {440.0, 880.0}) {
      const fs::path part = root_ / "part.mp3";
      QVERIFY(write_sound(part, sine(hertz, 44100, 4.0), 44100, 1, kFormat));
      both += read_file(part);
    }
    const fs::path file = root_ / "joined.mp3";
    write_file_atomically(file, both);
    const std::vector<float> sound = decode_file(file, 16000);
    QVERIFY2(std::abs(static_cast<double>(sound.size()) / 16000.0 - 8.0) < 0.2,
             qPrintable(QString::number(sound.size())));
    QVERIFY(std::abs(probe_audio(file).seconds - static_cast<double>(sound.size()) / 16000.0) < 0.2);
    QVERIFY(amplitude_at(std::span(sound).subspan(16000, 16000), 440.0, 16000) > 0.4);
    QVERIFY(amplitude_at(std::span(sound).last(32000), 880.0, 16000) > 0.4);
    const std::vector<float> part = decode_range(file, 16000, 6.0, 1.0);
    QVERIFY(largest_difference(part, std::span(sound).subspan(96000, 16000)) < 2e-2);
  }

  /// Many bits at first and few afterwards, and no header: whoever goes by the first frames ends too early.
  void an_mp3_that_does_not_say_its_length_is_read_to_the_end() {
    if (QStandardPaths::findExecutable("ffmpeg").isEmpty()) QSKIP("ffmpeg is not installed, so there is no such file.");
    std::vector<float> sound = noise(44100 * 4, 0.5);
    sound.resize(44100 * 20, 0.0F);
    const fs::path wav = root_ / "uneven.wav";
    write_wav(wav, sound, 44100);
    const fs::path file = root_ / "uneven.mp3";
    const QStringList arguments{
        "-v",   "error", "-y",          "-i", QString::fromStdString(wav.string()), "-c:a", "libmp3lame",
        "-q:a", "0",     "-write_xing", "0",  QString::fromStdString(file.string())};
    if (QProcess::execute("ffmpeg", arguments) != 0) QSKIP("this ffmpeg cannot write MP3.");
    QVERIFY(std::abs(static_cast<double>(decode_file(file, 16000).size()) / 16000.0 - 20.0) < 0.2);
    QVERIFY(std::abs(probe_audio(file).seconds - 20.0) < 0.2);
    QVERIFY(std::abs(static_cast<double>(decode_range(file, 16000, 18.0, 1.0).size()) - 16000.0) < 1.0);
  }

  void stretches_of_what_only_ffmpeg_knows_data() { reads_what_only_ffmpeg_knows_data(); }
  void stretches_of_what_only_ffmpeg_knows() {
    QFETCH(QString, name);
    QFETCH(QStringList, options);
    if (QStandardPaths::findExecutable("ffmpeg").isEmpty()) QSKIP("ffmpeg is not installed, so there is no such file.");
    const fs::path wav = root_ / "sweep.wav";
    QVERIFY(write_sound(wav, sweep(44100, 8.0), 44100, 1, SF_FORMAT_WAV | SF_FORMAT_PCM_16));
    const QString out = QString::fromStdString((root_ / name.toStdString()).string());
    const QStringList arguments =
        QStringList{"-y", "-v", "error", "-i", QString::fromStdString(wav.string())} + options + QStringList{out};
    if (QProcess::execute("ffmpeg", arguments) != 0) QSKIP("this ffmpeg cannot write that coding.");
    const std::vector<float> whole = decode_file(out.toStdString(), 32000);
    if (whole.size() < 7 * 32000) QSKIP("the picture beside it is shorter");
    for (const double start : {1.0, 2.5, 5.1234}) {
      const std::vector<float> part = decode_range(out.toStdString(), 32000, start, 0.25);
      QCOMPARE(part.size(), std::size_t{8000});
      const int late = lag(part, whole, static_cast<int>(std::lround(start * 32000)));
      QVERIFY2(
          std::abs(late) <= 160,
          qPrintable(QString("%1 s: %2 samples").arg(start).arg(late)));  // 5 ms: raw AC3 knows its times no better
    }
  }

  void channels_are_averaged() {
    const fs::path file = root_ / "many.wav";
    std::vector<float> interleaved;
    for (int frame = 0; frame < 1000; ++frame) {
      for (int c = 0; c < 24; ++c) interleaved.push_back(static_cast<float>(c) / 64.0F);
    }
    QVERIFY(write_sound(file, interleaved, 16000, 24, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    QCOMPARE(probe_audio(file).channels, 24);
    for (const float value : decode_file(file, 16000)) QCOMPARE(value, 11.5F / 64.0F);
  }

  void any_read_size_gives_the_same() {
    const fs::path file = root_ / "steps.wav";
    QVERIFY(write_sound(file, noise(60000), 44100, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    const std::vector<float> whole = decode_file(file, 32000);
    QCOMPARE(largest_difference(resample(noise(60000), 44100, 32000), whole), 0.0);
    for (const std::size_t step : {std::size_t{1}, std::size_t{777}, std::size_t{1000000}}) {
      QCOMPARE(read_all(*AudioReader::open(file, 32000), step), whole);
    }
    std::vector<float> nothing;
    QCOMPARE(AudioReader::open(file, 32000)->read(nothing), std::size_t{0});
  }

  void reads_only_the_first_seconds() {
    const fs::path file = root_ / "first.wav";
    QVERIFY(write_sound(file, noise(48000), 16000, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    QCOMPARE(decode_file(file, 16000, 1.5), std::vector<float>(noise(24000)));
    QCOMPARE(static_cast<int>(decode_file(file, 16000, 99.0).size()), 48000);
  }

  void stretches_lie_where_they_should_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("format");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("wav") << "r.wav" << (SF_FORMAT_WAV | SF_FORMAT_FLOAT) << 1e-5;
    QTest::newRow("flac") << "r.flac" << (SF_FORMAT_FLAC | SF_FORMAT_PCM_16) << 1e-5;
    QTest::newRow("ogg") << "r.ogg" << (SF_FORMAT_OGG | SF_FORMAT_VORBIS) << 2e-2;
    QTest::newRow("mp3") << "r.mp3" << (SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III) << 2e-2;
    QTest::newRow("opus") << "r.opus" << (SF_FORMAT_OGG | SF_FORMAT_OPUS) << 2e-2;
  }
  void stretches_lie_where_they_should() {
    QFETCH(QString, name);
    QFETCH(int, format);
    QFETCH(double, tolerance);
    const fs::path file = root_ / name.toStdString();
    QVERIFY(write_sound(file, sweep(48000, 6.0), 48000, 1, format));
    const std::vector<float> whole = decode_file(file, 32000);
    for (const double start : {0.0, 0.1, 2.0, 3.3333, 5.0}) {
      const std::vector<float> part = decode_range(file, 32000, start, 0.75);
      QCOMPARE(static_cast<int>(part.size()), 24000);
      const auto same = std::span(whole).subspan(static_cast<std::size_t>(std::llround(start * 32000)), part.size());
      const double off = largest_difference(part, same);
      QVERIFY2(off < tolerance, qPrintable(QString("%1 s: %2").arg(start).arg(off)));
    }
    QVERIFY(decode_range(file, 32000, 99.0, 1.0).empty());
    QVERIFY(decode_range(file, 32000, 1.0, 0.0).empty());
    QVERIFY(decode_range(file, 32000, 1.0, -1.0).empty());
    QCOMPARE(static_cast<int>(decode_range(file, 32000, -5.0, 0.5).size()), 16000);
  }

  void three_hours_are_streamed_not_loaded() {
    const fs::path file = root_ / "three_hours.wav";
    constexpr std::int64_t kFrames = 3LL * 3600 * 16000;
    write_wav(file, std::vector<float>(16000, 0.25F), 16000);
    // The rest is a hole in the file: no disk is used. The header is made to fit.
    fs::resize_file(file, 44 + kFrames * 2);
    std::fstream header(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto bytes = static_cast<std::uint32_t>(kFrames * 2);
    const std::uint32_t riff = bytes + 36;
    header.seekp(4);
    header.write(reinterpret_cast<const char*>(&riff), 4);
    header.seekp(40);
    header.write(reinterpret_cast<const char*>(&bytes), 4);
    header.close();
    QCOMPARE(probe_audio(file).seconds, 10800.0);
    const double before = resident_mib();
    const auto reader = AudioReader::open(file, 32000);
    std::vector<float> window(32000 * 5);
    std::int64_t total = 0;
    double most = before;
    for (std::size_t n = reader->read(window); n > 0; n = reader->read(window)) {
      total += static_cast<std::int64_t>(n);
      if (total % (32000 * 600) == 0) most = std::max(most, resident_mib());
    }
    QVERIFY(std::abs(static_cast<double>(total - kFrames * 2)) <= 2.0);
    QVERIFY2(most - before < 30.0, qPrintable(QString("%1 MiB more").arg(most - before)));
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(static_cast<int>(decode_range(file, 32000, 10000.0, 1.0).size()), 32000);
    QVERIFY2(clock.elapsed() < 2000, "a stretch far into a long file is reached by seeking");
  }

  void a_wav_that_breaks_off_gives_what_is_there() {
    const fs::path file = root_ / "cut.wav";
    write_wav(file, noise(16000), 16000);
    fs::resize_file(file, 44 + 8000);
    QCOMPARE(static_cast<int>(decode_file(file, 16000).size()), 4000);
    const fs::path flac = root_ / "cut.flac";
    QVERIFY(write_sound(flac, noise(160000), 16000, 1, SF_FORMAT_FLAC | SF_FORMAT_PCM_16));
    fs::resize_file(flac, fs::file_size(flac) / 2);
    const std::size_t got = decode_file(flac, 16000).size();
    QVERIFY2(got > 40000 && got < 120000, qPrintable(QString::number(got)));
  }

  void writes_wav() {
    const fs::path file = root_ / "out.wav";
    write_wav(file, std::vector<float>{0.0F, 0.5F, -0.5F, 1.0F, -1.0F, 7.0F, -7.0F, std::nanf("")}, 22050);
    QCOMPARE(fs::file_size(file), std::uintmax_t{44 + 16});
    const AudioInfo info = probe_audio(file);
    QCOMPARE(info.sample_rate, 22050);
    QCOMPARE(info.frames, std::int64_t{8});
    const std::vector<float> top = {0.0F, 0.5F, -0.5F, 32767.0F / 32768.0F, -1.0F, 32767.0F / 32768.0F, -1.0F, 0.0F};
    QCOMPARE(decode_file(file, 22050), top);
    HEARSAY_FAILS(Usage, ("out.wav"), write_wav(file, top, 0));
    HEARSAY_FAILS(NoSpace, ("absent"), write_wav(root_ / "absent/x.wav", top, 16000));
  }

 private:
  QTemporaryDir folder_;
  fs::path root_;
};

QTEST_GUILESS_MAIN(TestDecode)
#include "test_decode.moc"
