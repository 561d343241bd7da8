// The tokenizers on the cases that come with the project, from both layouts of files, and what else their header says.

#include <QtTest>
#include <thread>

#include "base/error.h"
#include "text/tokenizer.h"
#include "tokenizer_cases.h"

using hearsay::Tokenizer;
using hearsay::TokenizerKind;
using tokenizer_cases::Ids;

namespace {

std::filesystem::path bundled(const char* name) {
  return std::filesystem::path(HEARSAY_TEST_DATA) / "tokenizers" / name;
}

}  // namespace

class TestTokenizer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cases_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("layout");
    for (const char* name : {"bert", "roberta", "gpt2"}) {
      for (const char* layout : {"json", "files"}) {
        QTest::addRow("%s %s", name, layout) << QString(name) << QString(layout);
      }
    }
  }

  void cases() {
    QFETCH(QString, name);
    QFETCH(QString, layout);
    const auto folder = bundled(qPrintable(name));
    const auto cases = tokenizer_cases::read_cases(folder / "cases.jsonl");
    QCOMPARE(cases.size(), std::size_t{403});
    const auto tokenizer = Tokenizer::load(folder / layout.toStdString());
    const std::string difference = tokenizer_cases::first_difference(*tokenizer, cases);
    QVERIFY2(difference.empty(), difference.c_str());
    // Once more: now every word comes from the cache.
    QVERIFY(tokenizer_cases::first_difference(*tokenizer, cases).empty());
  }

  void describesItself() {
    const auto bert = Tokenizer::load(bundled("bert") / "files");
    QCOMPARE(bert->kind(), TokenizerKind::WordPiece);
    QCOMPARE(bert->vocabulary_size(), std::int64_t{4000});
    QCOMPARE(bert->special().begin, std::int64_t{101});
    QCOMPARE(bert->special().end, std::int64_t{102});
    QCOMPARE(bert->special().pad, std::int64_t{0});
    QCOMPARE(bert->special().unknown, std::int64_t{100});
    QCOMPARE(bert->token(101), std::string("[CLS]"));
    QCOMPARE(bert->token(-1), std::string());
    QCOMPARE(bert->token(4000), std::string());
    for (const char* layout : {"json", "files"}) {
      const auto roberta = Tokenizer::load(bundled("roberta") / layout);
      QCOMPARE(roberta->kind(), TokenizerKind::RobertaBpe);
      QCOMPARE(roberta->special().begin, std::int64_t{0});
      QCOMPARE(roberta->special().pad, std::int64_t{1});
      QCOMPARE(roberta->special().end, std::int64_t{2});
      QCOMPARE(roberta->special().unknown, std::int64_t{3});
      const auto gpt2 = Tokenizer::load(bundled("gpt2") / layout);
      QCOMPARE(gpt2->kind(), TokenizerKind::Gpt2Bpe);
      QCOMPARE(gpt2->special().begin, std::int64_t{-1});
      QCOMPARE(gpt2->special().end, std::int64_t{3999});
      QCOMPARE(gpt2->token(3999), std::string("<|endoftext|>"));
    }
  }

  void specialTokensInText() {
    const auto bert = Tokenizer::load(bundled("bert") / "json");
    QCOMPARE(bert->encode("[SEP]"), (Ids{101, 102, 102}));
    const Ids lower_case = bert->encode_plain("[sep]");  // exact case only
    QVERIFY(std::find(lower_case.begin(), lower_case.end(), 102) == lower_case.end());
    const auto roberta = Tokenizer::load(bundled("roberta") / "files");
    const Ids joined = roberta->encode_plain("dog<mask>");
    QCOMPARE(roberta->encode_plain("dog  \t\u3000<mask>"), joined);  // swallows the blanks before it
    QVERIFY(roberta->encode_plain("dog<mask> ") != joined);          // and none behind it
    QCOMPARE(roberta->encode_plain(" <mask> <mask>"), (Ids{3999, 3999}));
  }

  void exclamationMarkAsPadding() {
    for (const char* layout : {"json", "files"}) {
      const auto gpt2 = Tokenizer::load(bundled("gpt2") / layout);
      gpt2->make_special("!");
      QCOMPARE(gpt2->special().pad, std::int64_t{0});
      QCOMPARE(gpt2->encode_plain("!!"), (Ids{0, 0}));
      QCOMPARE(gpt2->encode_plain("!!!").size(), std::size_t{3});
      Ids expected = gpt2->encode_plain("dog");
      expected.push_back(0);
      const Ids behind = gpt2->encode_plain("dog");
      expected.insert(expected.end(), behind.begin(), behind.end());
      QCOMPARE(gpt2->encode_plain("dog!dog"), expected);
      gpt2->make_special("!");  // saying it twice changes nothing
      QCOMPARE(gpt2->encode_plain("dog!dog"), expected);
    }
  }

  void makeSpecialNeedsAKnownToken() {
    const auto gpt2 = Tokenizer::load(bundled("gpt2") / "files");
    QVERIFY_THROWS_EXCEPTION(hearsay::Error, gpt2->make_special("no such token"));
  }

  void truncation() {
    const std::string text = "a dog barks and a cat meows while rain falls";
    for (const char* name : {"bert", "roberta", "gpt2"}) {
      const auto tokenizer = Tokenizer::load(bundled(name) / "files");
      const Ids whole = tokenizer->encode(text);
      for (std::size_t length = 0; length <= whole.size() + 2; ++length) {
        const Ids cut = tokenizer->encode(text, length);
        QCOMPARE(cut.size(), std::min(length, whole.size()));
        if (cut.empty()) continue;
        if (tokenizer->kind() != TokenizerKind::Gpt2Bpe) QCOMPARE(cut.back(), tokenizer->special().end);
        if (length > 2) QVERIFY(std::equal(cut.begin(), cut.end() - 1, whole.begin()));
      }
    }
  }

  void brokenUtf8() {
    for (const char* name : {"bert", "roberta", "gpt2"}) {
      const auto tokenizer = Tokenizer::load(bundled(name) / "json");
      QCOMPARE(tokenizer->encode("dog \xff\xc3 cat"), tokenizer->encode("dog \uFFFD\uFFFD cat"));
      QCOMPARE(tokenizer->encode(std::string_view("a\0b", 3)).empty(), false);
    }
  }

  void longCaptions() {
    std::string words;
    for (int i = 0; i < 10000; ++i) words += " sound" + std::to_string(i);
    const std::string one_word(200000, 'a');
    for (const char* name : {"bert", "roberta", "gpt2"}) {
      const auto tokenizer = Tokenizer::load(bundled(name) / "files");
      QElapsedTimer clock;
      clock.start();
      QVERIFY(tokenizer->encode(words).size() >= std::size_t{20000});
      const Ids ids = tokenizer->encode(one_word);
      QVERIFY(!ids.empty());
      QVERIFY2(clock.elapsed() < 5000, "tokenizing should be close to linear in the length of a text");
    }
  }

  void severalThreads() {
    const auto tokenizer = Tokenizer::load(bundled("roberta") / "json");
    const auto cases = tokenizer_cases::read_cases(bundled("roberta") / "cases.jsonl");
    std::vector<std::string> differences(4);
    {
      std::vector<std::jthread> threads;
      threads.reserve(differences.size());
      for (auto& difference : differences) {
        threads.emplace_back([&] { difference = tokenizer_cases::first_difference(*tokenizer, cases); });
      }
    }
    for (const auto& difference : differences) QVERIFY2(difference.empty(), difference.c_str());
  }
};

QTEST_APPLESS_MAIN(TestTokenizer)
#include "test_tokenizer.moc"
