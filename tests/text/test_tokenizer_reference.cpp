// The tokenizers against everything the field's own ones gave (../shared/reference), where that folder is there.

#include <QtTest>
#include <cstring>

#include "text/tokenizer.h"
#include "tokenizer_cases.h"

using hearsay::Tokenizer;
using nlohmann::json;
using tokenizer_cases::Ids;
using tokenizer_cases::PartOfFolder;

namespace {

std::filesystem::path reference() {
  return std::filesystem::path(HEARSAY_SHARED) / "reference";
}

/// The header and one int64 matrix of a safetensors file.
struct Tensors {
  explicit Tensors(const std::filesystem::path& file) : bytes(tokenizer_cases::slurp(file)) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    header = json::parse(bytes.substr(8, length));
    start = 8 + length;
  }
  [[nodiscard]] json metadata(const char* key) const {
    return json::parse(header.at("__metadata__").at(key).get<std::string>());
  }
  [[nodiscard]] std::vector<Ids> ids(const char* name) const {
    const auto shape = header.at(name).at("shape").get<std::vector<std::size_t>>();
    const auto from = start + header.at(name).at("data_offsets").at(0).get<std::size_t>();
    std::vector<Ids> rows(shape.at(0), Ids(shape.at(1)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::memcpy(rows[row].data(), bytes.data() + from + row * shape[1] * 8, shape[1] * 8);
    }
    return rows;
  }
  std::string bytes;
  json header;
  std::size_t start = 0;
};

/// Ids padded to the length of the row they are compared with.
Ids padded(const Tokenizer& tokenizer, const std::string& text, std::size_t length) {
  Ids ids = tokenizer.encode(text);
  ids.resize(std::max(ids.size(), length), tokenizer.special().pad);
  return ids;
}

}  // namespace

class TestTokenizerReference : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!std::filesystem::exists(reference())) QSKIP("../shared/reference is not here; the bundled cases still run.");
  }

  void allCases_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("layout");
    for (const char* name : {"bert-small", "roberta-small", "gpt2-small"}) {
      QTest::addRow("%s, tokenizer.json alone", name) << QString(name) << 0;
      QTest::addRow("%s, vocabulary files alone", name) << QString(name) << 1;
      QTest::addRow("%s, the whole folder", name) << QString(name) << 2;
    }
  }

  void allCases() {
    QFETCH(QString, name);
    QFETCH(int, layout);
    const auto folder = reference() / "tokenizers" / name.toStdString();
    const bool bert = name.startsWith("bert");
    const PartOfFolder json_only(folder, {"tokenizer.json"});
    const PartOfFolder files_only =
        bert ? PartOfFolder(folder, {"vocab.txt"}) : PartOfFolder(folder, {"vocab.json", "merges.txt"});
    const auto from = layout == 0 ? json_only.path() : layout == 1 ? files_only.path() : folder;
    const auto tokenizer = Tokenizer::load(from);
    const auto cases = tokenizer_cases::read_cases(folder / "cases.jsonl");
    QCOMPARE(cases.size(), std::size_t{3703});
    const std::string difference = tokenizer_cases::first_difference(*tokenizer, cases);
    QVERIFY2(difference.empty(), difference.c_str());

    if (name.startsWith("gpt2")) tokenizer->make_special("!");
    const auto cut = tokenizer_cases::read_cases(folder / "truncated.jsonl");
    QVERIFY(cut.size() >= 20);
    const std::string cut_difference = tokenizer_cases::first_difference(*tokenizer, cut);
    QVERIFY2(cut_difference.empty(), cut_difference.c_str());
  }

  void modelFolders_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("expected");
    for (const char* name : {"hf-clap-unfused", "hf-clap-fused", "hf-clap-larger"}) {
      QTest::newRow(name) << QString(name) << QString(name);
    }
    QTest::newRow("hf-clap-unfused-2023") << QString("hf-clap-unfused-2023") << QString("hf-clap-unfused");
    QTest::newRow("msclap-2022") << QString("msclap-2022") << QString("msclap-2022");
    QTest::newRow("msclap-2023") << QString("msclap-2023") << QString("msclap-2023");
  }

  void modelFolders() {
    QFETCH(QString, folder);
    QFETCH(QString, expected);
    const Tensors tensors(reference() / expected.toStdString() / "expected.safetensors");
    const bool microsoft = folder.startsWith("msclap");
    const auto texts = microsoft ? tensors.metadata("texts") : tensors.metadata("info").at("texts");
    const auto rows = tensors.ids("text.input_ids");
    QCOMPARE(texts.size(), rows.size());
    const auto tokenizer = Tokenizer::load(reference() / folder.toStdString());
    const bool gpt2 = folder == "msclap-2023";
    if (gpt2) tokenizer->make_special("!");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string text = texts[i].get<std::string>() + (gpt2 ? " <|endoftext|>" : "");
      QCOMPARE(padded(*tokenizer, text, rows[i].size()), rows[i]);
    }
  }

  void promptTuningFolders_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("expected");
    QTest::newRow("bert") << QString("msclap-2022") << QString("fixed.safetensors");
    QTest::newRow("roberta") << QString("afpt/roberta") << QString("fixed_roberta.safetensors");
    QTest::newRow("gpt2") << QString("afpt/gpt2") << QString("fixed_gpt2.safetensors");
  }

  void promptTuningFolders() {
    QFETCH(QString, folder);
    QFETCH(QString, expected);
    const Tensors tensors(reference() / "afpt" / expected.toStdString());
    const auto tokenizer = Tokenizer::load(reference() / folder.toStdString());
    const bool gpt2 = folder.endsWith("gpt2");
    if (gpt2) tokenizer->make_special("!");
    const auto compare = [&](const char* texts_key, const char* ids_key) {
      const auto texts = tensors.metadata(texts_key);
      const auto rows = tensors.ids(ids_key);
      QCOMPARE(texts.size(), rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string text = texts[i].get<std::string>() + (gpt2 ? " <|endoftext|>" : "");
        QCOMPARE(padded(*tokenizer, text, rows[i].size()), rows[i]);
      }
    };
    compare("captions", "caption.input_ids");
    compare("prompts", "class.input_ids");
  }
};

QTEST_APPLESS_MAIN(TestTokenizerReference)
#include "test_tokenizer_reference.moc"
