// Which models are known, adding and forgetting them, and what is said of folders that hold none; devices.

#include <QTemporaryDir>

#include <QtTest>
#include <algorithm>
#include <new>
#include <stdexcept>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/model_files.h"
#include "model/safetensors.h"
#include "model/torch_errors.h"
#include "support/reference.h"

using namespace hearsay;
using hearsay::testing::reference;
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
  void any_of_a_model_s_files_stands_for_it();
  void folders_of_the_hub_s_cache();
  void several_weights_are_named();
  void tokenizer_files_that_are_missing_or_foreign();
  void files_that_are_no_model_are_described();
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
  const auto [kind, why] = problem([&] { (void)install_model(copy); });
  QCOMPARE(kind, ErrorKind::Usage);
  QVERIFY2(why.contains(QString::fromStdString(tiny_.string())), qPrintable(why));  // which one has the name
  QVERIFY2(why.contains("rename") && !why.contains("models remove"), qPrintable(why));
  // What the name goes by is what is to be changed: that of the folder counts only where the file says none.
  QVERIFY2(why.contains("\"name\" in its config.json") && !why.contains("folder"), qPrintable(why));
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

void TestInstalledModels::any_of_a_model_s_files_stands_for_it() {
  const ModelFiles folder = find_model_files(tiny_);
  const ModelFiles weights = find_model_files(tiny_ / "model.safetensors");
  const ModelFiles slash = find_model_files(tiny_ / "");
  for (const ModelFiles& files : {folder, weights, slash}) {
    QCOMPARE(files.name, std::string("starter-tiny"));
    QVERIFY(fs::equivalent(files.path, tiny_));
    QVERIFY(fs::equivalent(files.folder, tiny_));
    QVERIFY(fs::equivalent(files.weights, tiny_ / "model.safetensors"));
  }
  QCOMPARE(install_model(tiny_ / "model.safetensors").name, std::string("starter-tiny"));
  QCOMPARE(install_model(tiny_).name, std::string("starter-tiny"));  // the same one
  const ModelFiles pth = find_model_files(reference("msclap-2023/weights.pth"));
  QCOMPARE(pth.name, std::string("weights"));
  QCOMPARE(pth.path, pth.weights);
  const fs::path both = home_ / "both";  // of two kinds of weights the folder gives the first; the other by its name
  fs::create_directory(both);
  fs::copy(tiny_ / "model.safetensors", both / "model.safetensors");
  fs::copy(tiny_ / "model.safetensors", both / "pytorch_model.bin");
  QCOMPARE(find_model_files(both).weights, both / "model.safetensors");
  QCOMPARE(find_model_files(both / "pytorch_model.bin").path, both / "pytorch_model.bin");
  QCOMPARE(find_model_files(both / "pytorch_model.bin").name, std::string("both"));
}

/// As huggingface_hub lays it out: links into a folder of blobs, a revision as the folder's name.
void TestInstalledModels::folders_of_the_hub_s_cache() {
  const fs::path hub = home_ / "models--someone--small-clap";
  const fs::path snapshot = hub / "snapshots" / "0123abcd";
  fs::create_directories(snapshot);
  fs::create_directories(hub / "blobs");
  fs::create_directories(hub / "refs");
  write_file_atomically(hub / "refs" / "main", std::string_view("0123abcd\n"));
  int blob = 0;
  for (const char* name : {"model.safetensors", "config.json", "preprocessor_config.json", "tokenizer.json"}) {
    const fs::path content = hub / "blobs" / std::to_string(blob++);
    fs::copy(reference("hf-clap-unfused") / name, content);
    fs::create_symlink(content, snapshot / name);
  }
  for (const fs::path& named : {hub, snapshot, snapshot / "model.safetensors"}) {
    const InstalledModel added = install_model(named);
    QCOMPARE(added.name, std::string("small-clap"));
    QCOMPARE(added.path, snapshot);
  }
  QCOMPARE(ClapModel::load(find_model("small-clap"), {"cpu", {}, nullptr})->info().parameters,
           inspect_model(reference("hf-clap-unfused")).parameters);
  write_file_atomically(hub / "refs" / "main", std::string_view("gone"));
  QCOMPARE(problem([&] { (void)find_model_files(hub); }).first, ErrorKind::NotFound);
}

void TestInstalledModels::several_weights_are_named() {
  for (const char* name : {"b.pth", "a.pth"}) write_file_atomically(home_ / name, std::string_view("x"));
  const auto [kind, why] = problem([&] { (void)install_model(home_); });
  QCOMPARE(kind, ErrorKind::BadFormat);
  QVERIFY2(why.contains("a.pth, b.pth"), qPrintable(why));
}

void TestInstalledModels::tokenizer_files_that_are_missing_or_foreign() {
  const auto beside = [&](const char* weights, const char* tokenizer) {
    const fs::path folder = home_ / (std::string(weights).substr(0, 6) + "-" + tokenizer);
    fs::create_directory(folder);
    const fs::path file = reference(weights);
    fs::copy(file, folder / file.filename());
    if (fs::exists(file.parent_path() / "config.json"))
      fs::copy(file.parent_path() / "config.json", folder / "config.json");
    if (*tokenizer != '\0') fs::copy(reference(tokenizer) / "tokenizer.json", folder / "tokenizer.json");
    return problem([&] { (void)install_model(folder); });
  };
  const auto [kind, why] = beside("msclap-2023/weights.pth", "");
  QCOMPARE(kind, ErrorKind::NotFound);
  QVERIFY2(why.contains("openai-community/gpt2"), qPrintable(why));  // where to take them from
  const std::pair<const char*, const char*> foreign[] = {{"msclap-2023/weights.pth", "msclap-2022"},
                                                         {"msclap-2023/weights.pth", "hf-clap-unfused"},
                                                         {"hf-clap-unfused/model.safetensors", "msclap-2022"},
                                                         {"hf-clap-unfused/model.safetensors", "msclap-2023"},
                                                         {"msclap-2022/weights.pth", "msclap-2023"}};
  for (const auto& [weights, tokenizer] : foreign) {
    const auto [sort, sentence] = beside(weights, tokenizer);
    QCOMPARE(sort, ErrorKind::BadFormat);
    QVERIFY2(sentence.contains("another kind than the text tower"), qPrintable(sentence));
  }
}

void TestInstalledModels::files_that_are_no_model_are_described() {
  const auto said = [&](const std::vector<std::string>& names) {
    SafetensorsWriter writer;
    const float one = 1.0F;
    for (const std::string& name : names) writer.add(name, DType::F32, {1}, std::as_bytes(std::span(&one, 1)));
    writer.write(home_ / "w.safetensors");
    return problem([&] { (void)inspect_model(home_ / "w.safetensors"); }).second;
  };
  std::vector<std::string> many;
  for (int i = 0; i < 30; ++i) many.push_back("layer." + std::to_string(i));
  many.emplace_back("zebra.weight");
  const QString neither = said(many);
  QVERIFY2(neither.contains("neither LAION's towers") && neither.contains("zebra.weight"), qPrintable(neither));
  QVERIFY2(neither.contains("and 23 more"), qPrintable(neither));
  const QString half = said({"caption_encoder.base.wte.weight", "logit_scale"});
  QVERIFY2(half.contains("text tower of Microsoft's CLAP and no audio tower (audio_encoder.base)"), qPrintable(half));
  const QString other = said({"audio_model.audio_encoder.norm.weight"});
  QVERIFY2(other.contains("audio tower of LAION's CLAP and no text tower (text_model.encoder)"), qPrintable(other));
  const QString both = said({"audio_encoder.base.x", "caption_encoder.base.x"});
  QVERIFY2(both.contains("not all that belongs to them"), qPrintable(both));
  const QString original = said({"audio_branch.x", "text_branch.x"});
  QVERIFY2(original.contains("laion/clap-htsat-unfused"), qPrintable(original));
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
  QCOMPARE(said(std::runtime_error("CUDA error: an illegal instruction")).first, ErrorKind::Device);
  for (const char* full :
       {"CUDA out of memory. Tried to allocate 72.00 MiB. GPU 0 has a total capacity of 79.18 GiB of which 42.62 "
        "MiB is free. Process 123 has 77.90 GiB memory in use.",
        "CUDA out of memory. Tried to allocate 72.00 MiB (GPU 0; 79.18 GiB total capacity; 1.20 GiB already allocated; "
        "42.62 MiB free; 1.25 GiB reserved in total by PyTorch)"}) {
    const auto [of_the_card, text] = said(std::runtime_error(full));
    QCOMPARE(of_the_card, ErrorKind::Device);
    QCOMPARE(text, QStringLiteral("The graphics card had too little memory left for embedding (72.00 MiB wanted, 42.62 "
                                  "MiB free). Use the device cpu, or close other programs that use the card."));
  }
  QVERIFY(!said(std::runtime_error("CUDA out of memory.")).second.contains("wanted"));
  QVERIFY(said(std::bad_alloc()).second.contains("memory"));
  QCOMPARE(said(Error(ErrorKind::BadAudio, "no sound")).second, QStringLiteral("no sound"));
  QCOMPARE(guarded("adding", [] { return 3; }), 3);
}

QTEST_GUILESS_MAIN(TestInstalledModels)
#include "test_installed_models.moc"
