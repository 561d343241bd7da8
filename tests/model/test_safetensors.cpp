// The .safetensors reader and writer: what is written comes back, and no broken or hostile file gets through.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "model/number_types.h"
#include "model/safetensors.h"
#include "support/reference.h"

using namespace hearsay;

namespace {

std::filesystem::path in(const QTemporaryDir& folder, const char* name) {
  return std::filesystem::path(folder.path().toStdString()) / name;
}

void put(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string with_header(const std::string& json, std::size_t data_bytes) {
  std::string file(8, '\0');
  const std::uint64_t length = json.size();
  std::memcpy(file.data(), &length, 8);
  return file + json + std::string(data_bytes, 'x');
}

/// The message of the refusal, or an empty string when the file was accepted.
std::string refusal(const std::filesystem::path& path, ErrorKind* kind = nullptr) {
  try {
    (void)SafetensorsFile::open(path);
  } catch (const Error& error) {
    if (kind != nullptr) *kind = error.kind();
    return error.what();
  }
  return {};
}

SafetensorsWriter sample() {
  SafetensorsWriter writer;
  const std::vector<float> values{1.5F, -2.0F, 0.25F, 3.0F, 4.0F, 5.0F};
  writer.add("b.matrix", {2, 3}, values);
  writer.add("scalar", {}, std::span(values).first(1));
  writer.add("empty", {0, 7}, {});
  const std::vector<std::int64_t> ids{1, -2, 3};
  writer.add("ids", DType::I64, {3}, std::as_bytes(std::span(ids)));
  const std::vector<std::uint8_t> flags{0, 1, 7};
  writer.add("flags", DType::Bool, {3}, std::as_bytes(std::span(flags)));
  writer.set_metadata("names", "[\"a 'quote'\", \"\u00e9\"]");
  return writer;
}

}  // namespace

class TestSafetensors : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void round_trip();
  void written_twice_gives_the_same_bytes();
  void number_types();
  void writer_refuses_what_does_not_fit();
  void truncations_are_refused();
  void flipped_bits_do_no_harm();
  void hostile_headers_are_refused_data();
  void hostile_headers_are_refused();
  void absent_folder_and_empty();
  void missing_tensor_is_named();
  void real_files_of_the_reference();

 private:
  QTemporaryDir folder_;
};

void TestSafetensors::round_trip() {
  const auto path = in(folder_, "sample.safetensors");
  sample().write(path);
  const auto file = SafetensorsFile::open(path);
  QCOMPARE(file.tensors().size(), std::size_t{5});
  QCOMPARE(file.metadata().at("names"), std::string("[\"a 'quote'\", \"\u00e9\"]"));
  const Matrix matrix = file.matrix("b.matrix");
  QCOMPARE(matrix.rows, std::int64_t{2});
  QCOMPARE(matrix.cols, std::int64_t{3});
  QCOMPARE(matrix.at(0, 1), -2.0F);
  QCOMPARE(matrix.at(1, 2), 5.0F);
  QVERIFY(file.get("scalar").shape.empty());
  QCOMPARE(file.floats("scalar"), std::vector<float>{1.5F});
  QCOMPARE(file.floats("ids"), (std::vector<float>{1, -2, 3}));
  QCOMPARE(file.floats("flags"), (std::vector<float>{0, 1, 1}));
  QCOMPARE(file.get("empty").count(), std::int64_t{0});
  QCOMPARE(file.matrix("ids").rows, std::int64_t{1});
  for (const auto& [name, view] : file.tensors()) {
    const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
    QVERIFY2(view.bytes.empty() || address % dtype_size(view.dtype) == 0, name.c_str());
  }
}

void TestSafetensors::written_twice_gives_the_same_bytes() {
  const auto first = in(folder_, "first.safetensors");
  const auto second = in(folder_, "second.safetensors");
  sample().write(first);
  sample().write(second);
  QCOMPARE(read_file(first), read_file(second));
}

void TestSafetensors::number_types() {
  QCOMPARE(float_from_half(0x3C00), 1.0F);
  QCOMPARE(float_from_half(0xC000), -2.0F);
  QCOMPARE(float_from_half(0x7BFF), 65504.0F);
  QCOMPARE(float_from_half(0x0001), std::ldexp(1.0F, -24));
  QCOMPARE(float_from_half(0x83FF), -std::ldexp(1023.0F, -24));
  QCOMPARE(float_from_half(0x0400), std::ldexp(1.0F, -14));
  QVERIFY(std::isinf(float_from_half(0xFC00)) && float_from_half(0xFC00) < 0);
  QVERIFY(std::isnan(float_from_half(0x7E00)));
  QVERIFY(std::signbit(float_from_half(0x8000)));
  QCOMPARE(float_from_bfloat(0x3FC0), 1.5F);
  const std::vector<double> wide{0.5, -3.0};
  std::vector<float> out(2);
  convert_to_floats(DType::F64, std::as_bytes(std::span(wide)), out);
  QCOMPARE(out, (std::vector<float>{0.5F, -3.0F}));
  const std::vector<std::int16_t> narrow{-32768, 12};
  convert_to_floats(DType::I16, std::as_bytes(std::span(narrow)), out);
  QCOMPARE(out, (std::vector<float>{-32768.0F, 12.0F}));
}

void TestSafetensors::writer_refuses_what_does_not_fit() {
  SafetensorsWriter writer;
  const std::vector<float> values(6);
  writer.add("a", {2, 3}, values);
  QVERIFY_EXCEPTION_THROWN(writer.add("a", {2, 3}, values), Error);
  QVERIFY_EXCEPTION_THROWN(writer.add("b", {2, 4}, values), Error);
  QVERIFY_EXCEPTION_THROWN(writer.add("c", {-2, -3}, values), Error);
}

void TestSafetensors::truncations_are_refused() {
  const auto path = in(folder_, "whole.safetensors");
  sample().write(path);
  const std::string whole = read_file(path);
  const auto cut = in(folder_, "cut.safetensors");
  for (std::size_t size = 0; size<whole.size(); size += size + 70> whole.size() ? 1 : 64) {
    put(cut, whole.substr(0, size));
    ErrorKind kind{};
    const std::string why = refusal(cut, &kind);
    QVERIFY2(why.find("cut.safetensors") != std::string::npos, why.c_str());
    QCOMPARE(kind, ErrorKind::BadFormat);
  }
  put(cut, whole + "x");
  QVERIFY(!refusal(cut).empty());
}

void TestSafetensors::flipped_bits_do_no_harm() {
  const auto path = in(folder_, "whole.safetensors");
  sample().write(path);
  const std::string whole = read_file(path);
  const auto bent = in(folder_, "bent.safetensors");
  int refused = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; bit += 5) {  // every place, every bit of a byte
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    put(bent, bytes);
    try {
      const auto file = SafetensorsFile::open(bent);
      for (const auto& [name, view] : file.tensors()) {
        QCOMPARE(view.bytes.size(), static_cast<std::size_t>(view.count()) * dtype_size(view.dtype));
        (void)file.floats(name);
      }
    } catch (const Error& error) {
      ++refused;
      QCOMPARE(error.kind(), ErrorKind::BadFormat);
    }
  }
  QVERIFY(refused > 100);  // most of what is not a value or a name
}

void TestSafetensors::hostile_headers_are_refused_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::addColumn<int>("data");
  const auto row = [](const char* name, const QByteArray& json, int data) {
    QTest::newRow(name) << QByteArray(json).replace('\'', '"') << data;
  };
  row("not an object", "[1]", 0);
  row("nested lists", QByteArray(100000, '['), 0);
  row("nested objects", "{'a':" + QByteArray("{'a':").repeated(5000), 0);
  row("out of range", "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", 7);
  row("begin after end", "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}", 8);
  row("size and shape", "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}", 8);
  row("overlap",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}",
      12);
  row("same place",
      "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}", 4);
  row("hole",
      "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[5,9]}}", 9);
  row("after the last", "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}", 5);
  row("overflowing shape", "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}", 0);
  row("overflowing bytes", "{'a':{'dtype':'F64','shape':[2305843009213693952],'data_offsets':[0,0]}}", 0);
  row("huge size", "{'a':{'dtype':'U8','shape':[18446744073709551615],'data_offsets':[0,4]}}", 4);
  row("negative size", "{'a':{'dtype':'U8','shape':[-4],'data_offsets':[0,4]}}", 4);
  row("negative offset", "{'a':{'dtype':'U8','shape':[4],'data_offsets':[-4,0]}}", 4);
  row("fraction", "{'a':{'dtype':'U8','shape':[1.5],'data_offsets':[0,1]}}", 1);
  row("three offsets", "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1,2]}}", 2);
  row("unknown type", "{'a':{'dtype':'F8_E4M3','shape':[1],'data_offsets':[0,1]}}", 1);
  row("no type", "{'a':{'shape':[1],'data_offsets':[0,1]}}", 1);
  row("no offsets", "{'a':{'dtype':'U8','shape':[1]}}", 1);
  row("the same name twice",
      "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}", 2);
  row("many dimensions", "{'a':{'dtype':'U8','shape':[0" + QByteArray(",0").repeated(40) + "],'data_offsets':[0,0]}}",
      0);
  row("metadata not text", "{'__metadata__':{'a':1}}", 0);
  row("broken text", "{'\xff\xfe':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}", 1);
  row("two objects", "{}{}", 0);
}

void TestSafetensors::hostile_headers_are_refused() {
  QFETCH(QByteArray, json);
  QFETCH(int, data);
  const auto path = in(folder_, "hostile.safetensors");
  put(path, with_header(json.toStdString(), static_cast<std::size_t>(data)));
  ErrorKind kind{};
  const std::string why = refusal(path, &kind);
  QVERIFY2(why.find("hostile.safetensors") != std::string::npos, why.c_str());
  QCOMPARE(kind, ErrorKind::BadFormat);
}

void TestSafetensors::absent_folder_and_empty() {
  ErrorKind kind{};
  QVERIFY(!refusal(in(folder_, "nowhere.safetensors"), &kind).empty());
  QCOMPARE(kind, ErrorKind::NotFound);
  QVERIFY(!refusal(folder_.path().toStdString(), &kind).empty());
  QCOMPARE(kind, ErrorKind::Unreadable);
  const auto empty = in(folder_, "empty.safetensors");
  put(empty, "");
  QVERIFY(!refusal(empty, &kind).empty());
  QCOMPARE(kind, ErrorKind::BadFormat);
  put(empty, std::string(8, '\xff') + "{}");
  QVERIFY(!refusal(empty, &kind).empty());
  QCOMPARE(kind, ErrorKind::BadFormat);
}

void TestSafetensors::missing_tensor_is_named() {
  const auto path = in(folder_, "sample.safetensors");
  sample().write(path);
  const auto file = SafetensorsFile::open(path);
  try {
    (void)file.get("coarse.context");
    QFAIL("a tensor that is not there was found");
  } catch (const Error& error) {
    QVERIFY(std::string(error.what()).find("coarse.context") != std::string::npos);
  }
  QVERIFY_EXCEPTION_THROWN((void)file.matrix("scalar"), Error);
}

void TestSafetensors::real_files_of_the_reference() {
  const auto file = SafetensorsFile::open(hearsay::testing::reference("afpt/fixed.safetensors"));
  QCOMPARE(file.get("n16.context.coarse").shape, (std::vector<std::int64_t>{16, 64}));
  QCOMPARE(file.get("f64.words").dtype, DType::F64);
  QVERIFY(file.metadata().contains("captions"));
  const float scale = file.floats("logit_scale").front();
  QVERIFY(scale > 1.0F && scale < 10.0F);
}

QTEST_GUILESS_MAIN(TestSafetensors)
#include "test_safetensors.moc"
