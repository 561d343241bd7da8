// The tokenizers' files: settings they may carry, and every kind of damage.

#include <QtTest>

#include "base/error.h"
#include "text/tokenizer.h"
#include "tokenizer_cases.h"

using hearsay::Error;
using hearsay::ErrorKind;
using hearsay::Tokenizer;
using nlohmann::json;
using tokenizer_cases::Ids;
using tokenizer_cases::PartOfFolder;
using tokenizer_cases::slurp;
using tokenizer_cases::write;

namespace {

std::filesystem::path bundled(const std::string& name) {
  return std::filesystem::path(HEARSAY_TEST_DATA) / "tokenizers" / name;
}

/// A tokenizer.json of the bundled ones, changed by `change`, in a folder of its own.
struct Changed {
  template <typename Change>
  Changed(const char* name, Change change) : folder(bundled(std::string(name) + "/json"), {}) {
    json root = json::parse(slurp(bundled(std::string(name) + "/json/tokenizer.json")));
    change(root);
    write(folder.path() / "tokenizer.json", root.dump());
  }
  PartOfFolder folder;
};

/// The message of the Error that loading gives, which must be of this kind; empty if there is none.
std::string failure(const std::filesystem::path& folder, ErrorKind kind) {
  try {
    (void)Tokenizer::load(folder);
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string();
  }
  return {};
}

}  // namespace

class TestTokenizerFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void nothingThere() {
    const QTemporaryDir empty;
    const std::string message = failure(empty.path().toStdString(), ErrorKind::NotFound);
    QVERIFY(message.find("vocab.txt") != std::string::npos);
    QVERIFY(message.find("merges.txt") != std::string::npos);
    QVERIFY(message.find(empty.path().toStdString()) != std::string::npos);
    QVERIFY(!failure("/no/such/folder", ErrorKind::NotFound).empty());
  }

  void mergesWithoutVocabulary() {
    const PartOfFolder part(bundled("gpt2/files"), {"merges.txt"});
    QVERIFY(!failure(part.path(), ErrorKind::NotFound).empty());
    const PartOfFolder other(bundled("gpt2/files"), {"vocab.json"});
    QVERIFY(!failure(other.path(), ErrorKind::NotFound).empty());
  }

  void damagedJson_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("binary") << QByteArray("\x00\xff\x01\x02", 4);
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("list") << QByteArray("[1, 2]");
    QTest::newRow("no model") << QByteArray("{}");
    QTest::newRow("model is a number") << QByteArray(R"({"model": 7})");
    QTest::newRow("no vocabulary") << QByteArray(R"({"model": {"type": "BPE", "merges": []}})");
    QTest::newRow("deep") << QByteArray("{\"model\":") + QByteArray(200000, '[');
    QTest::newRow("open string") << QByteArray("{\"model\": \"") + QByteArray(100000, 'x');
    QTest::newRow("text ids") << QByteArray(R"({"model": {"type": "BPE", "vocab": {"a": "b"}, "merges": []}})");
    QTest::newRow("negative id") << QByteArray(R"({"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}})");
    QTest::newRow("huge id") << QByteArray(R"({"model": {"type": "BPE", "vocab": {"a": 9e15}, "merges": []}})");
    QTest::newRow("large id") << QByteArray(
        R"({"model": {"type": "BPE", "vocab": {"a": 18446744073709551615}, "merges": []}})");
    QTest::newRow("same id") << QByteArray(R"({"model": {"type": "BPE", "vocab": {"a": 1, "b": 1}, "merges": []}})");
    QTest::newRow("unigram") << QByteArray(R"({"model": {"type": "Unigram", "vocab": {"a": 1}}})");
    QTest::newRow("merge unknown") << QByteArray(
        R"({"pre_tokenizer": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 1}, "merges": ["a b"]}})");
    QTest::newRow("merge of three") << QByteArray(
        R"({"pre_tokenizer": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 1}, "merges": [[1,2,3]]}})");
  }

  void damagedJson() {
    QFETCH(QByteArray, content);
    const QTemporaryDir folder;
    const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "tokenizer.json";
    write(file, content.toStdString());
    const std::string message = failure(folder.path().toStdString(), ErrorKind::BadFormat);
    QVERIFY2(message.find(file.string()) != std::string::npos, message.c_str());
    QVERIFY(message.size() < 400);
  }

  void everyTruncationIsAnError() {
    for (const char* name : {"bert", "roberta", "gpt2"}) {
      const std::string whole = slurp(bundled(std::string(name) + "/json/tokenizer.json"));
      const QTemporaryDir folder;
      for (std::size_t length = 0; length < whole.size(); length += whole.size() / 23) {
        write(std::filesystem::path(folder.path().toStdString()) / "tokenizer.json", whole.substr(0, length));
        QVERIFY(!failure(folder.path().toStdString(), ErrorKind::BadFormat).empty());
      }
    }
  }

  void damagedVocabularyFiles() {
    const PartOfFolder gpt2(bundled("gpt2/files"), {"vocab.json", "merges.txt"});
    write(gpt2.path() / "merges.txt", "#version: 0.2\ni n\nonly_one\n");
    QVERIFY(failure(gpt2.path(), ErrorKind::BadFormat).find("merges.txt") != std::string::npos);
    write(gpt2.path() / "merges.txt", "#version: 0.2\ni n\nzz qq\n");
    QVERIFY(failure(gpt2.path(), ErrorKind::BadFormat).find("belong together") != std::string::npos);
    write(gpt2.path() / "vocab.json", "{}");
    QVERIFY(failure(gpt2.path(), ErrorKind::BadFormat).find("vocab.json") != std::string::npos);

    const PartOfFolder bert(bundled("bert/files"), {});
    write(bert.path() / "vocab.txt", "");
    QVERIFY(failure(bert.path(), ErrorKind::BadFormat).find("vocab.txt") != std::string::npos);
    write(bert.path() / "vocab.txt", "the\ndog\n");
    QVERIFY(failure(bert.path(), ErrorKind::BadFormat).find("[CLS]") != std::string::npos);
    write(bert.path() / "vocab.txt", "[CLS]\n[SEP]\ndog\n");
    QVERIFY(failure(bert.path(), ErrorKind::BadFormat).find("[UNK]") != std::string::npos);
  }

  void damagedSettings() {
    const PartOfFolder bert(bundled("bert/files"), {"vocab.txt"});
    write(bert.path() / "tokenizer_config.json", "{\"do_lower_case\": tru");
    QVERIFY(failure(bert.path(), ErrorKind::BadFormat).find("tokenizer_config.json") != std::string::npos);
    write(bert.path() / "tokenizer_config.json", R"({"do_lower_case": "yes", "added_tokens_decoder": {"x": {}}})");
    QVERIFY(failure(bert.path(), ErrorKind::BadFormat).find("tokenizer_config.json") != std::string::npos);
  }

  void partsOfOtherTokenizersAreRefused() {
    const auto refuses = [](const char* name, const char* part, const json& value) {
      const Changed changed(name, [&](json& root) { root[json::json_pointer(part)] = value; });
      return !failure(changed.folder.path(), ErrorKind::BadFormat).empty();
    };
    QVERIFY(refuses("bert", "/normalizer", {{"type", "NFKC"}}));
    QVERIFY(refuses("bert", "/pre_tokenizer", {{"type", "Whitespace"}}));
    QVERIFY(refuses("roberta", "/normalizer", {{"type", "Lowercase"}}));
    QVERIFY(refuses("roberta", "/pre_tokenizer/use_regex", false));
    QVERIFY(refuses("roberta", "/post_processor", {{"type", "RobertaProcessing"}}));
    QVERIFY(refuses("roberta", "/post_processor/cls/1", 1234567));
    QVERIFY(refuses("roberta", "/model/end_of_word_suffix", "</w>"));
    QVERIFY(refuses("gpt2", "/added_tokens/0/content", ""));
    QVERIFY(refuses("gpt2", "/added_tokens", {{{"id", 5}, {"content", "<new>"}}}));
  }

  void lowerCaseFromSettings() {
    const PartOfFolder bert(bundled("bert/files"), {"vocab.txt"});
    const Ids lower = Tokenizer::load(bert.path())->encode_plain("dog");
    QCOMPARE(Tokenizer::load(bert.path())->encode_plain("DOG"), lower);
    write(bert.path() / "tokenizer_config.json", R"({"do_lower_case": false})");
    QVERIFY(Tokenizer::load(bert.path())->encode_plain("DOG") != lower);
    QVERIFY(Tokenizer::load(bert.path())->encode_plain("d\u00f6g") != lower);  // accents go only with the case
    write(bert.path() / "tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": true})");
    QCOMPARE(Tokenizer::load(bert.path())->encode_plain("d\u00f6g"), lower);
    QVERIFY(Tokenizer::load(bert.path())->encode_plain("D\u00d6G") != lower);
    write(bert.path() / "tokenizer_config.json", R"({"strip_accents": false})");
    QVERIFY(Tokenizer::load(bert.path())->encode_plain("d\u00f6g") != lower);
    QCOMPARE(Tokenizer::load(bert.path())->encode_plain("DOG"), lower);

    const Changed cased("bert", [](json& root) { root["normalizer"]["lowercase"] = false; });
    QVERIFY(Tokenizer::load(cased.folder.path())->encode_plain("DOG") != lower);
  }

  void prefixSpaceFromSettings() {
    const PartOfFolder gpt2(bundled("gpt2/files"), {"vocab.json", "merges.txt"});
    const Ids spaced = Tokenizer::load(gpt2.path())->encode_plain(" dog");
    QVERIFY(Tokenizer::load(gpt2.path())->encode_plain("dog") != spaced);
    write(gpt2.path() / "tokenizer_config.json", R"({"add_prefix_space": true})");
    QCOMPARE(Tokenizer::load(gpt2.path())->encode_plain("dog"), spaced);
    QCOMPARE(Tokenizer::load(gpt2.path())->encode_plain(" dog"), spaced);
    const Changed changed("gpt2", [](json& root) { root["pre_tokenizer"]["add_prefix_space"] = true; });
    QCOMPARE(Tokenizer::load(changed.folder.path())->encode_plain("dog"), spaced);
  }

  void flagsOfAddedTokens() {
    const PartOfFolder bert(bundled("bert/files"), {"vocab.txt"});
    write(bert.path() / "tokenizer_config.json",
          R"({"added_tokens_decoder": {"4000": {"content": "<bell>", "single_word": true, "rstrip": true}}})");
    const auto tokenizer = Tokenizer::load(bert.path());
    QCOMPARE(tokenizer->vocabulary_size(), std::int64_t{4001});
    QCOMPARE(tokenizer->encode_plain("<bell>  "), (Ids{4000}));
    const Ids inside = tokenizer->encode_plain("a<bell>");
    QVERIFY(std::find(inside.begin(), inside.end(), 4000) == inside.end());
    const Ids after_blank = tokenizer->encode_plain("a <bell>");
    QCOMPARE(after_blank.back(), std::int64_t{4000});
  }

  void normalizedAddedTokenMatchesNormalisedText() {
    const Changed changed("bert", [](json& root) { root["added_tokens"][3]["normalized"] = true; });  // [SEP]
    const auto tokenizer = Tokenizer::load(changed.folder.path());
    QCOMPARE(tokenizer->encode_plain("[sep]"), (Ids{102}));
    QCOMPARE(tokenizer->encode_plain("[SEP]"), (Ids{102}));
  }

  void paddingTokenNoLongerMerges() {
    const Changed changed("gpt2", [](json& root) {
      root["model"]["vocab"]["!!"] = 4000;
      root["model"]["merges"].push_back("! !");
    });
    const auto tokenizer = Tokenizer::load(changed.folder.path());
    QCOMPARE(tokenizer->encode_plain("!!!"), (Ids{4000, 0}));
    tokenizer->make_special("!");
    QCOMPARE(tokenizer->encode_plain("!!!"), (Ids{0, 0, 0}));
    QCOMPARE(tokenizer->encode_plain(" !").size(), std::size_t{2});  // the blank stays a piece of its own
  }

  void unknownBytesAndWholeWords() {
    const Changed known("gpt2", [](json& root) {
      root["model"]["vocab"].erase("\u0122");  // the stand-in of byte 0x80, unused by any merge here
      root["model"]["merges"] = json::array();
    });
    const auto dropping = Tokenizer::load(known.folder.path());
    const std::size_t without = dropping->encode_plain("\u00c0").size();  // bytes C3 80: the second is dropped
    QCOMPARE(without, std::size_t{1});
    const Changed with_unknown("gpt2", [](json& root) {
      root["model"]["vocab"].erase("\u0122");
      root["model"]["merges"] = json::array();
      root["model"]["unk_token"] = "<|endoftext|>";
    });
    QCOMPARE(Tokenizer::load(with_unknown.folder.path())->encode_plain("\u00c0").back(), std::int64_t{3999});
    const Changed whole("gpt2", [](json& root) {
      root["model"]["merges"] = json::array();
      root["model"]["ignore_merges"] = true;
    });
    QCOMPARE(Tokenizer::load(whole.folder.path())->encode_plain(" and").size(), std::size_t{1});
  }

  void windowsLineEnds() {
    const PartOfFolder bert(bundled("bert/files"), {});
    std::string vocabulary = slurp(bundled("bert/files/vocab.txt"));
    std::string crlf;
    for (const char c : vocabulary) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    write(bert.path() / "vocab.txt", crlf);
    const auto expected = Tokenizer::load(bundled("bert/files"))->encode("a dog barks");
    QCOMPARE(Tokenizer::load(bert.path())->encode("a dog barks"), expected);
  }
};

QTEST_APPLESS_MAIN(TestTokenizerFiles)
#include "test_tokenizer_files.moc"
