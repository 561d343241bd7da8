// Which models are known, adding and forgetting them, and what is said of folders that hold none; devices.

#include <QTemporaryDir>

#include <QtTest>
#include <algorithm>
#include <new>
#include <stdexcept>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/torch_errors.h"

using namespace hearsay;
namespace fs = std::filesystem;

namespace {

/// Kind and sentence of what a call throws.
template <typename Call>
std::pair<ErrorKind, QString> problem(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.kind(), QString::fromUtf8(error.what())};
  }
  return {ErrorKind::Internal, QStringLiteral("nothing was thrown")};
}

}  // namespace

class TestInstalledModels : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void add_find_forget();
  void names_are_taken_once();
  void folders_that_hold_no_model();
  void damaged_list();
  void without_a_place_for_data_the_starter_is_there();
  void devices();
  void foreign_errors_become_plain();

 private:
  fs::path home_;
  fs::path tiny_ = fs::path(HEARSAY_TEST_DATA) / "starter-tiny";
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestInstalledModels::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  home_ = folder_->path().toStdString();
  qputenv("XDG_DATA_HOME", folder_->path().toUtf8());
  qputenv("XDG_CACHE_HOME", folder_->path().toUtf8());
}

void TestInstalledModels::add_find_forget() {
  const InstalledModel added = install_model(tiny_);
  QCOMPARE(added.name, std::string("starter-tiny"));
  QVERIFY(!added.bundled);
  QCOMPARE(fs::canonical(find_model("starter-tiny")), fs::canonical(tiny_));
  QCOMPARE(find_model(tiny_.string()), tiny_);
  QCOMPARE(install_model(tiny_).name, added.name);  // adding it again changes nothing
  const auto count = [] {
    return std::ranges::count_if(installed_models(), [](const auto& model) { return model.name == "starter-tiny"; });
  };
  QCOMPARE(count(), 1);
  uninstall_model("starter-tiny");
  QCOMPARE(count(), 0);
  QVERIFY(fs::exists(tiny_ / "config.json"));
  QCOMPARE(problem([] { uninstall_model("starter-tiny"); }).first, ErrorKind::NotFound);
  QCOMPARE(problem([] { uninstall_model("starter"); }).first, ErrorKind::Usage);
  const auto [kind, why] = problem([] { (void)find_model("no such model"); });
  QCOMPARE(kind, ErrorKind::NotFound);
  QVERIFY2(why.contains("no such model"), qPrintable(why));
}

void TestInstalledModels::names_are_taken_once() {
  install_model(tiny_);
  const fs::path copy = home_ / "starter-tiny";
  fs::copy(tiny_, copy);
  QCOMPARE(problem([&] { (void)install_model(copy); }).first, ErrorKind::Usage);
}

void TestInstalledModels::folders_that_hold_no_model() {
  const fs::path empty = home_ / "empty";
  fs::create_directory(empty);
  QCOMPARE(problem([&] { (void)install_model(empty); }).first, ErrorKind::NotFound);
  QCOMPARE(problem([&] { (void)ClapModel::load(home_ / "nowhere"); }).first, ErrorKind::NotFound);
  write_file_atomically(empty / "model.safetensors", std::string_view("not a model"));
  QCOMPARE(problem([&] { (void)ClapModel::load(empty); }).first, ErrorKind::BadFormat);
  fs::remove(empty / "model.safetensors");
  fs::copy(tiny_ / "expected.safetensors", empty / "model.safetensors");
  const auto [kind, why] = problem([&] { (void)ClapModel::load(empty); });
  QCOMPARE(kind, ErrorKind::BadFormat);
  QVERIFY2(why.contains("audio.0.clip"), qPrintable(why));  // names the tensors that misled
  write_file_atomically(empty / "config.json", std::string_view("{ broken"));
  QCOMPARE(problem([&] { (void)ClapModel::load(empty); }).first, ErrorKind::BadFormat);
}

void TestInstalledModels::damaged_list() {
  write_file_atomically(data_folder() / "models.json", std::string_view("[1, 2"));
  for (const auto& model : installed_models()) QVERIFY(model.bundled);
  QCOMPARE(install_model(tiny_).name, std::string("starter-tiny"));
  QCOMPARE(read_file(data_folder() / "models.json.damaged"), std::string("[1, 2"));
}

void TestInstalledModels::without_a_place_for_data_the_starter_is_there() {
  write_file_atomically(home_ / "file", std::string_view("no folder"));
  qputenv("XDG_DATA_HOME", QByteArray::fromStdString((home_ / "file").string()));
  const auto known = installed_models();
  QVERIFY(std::ranges::all_of(known, [](const auto& model) { return model.bundled; }));
  QCOMPARE(find_model(tiny_.string()), tiny_);
  QCOMPARE(problem([&] { (void)install_model(tiny_); }).first, ErrorKind::NoSpace);
}

void TestInstalledModels::devices() {
  QCOMPARE(choose_device("cpu").name, std::string("cpu"));
  QVERIFY(!choose_device("auto").name.empty());
  QCOMPARE(problem([] { (void)choose_device("gpu"); }).first, ErrorKind::Usage);
  QCOMPARE(problem([] { (void)choose_device("cuda:x"); }).first, ErrorKind::Usage);
  QCOMPARE(problem([] { (void)choose_device("cuda:-1"); }).first, ErrorKind::Usage);
  QCOMPARE(problem([] { (void)choose_device("cuda:99"); }).first, ErrorKind::Device);
  set_compute_threads(1);
  set_compute_threads(0);
}

void TestInstalledModels::foreign_errors_become_plain() {
  const auto said = [](auto thrown) { return problem([&] { guarded("embedding", [&]() -> int { throw thrown; }); }); };
  const auto [kind, why] = said(std::runtime_error("shapes differ\nException raised from somewhere"));
  QCOMPARE(kind, ErrorKind::Internal);
  QVERIFY2(why.contains("embedding") && why.contains("shapes differ") && !why.contains("raised"), qPrintable(why));
  QCOMPARE(said(std::runtime_error("CUDA out of memory. Tried to allocate")).first, ErrorKind::Device);
  QVERIFY(said(std::bad_alloc()).second.contains("memory"));
  QCOMPARE(said(Error(ErrorKind::BadAudio, "no sound")).second, QStringLiteral("no sound"));
  QCOMPARE(guarded("adding", [] { return 3; }), 3);
}

QTEST_GUILESS_MAIN(TestInstalledModels)
#include "test_installed_models.moc"
