// Opening a model takes at most 1.3 times its weights and 300 MB: a process of its own opens a large checkpoint made
// here, and the system says how much memory it had at most. Libraries that take more than 200 MB before anything is
// opened (the wheel with CUDA: 386 MB, Debian's LibTorch 162) are allowed the rest.

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.h"
#include "model/clap_model.h"
#include "model/safetensors.h"

using namespace hearsay;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kWidth = 256;
constexpr std::int64_t kPieces = 400'000;  // word pieces: 410 MB of float32

/// The most memory this process ever had, in bytes (Linux).
std::int64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return -1;
}

/// The starter with a word embedding so large that little else counts.
void write_large_model(const fs::path& folder, DType type) {
  const fs::path starter = resources_folder() / "starter";
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "vocab.txt"}) {
    fs::copy(starter / name, folder / name);
  }
  auto config = nlohmann::json::parse(std::ifstream(starter / "config.json"));
  config["text_config"]["vocab_size"] = kPieces;
  std::ofstream(folder / "config.json") << config.dump();
  const SafetensorsFile original = SafetensorsFile::open(starter / "model.safetensors");
  const std::string grown = "text_model.embeddings.word_embeddings.weight";
  const std::vector<std::byte> words(static_cast<std::size_t>(kPieces * kWidth) * dtype_size(type), std::byte{1});
  SafetensorsWriter writer;
  for (const auto& [name, tensor] : original.tensors()) {
    if (name != grown) writer.add(name, tensor.dtype, tensor.shape, tensor.bytes);
  }
  writer.add(grown, type, {kPieces, kWidth}, words);
  writer.write(folder / "model.safetensors");
}

/// In the process of its own: opens, uses, and says the peak.
int open_and_say(const char* folder) {
  const std::int64_t start = peak_memory();
  const auto model = ClapModel::load(folder, {"cpu", {}, nullptr});
  const std::vector<std::string> texts{"a dog barks"};
  if (model->embed_texts(texts).rows != 1) return 1;
  std::printf("%lld %lld\n", static_cast<long long>(start), static_cast<long long>(peak_memory()));
  return 0;
}

}  // namespace

class TestLoadingMemory : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void peak_data();
  void peak();
};

void TestLoadingMemory::peak_data() {
  QTest::addColumn<int>("type");
  QTest::newRow("single precision") << static_cast<int>(DType::F32);
  QTest::newRow("half precision") << static_cast<int>(DType::F16);
}

void TestLoadingMemory::peak() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  QSKIP("a sanitizer's own memory would be counted");
#endif
  QFETCH(int, type);
  const QTemporaryDir folder;
  QVERIFY(folder.isValid());
  write_large_model(folder.path().toStdString(), static_cast<DType>(type));
  QProcess process;
  process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
  process.start(QCoreApplication::applicationFilePath(), {"--open", folder.path()});
  QVERIFY(process.waitForFinished(120'000));
  QCOMPARE(process.exitCode(), 0);
  const QList<QByteArray> said = process.readAllStandardOutput().trimmed().split(' ');
  QCOMPARE(said.size(), 2);
  const double start = said[0].toDouble();
  const double peak = said[1].toDouble();
  const double weights = static_cast<double>(kPieces * kWidth) * sizeof(float);  // as they are in memory
  QVERIFY2(peak > weights, "the figure cannot be right");
  const double libraries = std::max(0.0, start - 200e6);
  const auto mega = [](double bytes) { return QString::number(bytes / 1e6, 'f', 0); };
  QVERIFY2(
      peak <= 1.3 * weights + 300e6 + libraries,
      qPrintable(QString("%1 MB (%2 at the start) for %3 MB of weights").arg(mega(peak), mega(start), mega(weights))));
}

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--open") return open_and_say(argv[2]);
  QCoreApplication app(argc, argv);
  TestLoadingMemory test;
  return QTest::qExec(&test, argc, argv);
}

#include "test_loading_memory.moc"
