// What reading a file may take: never more than four times its size and a fixed little, whatever stands in it. Every
// allocation of this program is counted.

#include <QTemporaryDir>
#include <QtTest>

#include <malloc.h>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>

#include "base/error.h"
#include "model/memory_budget.h"
#include "model/safetensors.h"
#include "model/torch_file.h"
#include "torch_bytes.h"

namespace {

std::atomic<std::int64_t> in_use{0};
std::atomic<std::int64_t> most{0};

void* counted(std::size_t size) {
  void* place = std::malloc(size == 0 ? 1 : size);
  if (place == nullptr) throw std::bad_alloc();
  const std::int64_t now = in_use += static_cast<std::int64_t>(malloc_usable_size(place));
  std::int64_t seen = most;
  while (now > seen && !most.compare_exchange_weak(seen, now)) {
  }
  return place;
}

void release(void* place) noexcept {
  if (place == nullptr) return;
  in_use -= static_cast<std::int64_t>(malloc_usable_size(place));
  std::free(place);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* place) noexcept {
  release(place);
}
void operator delete[](void* place) noexcept {
  release(place);
}
void operator delete(void* place, std::size_t /*size*/) noexcept {
  release(place);
}
void operator delete[](void* place, std::size_t /*size*/) noexcept {
  release(place);
}

using namespace hearsay;
using namespace hearsay::testing;
using namespace std::string_literals;

namespace {

/// Sentences of errors, paths and the reader itself: what does not grow with the file.
constexpr std::int64_t kFixed = 64 * 1024;

std::string safetensors(const std::string& header, std::size_t data_bytes) {
  return number(header.size(), 8) + header + std::string(data_bytes, '\0');
}

std::string many_tensors(int count, const std::string& shape) {
  std::string header = "{";
  for (int i = 0; i < count; ++i) {
    if (i > 0) header += ",";
    header += "\"" + std::to_string(i) + "\":{\"dtype\":\"U8\",\"shape\":" + shape + ",\"data_offsets\":[0,0]}";
  }
  return header + "}";
}

std::string repeated(const std::string& part, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += part;
  return result;
}

std::string archive(const std::string& pickle) {
  return zip({{"archive/data.pkl", pickle}, {"archive/data/0", floats({1, 2})}});
}

}  // namespace

class TestReaderMemory : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(folder_.isValid()); }
  void counter_counts();
  void hostile_data();
  void hostile();
  void every_truncation_and_flipped_bit_data();
  void every_truncation_and_flipped_bit();

 private:
  /// Most bytes that were allocated at once while the file was opened.
  std::int64_t opening(const std::string& bytes, bool* accepted = nullptr);
  static std::int64_t allowed(std::size_t size) {
    return static_cast<std::int64_t>(4 * size + MemoryBudget::kSpare) + kFixed;
  }
  QTemporaryDir folder_;
};

std::int64_t TestReaderMemory::opening(const std::string& bytes, bool* accepted) {
  const bool torch = !bytes.empty() && (bytes[0] == 'P' || bytes[0] == '\x80');
  const std::filesystem::path path = std::filesystem::path(folder_.path().toStdString()) / "weights";
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const std::int64_t before = in_use;
  most = before;
  bool read = true;
  try {
    if (torch) {
      const TorchCheckpoint checkpoint(path);
    } else {
      const SafetensorsFile file = SafetensorsFile::open(path);
    }
  } catch (const Error&) {
    read = false;
  }
  if (accepted != nullptr) *accepted = read;
  return most - before;
}

void TestReaderMemory::counter_counts() {
  const std::int64_t before = in_use;
  most = before;
  { const std::vector<char> block(1 << 20); }
  QVERIFY(most - before >= 1 << 20);
  QCOMPARE(in_use.load(), before);
}

void TestReaderMemory::hostile_data() {
  QTest::addColumn<QByteArray>("bytes");
  const auto row = [](const char* name, const std::string& bytes) {
    QTest::newRow(name) << QByteArray::fromStdString(bytes);
  };
  constexpr int many = 400000;
  row("values", archive("\x80\x02"s + std::string(many, 'N') + "."));
  row("marks", archive("\x80\x02"s + std::string(many, '(') + "."));
  row("empty lists", archive("\x80\x02"s + std::string(many, ']') + "."));
  row("nested lists", archive("\x80\x02"s + std::string(many, ']') + std::string(many - 1, 'a') + "."));
  row("nested tuples", archive("\x80\x02"s + std::string(many, ')') + repeated("\x85", many) + "."));
  row("one value again and again", archive("\x80\x02Nq\x01"s + repeated("h\x01", many) + "."));
  row("a list that takes itself", archive("\x80\x02]q\x01("s + repeated("h\x01", many) + "e."));
  row("lists that copy lists",
      archive("\x80\x02]q\x01("s + repeated("h\x01", many / 2) + "l" + repeated("(h\x01h\x01h\x01l", many / 8) + "."));
  std::string slots;
  for (int i = 0; i < many / 8; ++i) slots += "r" + number(static_cast<std::uint64_t>(i) * 7919, 4);
  row("memo of many slots", archive("\x80\x02N"s + slots + "."));
  std::string tensors;
  for (int i = 0; i < 4000; ++i) tensors += text("t" + std::to_string(i)) + tensor("FloatStorage", "0", 2, 0, {1}, {1});
  row("tensors that share two numbers", archive("\x80\x02}("s + tensors + "u."));
  std::vector<std::pair<std::string, std::string>> parts{{"a/data.pkl", "\x80\x02}."}};
  for (int i = 0; i < 20000; ++i) parts.emplace_back("a/" + std::to_string(i), "");
  row("a zip of many parts", zip(parts));
  row("a header of many tensors", safetensors(many_tensors(20000, "[0]"), 0));
  row("shapes of many sizes", safetensors(many_tensors(8000, "[0,0,0,0,0,0,0,0,0,0,0,0]"), 0));
  std::string lines = "{\"__metadata__\":{";
  for (int i = 0; i < 60000; ++i) lines += (i > 0 ? "," : "") + "\""s + std::to_string(i) + "\":\"\"";
  row("metadata of many lines", safetensors(lines + "}}", 0));
  row("one long text", safetensors("{\"__metadata__\":{\"a\":\"" + std::string(2000000, 'x') + "\"}}", 0));
  row("one long text that never ends", safetensors("{\"__metadata__\":{\"a\":\"" + std::string(2000000, 'x'), 0));
  row("nested brackets", safetensors("{\"a\":" + std::string(many, '['), 0));
  row("a long number", safetensors("{\"a\":{\"shape\":[" + std::string(many, '9') + "]}}", 0));
}

void TestReaderMemory::hostile() {
  QFETCH(QByteArray, bytes);
  const std::int64_t taken = opening(bytes.toStdString());
  QVERIFY2(taken <= allowed(static_cast<std::size_t>(bytes.size())),
           qPrintable(QString("%1 bytes for a file of %2").arg(taken).arg(bytes.size())));
}

void TestReaderMemory::every_truncation_and_flipped_bit_data() {
  QTest::addColumn<QByteArray>("whole");
  QTest::newRow("zip") << QByteArray::fromStdString(sample_zip());
  QTest::newRow("zip64") << QByteArray::fromStdString(sample_zip(true));
  QTest::newRow("legacy") << QByteArray::fromStdString(sample_legacy());
  QTest::newRow("safetensors") << QByteArray::fromStdString(
      safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"F16\","
                  "\"shape\":[3],\"data_offsets\":[16,22]}}",
                  22));
}

void TestReaderMemory::every_truncation_and_flipped_bit() {
  QFETCH(QByteArray, whole);
  const std::string bytes = whole.toStdString();
  bool accepted = false;
  QVERIFY(opening(bytes, &accepted) <= allowed(bytes.size()));
  QVERIFY(accepted);
  for (std::size_t size = 0; size < bytes.size(); size += 16) {
    QVERIFY(opening(bytes.substr(0, size), &accepted) <= allowed(size));
    QVERIFY(!accepted);
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 3) {
    std::string bent = bytes;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    QVERIFY(opening(bent) <= allowed(bytes.size()));
  }
}

QTEST_GUILESS_MAIN(TestReaderMemory)
#include "test_reader_memory.moc"
