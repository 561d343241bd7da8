// Reading what torch.save wrote: every tensor of the reference's files, strided views and shared storages, and refusal
// of everything else: foreign globals, truncations, flipped bits, hostile sizes.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "model/pickle.h"
#include "model/torch_file.h"
#include "model/zip_directory.h"
#include "tensors.h"
#include "torch_bytes.h"

using namespace hearsay;
using namespace hearsay::testing;
namespace fs = std::filesystem;
using namespace std::string_literals;

class TestTorchFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void views_and_types();
  void parameters_and_odd_strides();
  void zip64();
  void a_training_checkpoint();
  void legacy();
  void reference_tensors_data();
  void reference_tensors();
  void third_party_file();
  void containers_agree();
  void refused_data();
  void refused();
  void a_damaged_file_is_told_of_as_what_it_is_called();
  void truncations_and_flipped_bits_data();
  void truncations_and_flipped_bits();

 private:
  [[nodiscard]] fs::path put(const std::string& bytes) const {
    const fs::path path = fs::path(folder_.path().toStdString()) / "weights.pth";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static at::Tensor get(const Checkpoint& checkpoint, const std::string& name) {
    return Weights(std::shared_ptr<const Checkpoint>(&checkpoint, [](const Checkpoint*) {}))
        .get(name, at::IntArrayRef(checkpoint.tensors().at(name).shape));
  }
  QTemporaryDir folder_;
};

void TestTorchFile::views_and_types() {
  const TorchCheckpoint file(put(sample_zip()));
  QCOMPARE(file.tensors().size(), std::size_t{6});
  QVERIFY(at::equal(get(file, "a"), at::arange(6, at::kFloat).view({2, 3})));
  QVERIFY(at::equal(get(file, "transposed"), get(file, "a").t()));
  QVERIFY(get(file, "transposed").is_contiguous());
  QVERIFY(at::equal(get(file, "every other"), at::tensor({1.0F, 3.0F, 5.0F})));
  QCOMPARE(get(file, "scalar").item<float>(), 4.0F);
  QVERIFY(at::equal(get(file, "half"), at::tensor({1.0F, -2.0F})));
  QVERIFY(at::equal(get(file, "bfloat16"), at::tensor({1.5F, -123.5F, std::ldexp(1.0F, -126)})));
  QCOMPARE(file.bytes(), static_cast<std::uint64_t>(sample_zip().size()));
}

void TestTorchFile::parameters_and_odd_strides() {
  const auto stored = [](const std::vector<std::uint64_t>& shape, const std::vector<std::uint64_t>& strides) {
    return tensor("FloatStorage", "0", 24, 0, shape, strides);
  };
  const std::string parameter = "ctorch._utils\n_rebuild_parameter\n("s + stored({4}, {2}) +
                                "\x88"
                                "ccollections\nOrderedDict\n)RtR";
  std::vector<float> numbers(24);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const std::string pickle = dict({{"parameter", parameter},
                                   {"channels last", stored({2, 3, 2, 2}, {12, 1, 6, 3})},
                                   {"expanded", stored({5, 2}, {0, 1})},
                                   {"nothing", stored({0, 3}, {3, 1})}});
  const TorchCheckpoint file(put(zip({{"x/data.pkl", pickle}, {"x/data/0", floats(numbers)}})));
  QVERIFY(at::equal(get(file, "parameter"), at::tensor({0.0F, 2.0F, 4.0F, 6.0F})));
  const at::Tensor last = at::arange(24, at::kFloat).view({2, 2, 2, 3}).permute({0, 3, 1, 2});
  QVERIFY(at::equal(get(file, "channels last"), last));
  QVERIFY(get(file, "channels last").is_contiguous());
  QVERIFY(at::equal(get(file, "expanded"), at::tensor({0.0F, 1.0F}).expand({5, 2})));
  QCOMPARE(file.tensors().at("nothing").shape, (std::vector<std::int64_t>{0, 3}));
}

void TestTorchFile::zip64() {
  const TorchCheckpoint file(put(sample_zip(true)));
  QVERIFY(at::equal(get(file, "every other"), at::tensor({1.0F, 3.0F, 5.0F})));
}

/// What training saves beside the weights, as Microsoft's file of 2022 seems to (2.3 GB for 190 M parameters).
void TestTorchFile::a_training_checkpoint() {
  const auto moment = tensor("FloatStorage", "1", 2, 0, {2}, {1});
  const std::string pickle = "\x80\x02}("s + text("epoch") + whole(12) + text("optimizer") + "}(" + text("state") +
                             "}(" + whole(0) + "}(" + text("exp_avg") + moment + "u" + "u" + text("param_groups") +
                             "]u" + text("model") + "}(" + text("module.a") +
                             tensor("FloatStorage", "0", 3, 0, {3}, {1}) + "u" + text("loss") + "N" + "u.";
  const TorchCheckpoint file(
      put(zip({{"x/data.pkl", pickle}, {"x/data/0", floats({1, 2, 3})}, {"x/data/1", floats({8, 9})}})));
  QCOMPARE(file.tensors().size(), std::size_t{1});  // the model's alone
  QVERIFY(at::equal(get(file, "a"), at::tensor({1.0F, 2.0F, 3.0F})));
}

void TestTorchFile::legacy() {
  const TorchCheckpoint file(put(sample_legacy()));
  QVERIFY(at::equal(get(file, "a"), at::tensor({1.0F, 2.0F, 3.0F})));  // at an odd address
  QCOMPARE(get(file, "b").item<float>(), 5.0F);
  QCOMPARE(get(file, "odd").item<float>(), 9.0F);
}

void TestTorchFile::reference_tensors_data() {
  QTest::addColumn<QString>("weights");
  QTest::addColumn<QString>("list");
  QTest::addColumn<int>("missing");
  QTest::newRow("2022") << "msclap-2022/weights.pth"
                        << "msclap-2022/tensors.json" << 0;
  if (!small_reference()) {  // whose 2023 is in this container
    QTest::newRow("2022 legacy") << "msclap-2022/weights_legacy.pth"
                                 << "msclap-2022/tensors.json" << 2;
  }
  QTest::newRow("2023") << "msclap-2023/weights.pth"
                        << "msclap-2023/tensors.json" << 0;
}

void TestTorchFile::reference_tensors() {
  QFETCH(QString, weights);
  QFETCH(QString, list);
  QFETCH(int, missing);
  const fs::path path = reference(weights.toStdString());
  const auto checkpoint = Checkpoint::open(path);
  WeightOptions exact;
  exact.type = at::kDouble;
  const Weights source(checkpoint, exact);
  const auto facts = nlohmann::json::parse(read_file(reference(list.toStdString())));
  QCOMPARE(checkpoint->tensors().size() + static_cast<std::size_t>(missing), facts.size());
  for (const auto& [name, wanted] : facts.items()) {
    if (!source.has(name)) {
      QVERIFY2(name.find("stft") != std::string::npos, name.c_str());
      continue;
    }
    const auto shape = wanted["shape"].get<std::vector<std::int64_t>>();
    const at::Tensor found = source.get(name, at::IntArrayRef(shape));
    const double sum = wanted["sum"].get<double>();
    const double size = std::max(1.0, wanted["abs_sum"].get<double>());
    QVERIFY2(std::abs(found.sum().item<double>() - sum) <= 1e-9 * size, name.c_str());
    QVERIFY2(std::abs(found.abs().sum().item<double>() - wanted["abs_sum"].get<double>()) <= 1e-9 * size, name.c_str());
  }
}

void TestTorchFile::third_party_file() {
  const fs::path path = fs::path(HEARSAY_SHARED) / "data/teacher/mn04_as_mAP_432.pt";
  if (!fs::exists(path)) QSKIP("../shared/data is not there.");
  const auto checkpoint = Checkpoint::open(path);
  QVERIFY(checkpoint->tensors().size() > 100);
  for (const auto& [name, stored] : checkpoint->tensors()) {
    const at::Tensor values = get(*checkpoint, name);
    QVERIFY2(values.isfinite().all().item<bool>(), name.c_str());
  }
}

void TestTorchFile::containers_agree() {
  NEEDS_REFERENCE("hf-clap-fused/pytorch_model.bin");
  const fs::path folder = reference("hf-clap-fused");
  const auto wanted = Checkpoint::open(folder / "model.safetensors");
  for (const char* name : {"pytorch_model.bin", "pytorch_model_legacy.bin"}) {
    const auto found = Checkpoint::open(folder / name);
    for (const auto& [tensor_name, stored] : wanted->tensors()) {
      QVERIFY2(found->tensors().contains(tensor_name), tensor_name.c_str());
      QVERIFY2(at::equal(get(*found, tensor_name), get(*wanted, tensor_name)), tensor_name.c_str());
    }
  }
}

void TestTorchFile::refused_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("named");
  const auto row = [](const char* name, const std::string& bytes, const char* named) {
    QTest::newRow(name) << QByteArray::fromStdString(bytes) << named;
  };
  const auto archive = [](const std::string& pickle) {
    return zip({{"archive/data.pkl", pickle}, {"archive/data/0", floats({1, 2})}});
  };
  const auto one = [&](const std::string& value) { return archive(dict({{"a", value}})); };
  row("a command",
      archive("\x80\x02"
              "cposix\nsystem\n"s +
              text("true") + "\x85R."),
      "posix.system");
  row("a builtin",
      archive("\x80\x02"
              "cbuiltins\neval\n"s +
              text("1") + "\x85R."),
      "builtins.eval");
  row("by name from the stack", archive("\x80\x04"s + text("os") + text("popen") + "\x93."), "os.popen");
  row("an object",
      archive("\x80\x02"
              "ctorch.nn\nModule\n)\x81."),
      "torch.nn.Module");
  row("an instruction", archive("\x80\x02i."), "instruction");
  row("no tensors", archive("\x80\x02}."), "no tensors");
  row("a number", archive("\x80\x02K\x07."), "dictionary");
  row("empty stack", archive("\x80\x02."), "fit together");
  row("unknown memo", archive("\x80\x02h\x05."), "fit together");
  row("mark left", archive("\x80\x02(."), "fit together");
  row("cut text",
      archive("\x80\x02X\xff\xff\xff\x7f"
              "abc"),
      "too early");
  row("huge text", archive("\x80\x04\x8d"s + number(~0ULL, 8)), "too early");
  row("missing numbers", one(tensor("FloatStorage", "9", 2, 0, {2}, {1})), "missing");
  row("storage too large", one(tensor("FloatStorage", "0", 3, 0, {2}, {1})), "cut off");
  row("outside", one(tensor("FloatStorage", "0", 2, 1, {2}, {1})), "outside");
  row("strides outside", one(tensor("FloatStorage", "0", 2, 0, {2}, {2})), "outside");
  row("repeated without end", one(tensor("FloatStorage", "0", 2, 0, {1000000, 1000000}, {0, 0})), "too often");
  row("overflow", one(tensor("FloatStorage", "0", 2, 0, {2000000000, 2000000000, 2000000000}, {1, 1, 1})), "outside");
  row("negative size", one(tensor("FloatStorage", "0", 2, 0, {0xFFFFFFFF}, {1})), "no sense");
  row("sizes and strides", one(tensor("FloatStorage", "0", 2, 0, {2}, {1, 1})), "no sense");
  row("many dimensions",
      one(tensor("FloatStorage", "0", 2, 0, std::vector<std::uint64_t>(40, 1), std::vector<std::uint64_t>(40, 1))),
      "no sense");
  row("storage of nothing", archive("\x80\x02)Q."), "no sense");
  row("endless values", archive("\x80\x02"s + std::string(60000, 'N') + "."), "more values");
  row("deeply nested", archive("\x80\x02"s + std::string(60000, ']') + std::string(59999, 'a') + "."), "more values");
  row("big-endian",
      zip({{"x/data.pkl", dict({{"a", tensor("FloatStorage", "0", 2, 0, {2}, {1})}})},
           {"x/data/0", floats({1, 2})},
           {"x/byteorder", "big"}}),
      "little-endian");
  row("compressed", packed_otherwise(sample_zip(), 8, 0), "data.pkl is compressed, which torch.save never does");
  row("compressed, sizes later", packed_otherwise(sample_zip(), 8, 8), "is compressed");
  row("encrypted", packed_otherwise(sample_zip(), 0, 1), "data.pkl is encrypted, which torch.save never does");
  row("encrypted and compressed", packed_otherwise(sample_zip(true), 8, 1), "is encrypted");
  const std::string wide = sample_zip(true);
  row("zip64 of endless entries", with_number64(wide, "PK\x06\x06", 32, ~0ULL), "more entries than fit");
  row("zip64 directory outside", with_number64(wide, "PK\x06\x06", 48, ~0ULL - 8), "outside the file");
  row("zip64 record outside", with_number64(wide, "PK\x06\x07", 8, ~0ULL - 8), "outside the file");
  row("zip64 record elsewhere", with_number64(wide, "PK\x06\x07", 8, 0), "not where it should be");
  // The last entry's name, then its extra field: kind, length, size, packed size, offset.
  row("zip64 part of endless size",
      with_number64(with_number64(wide, "archive/data/2", 18, ~0ULL), "archive/data/2", 26, ~0ULL), "outside the file");
  row("zip64 part outside", with_number64(wide, "archive/data/2", 34, 1ULL << 40), "outside the file");
  row("zip64 part with two sizes", with_number64(wide, "archive/data/2", 18, 2), "two sizes");
  row("no pickle", zip({{"archive/version", "3"}}), "data.pkl");
  row("twice the same", zip({{"a/data.pkl", "}."}, {"a/data.pkl", "}."}}), "two parts");
  row("only a start", "PK\x03\x04", "too short");
  row("not the format", "\x80\x02\x8a\x0a", "too early");
}

void TestTorchFile::refused() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, named);
  const fs::path path = put(bytes.toStdString());
  try {
    (void)Checkpoint::open(path);
    QFAIL("it was accepted");
  } catch (const Error& error) {
    QCOMPARE(error.kind(), ErrorKind::BadFormat);
    QVERIFY2(QString::fromUtf8(error.what()).contains(named), error.what());
    QVERIFY2(QString::fromUtf8(error.what()).contains("weights.pth"), error.what());
  }
}

/// By its name it is PyTorch's, and what is said of it must not be about another kind of file.
void TestTorchFile::a_damaged_file_is_told_of_as_what_it_is_called() {
  for (const std::string& bytes : {"no weights at all"s, std::string(4096, '\0'), ""s}) {
    try {
      (void)Checkpoint::open(put(bytes));
      QFAIL("it was opened");
    } catch (const Error& error) {
      const QString said = error.what();
      QVERIFY2(!said.contains(".safetensors") && said.contains("weights.pth"), qPrintable(said));
    }
  }
}

void TestTorchFile::truncations_and_flipped_bits_data() {
  QTest::addColumn<QByteArray>("whole");
  QTest::newRow("zip") << QByteArray::fromStdString(sample_zip());
  QTest::newRow("zip64") << QByteArray::fromStdString(sample_zip(true));
  QTest::newRow("legacy") << QByteArray::fromStdString(sample_legacy());
}

void TestTorchFile::truncations_and_flipped_bits() {
  QFETCH(QByteArray, whole);
  const std::string bytes = whole.toStdString();
  const auto try_it = [&](const std::string& bent) {
    try {
      const auto checkpoint = Checkpoint::open(put(bent));
      for (const auto& [name, stored] : checkpoint->tensors()) (void)get(*checkpoint, name);
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::BadFormat) throw;
      return false;
    }
  };
  QVERIFY(try_it(bytes));
  for (std::size_t size = 0; size < bytes.size(); size += 16) QVERIFY(!try_it(bytes.substr(0, size)));
  int refused = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 7) {
    std::string bent = bytes;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    refused += try_it(bent) ? 0 : 1;
  }
  QVERIFY(refused > 100);
}

QTEST_GUILESS_MAIN(TestTorchFile)
#include "test_torch_file.moc"
