// What a person is told of sounds that can be read and are not what they seem: broken off, silent, not all numbers.
#include <QtTest>
#include <fstream>
#include <limits>

#include "audio/decode.h"
#include "support/own_folder.h"
#include "support/sounds.h"

namespace fs = std::filesystem;
using namespace hearsay;
using namespace hearsay::testing;

namespace {

constexpr int kRate = 16000;

SoundDoubts doubts_of(const fs::path& file) {
  const auto reader = AudioReader::open(file, kRate);
  std::vector<float> room(5000);
  while (reader->read(room) > 0) {
  }
  return reader->doubts();
}

/// Writes four bytes of a file's header anew.
void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(at);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

class TestSoundDoubts : public QObject, protected hearsay::testing::OwnFolder {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(make_folder()); }

  void files_that_break_off_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("format");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("WAV, 16 bit") << "a.wav" << (SF_FORMAT_WAV | SF_FORMAT_PCM_16) << 0.01;
    QTest::newRow("WAV, float") << "b.wav" << (SF_FORMAT_WAV | SF_FORMAT_FLOAT) << 0.01;
    QTest::newRow("WAV, ADPCM") << "c.wav" << (SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM) << 0.2;
    QTest::newRow("WAV, extended") << "d.wav" << (SF_FORMAT_WAVEX | SF_FORMAT_PCM_24) << 0.01;
    QTest::newRow("AIFF") << "e.aiff" << (SF_FORMAT_AIFF | SF_FORMAT_PCM_16) << 0.01;
    QTest::newRow("FLAC") << "f.flac" << (SF_FORMAT_FLAC | SF_FORMAT_PCM_16) << 0.5;
  }
  void files_that_break_off() {
    QFETCH(QString, name);
    QFETCH(int, format);
    QFETCH(double, tolerance);
    const fs::path file = root_ / name.toStdString();
    QVERIFY(write_sound(file, noise(10 * kRate), kRate, 1, format));
    const SoundDoubts whole = doubts_of(file);
    QVERIFY2(!whole.any(), sentences_of(whole, file).empty() ? "" : sentences_of(whole, file).front().c_str());
    QVERIFY(sentences_of(whole, file).empty());
    fs::resize_file(file, fs::file_size(file) / 4);
    const SoundDoubts cut = doubts_of(file);
    QVERIFY2(std::abs(cut.missing - 7.5) < tolerance, qPrintable(QString::number(cut.missing)));
    QVERIFY(!cut.silent && cut.bad_samples == 0);
    const std::vector<std::string> said = sentences_of(cut, file);
    QCOMPARE(said.size(), 1U);
    QVERIFY2(said[0].find(name.toStdString()) != std::string::npos, said[0].c_str());
    QVERIFY2(said[0].find("breaks off: about 7.") != std::string::npos, said[0].c_str());
  }

  /// Programs that record into a pipe cannot know the length.
  void a_length_left_open_is_no_promise() {
    const fs::path file = root_ / "pipe.wav";
    for (const std::string& length : {std::string("\xff\xff\xff\xff"), std::string("\x00\xf0\xff\x7f", 4),
                                      std::string("\x24\x00\x00\x80", 4), std::string(4, '\0')}) {
      write_wav(file, noise(kRate), kRate);
      overwrite(file, 40, length);
      QCOMPARE(doubts_of(file).missing, 0.0);
      QCOMPARE(decode_file(file, kRate).size(), std::size_t{kRate});
    }
  }

  void what_is_lost_behind_the_samples_is_none_of_them() {
    const fs::path file = root_ / "notes.wav";
    write_wav(file, noise(kRate), kRate);
    std::ofstream(file, std::ios::app | std::ios::binary) << "LIST" << std::string("\x00\x10\x00\x00", 4) << "INFO";
    overwrite(file, 4, std::string("\x30\x8d\x00\x00", 4));
    QCOMPARE(doubts_of(file).missing, 0.0);
  }

  void a_chunk_before_the_samples_is_passed_over() {
    const fs::path plain = root_ / "plain.wav";
    const fs::path file = root_ / "before.wav";
    write_wav(plain, noise(4 * kRate), kRate);
    std::ifstream in(plain, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    // An odd length has a byte of padding behind it.
    const std::string note = "note" + std::string("\x03\x00\x00\x00", 4) + "abc" + std::string(1, '\0');
    std::ofstream(file, std::ios::binary) << bytes.substr(0, 36) << note << bytes.substr(36, bytes.size() / 2);
    QVERIFY(std::abs(doubts_of(file).missing - 2.0) < 0.01);
  }

  void a_few_samples_short_is_not_worth_a_word() {
    const fs::path file = root_ / "short.wav";
    write_wav(file, noise(kRate), kRate);
    fs::resize_file(file, fs::file_size(file) - 1000);
    QVERIFY(!doubts_of(file).any());
  }

  void silence() {
    const fs::path file = root_ / "nothing.wav";
    write_wav(file, std::vector<float>(kRate, 0.0F), kRate);
    const SoundDoubts doubts = doubts_of(file);
    QVERIFY(doubts.silent && doubts.missing == 0.0);
    QVERIFY(sentences_of(doubts, file).front().find("is silent") != std::string::npos);
    std::vector<float> click(kRate, 0.0F);
    click.back() = 1.0F / 32768.0F;
    write_wav(file, click, kRate);
    QVERIFY(!doubts_of(file).any());
    // Two channels that cancel each other are heard as nothing too.
    std::vector<float> opposite;
    for (const float value : noise(kRate)) {
      opposite.push_back(value);
      opposite.push_back(-value);
    }
    QVERIFY(write_sound(file, opposite, kRate, 2, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    QVERIFY(doubts_of(file).silent);
  }

  void everything_at_once_is_told_in_turn() {
    const fs::path file = root_ / "all.wav";
    const std::vector<float> none(kRate, std::numeric_limits<float>::quiet_NaN());
    QVERIFY(write_sound(file, none, kRate, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    fs::resize_file(file, fs::file_size(file) / 2);
    const std::vector<std::string> said = sentences_of(doubts_of(file), file);
    QCOMPARE(said.size(), 3U);
    QVERIFY(said[0].find("breaks off") != std::string::npos);
    QVERIFY(said[1].find("no numbers") != std::string::npos);
    QVERIFY(said[2].find("is silent") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestSoundDoubts)
#include "test_sound_doubts.moc"
