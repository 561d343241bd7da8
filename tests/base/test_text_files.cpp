#include <QTemporaryDir>
#include <QtTest>

#include "base/files.h"
#include "support/errors.h"

namespace fs = std::filesystem;
using namespace hearsay;

namespace {

QByteArray utf16_of(const QString& text, bool little) {
  QByteArray bytes;
  for (const QChar c : text) {
    const auto low = static_cast<char>(c.unicode() & 0xFFU);
    const auto high = static_cast<char>(c.unicode() >> 8U);
    bytes.append(little ? low : high).append(little ? high : low);
  }
  return bytes;
}

}  // namespace

class TestTextFiles : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { QVERIFY(folder_.isValid()); }

  void reads_encodings_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("plain") << QByteArray("dog\r\ncat\n") << QString("dog\r\ncat\n");
    QTest::newRow("empty") << QByteArray() << QString();
    QTest::newRow("utf-8") << QByteArray("caf\xC3\xA9") << QString::fromUtf8("café");
    QTest::newRow("utf-8 with mark") << QByteArray(
                                            "\xEF\xBB\xBF"
                                            "caf\xC3\xA9")
                                     << QString::fromUtf8("café");
    QTest::newRow("utf-16le with mark") << QByteArray(
                                               "\xFF\xFE"
                                               "d\0o\0g\0",
                                               8)
                                        << QString("dog");
    QTest::newRow("utf-16be with mark") << QByteArray(
                                               "\xFE\xFF"
                                               "\0d\0o\0g",
                                               8)
                                        << QString("dog");
    QTest::newRow("utf-16le without mark") << QByteArray("d\0o\0g\0\n\0", 8) << QString("dog\n");
    QTest::newRow("utf-16be without mark") << QByteArray("\0d\0o\0g\0\n", 8) << QString("dog\n");
    QTest::newRow("utf-32le with mark") << QByteArray(
                                               "\xFF\xFE\0\0"
                                               "d\0\0\0",
                                               8)
                                        << QString("d");
    QTest::newRow("latin-1") << QByteArray(
                                    "Glockenl\xE4uten und T\xFCrklingel, Stra\xDF"
                                    "enl\xE4rm")
                             << QString::fromUtf8("Glockenläuten und Türklingel, Straßenlärm");
    QTest::newRow("windows-1252, one word") << QByteArray("caf\xE9") << QString::fromUtf8("café");
    QTest::newRow("emoji") << QByteArray("dog \xF0\x9F\x90\x95") << QString::fromUtf8("dog 🐕");
    for (const auto& [script, line] :
         {std::pair("Cyrillic", "собака лает\nидёт дождь — тихо\n"), std::pair("Chinese", "狗在叫\r\n下雨了\r\n"),
          std::pair("Japanese", "いぬがほえる。\nあめ\n"), std::pair("Korean", "개가 짖는다"),
          std::pair("Hindi", "कुत्ता भौंकता है\n"), std::pair("Punjabi", "ਕੁੱਤਾ ਭੌਂਕਦਾ ਹੈ\n"), std::pair("emoji", "犬 🐕\n")}) {
      const QString text = QString::fromUtf8(line);
      QTest::addRow("utf-16le without mark, %s", script) << utf16_of(text, true) << text;
      QTest::addRow("utf-16be without mark, %s", script) << utf16_of(text, false) << text;
    }
    const QString umlauts = QString::fromUtf8("Glöckchen läuten, Türen fallen zu, Bären hören Flöten überm Gewölbe, ");
    QTest::newRow("utf-8 with a broken byte")
        << umlauts.repeated(2).toUtf8() + "\xE4!" << umlauts.repeated(2) + QString::fromUtf8("\xEF\xBF\xBD!");
    QTest::newRow("utf-8 cut in a letter")
        << umlauts.repeated(2).toUtf8() + "\xC3" << umlauts.repeated(2) + QString::fromUtf8("\xEF\xBF\xBD");
    QTest::newRow("utf-8 with many broken bytes")
        << umlauts.repeated(100).toUtf8() + "\xE4 \xF6 \xFC \xE4 \xF6 \xFC"
        << umlauts.repeated(100) + QString::fromUtf8("\xEF\xBF\xBD ").repeated(6).trimmed();
  }
  void reads_encodings() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, text);
    const fs::path file = fs::path(folder_.path().toStdString()) / "text.txt";
    write_file_atomically(file, bytes.toStdString());
    QCOMPARE(QString::fromStdString(read_text_file(file)), text);
  }

  void refuses_binary_content() {
    const fs::path file = fs::path(folder_.path().toStdString()) / "sound.csv";
    std::string bytes = "RIFF";
    for (int i = 0; i < 4000; ++i) bytes += static_cast<char>(i * 37 % 256);
    write_file_atomically(file, bytes);
    HEARSAY_FAILS(BadFormat, ("sound.csv", "not a text file", "save it as UTF-8"), read_text_file(file));
    for (const std::string& line : {std::string("a dog barks in the rain\n"), std::string("собака лает\n")}) {
      write_file_atomically(file, line + line + std::string(2, '\0') + line);
      HEARSAY_FAILS(BadFormat, ("not a text file"), read_text_file(file));
    }
    HEARSAY_FAILS(NotFound, ("absent"), read_text_file(file.parent_path() / "absent"));
  }

  void refuses_what_is_too_large_before_it_reads_it() {
    const fs::path file = fs::path(folder_.path().toStdString()) / "huge.csv";
    write_file_atomically(file, std::string("file,label\n"));
    fs::resize_file(file, std::uintmax_t{1} << 40);  // a hole: takes no disk, and would take all memory
    HEARSAY_FAILS(BadFormat, ("huge.csv", "larger than 1 GiB", "split it"), read_text_file(file));
  }

 private:
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestTextFiles)
#include "test_text_files.moc"
