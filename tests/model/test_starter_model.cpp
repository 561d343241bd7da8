// The starter's format through ClapModel: every stage equal to what its training code computes
// (tests/data/starter-tiny, random weights), same sound same embedding, texts in any order, two threads at once.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <future>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/conv_tower.h"
#include "model/families.h"
#include "tensors.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

std::vector<std::string> texts_of(const std::filesystem::path& expected) {
  const auto file = SafetensorsFile::open(expected);
  return nlohmann::json::parse(file.metadata().at("texts")).get<std::vector<std::string>>();
}

at::Tensor rows(const Matrix& matrix) {
  return at::from_blob(const_cast<float*>(matrix.data.data()), {matrix.rows, matrix.cols}).clone();
}

at::Tensor row(std::span<const float> values) {
  return at::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(values.size())}).clone();
}

}  // namespace

class TestStarterModel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void facts();
  void inspecting_gives_the_same_facts();
  void tokens_are_those_of_training();
  void texts();
  void words();
  void text_order_does_not_matter();
  void clips_and_frames();
  void stages_of_the_audio_tower();
  void same_sound_same_embedding();
  void two_threads_at_once();
  void short_and_empty_clips();
  void odd_samples();
  void cancelling();
  void fingerprint_is_that_of_the_file();
  void wrong_configurations_data();
  void wrong_configurations();

 private:
  [[nodiscard]] std::vector<float> wave(int clip) const;
  [[nodiscard]] std::vector<float> window(int clip) const { return model_->fill_window(wave(clip)); }
  std::filesystem::path folder_ = test_data("starter-tiny");
  std::unique_ptr<Expected> expected_;
  std::shared_ptr<ClapModel> model_;
  QTemporaryDir home_;
};

void TestStarterModel::initTestCase() {
  qputenv("XDG_CACHE_HOME", home_.path().toUtf8());
  qputenv("XDG_DATA_HOME", home_.path().toUtf8());
  expected_ = std::make_unique<Expected>(folder_ / "expected.safetensors");
  LoadOptions options;
  options.device = "cpu";
  double last = 0.0;
  options.progress = [&](const Progress& progress) { last = progress.fraction; };
  model_ = ClapModel::load(folder_, options);
  QCOMPARE(last, 1.0);
}

std::vector<float> TestStarterModel::wave(int clip) const {
  const at::Tensor values = (*expected_)("audio." + std::to_string(clip) + ".waveform", at::kFloat) / 32768.0;
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

void TestStarterModel::facts() {
  const ModelInfo& info = model_->info();
  QCOMPARE(info.name, std::string("starter-tiny"));
  QCOMPARE(info.family, std::string("hearsay"));
  QCOMPARE(info.sample_rate, 32000);
  QCOMPARE(info.window_samples, std::int64_t{160000});
  QCOMPARE(info.embedding_dim, 32);
  QCOMPARE(info.text_width, 32);
  QCOMPARE(info.frames_per_window, 29);
  QCOMPARE(info.frame_seconds, 0.16);
  QCOMPARE(info.max_text_tokens, 128);
  QCOMPARE(info.bytes, std::filesystem::file_size(folder_ / "model.safetensors"));
  QVERIFY(info.parameters > 40000 && info.parameters < 100000);
  QVERIFY(info.logit_scale > 1.0 && info.logit_scale <= 100.0);
  QCOMPARE(model_->device().name, std::string("cpu"));
  QCOMPARE(model_->text_tower().max_tokens(), 128);
}

void TestStarterModel::inspecting_gives_the_same_facts() {
  const ModelInfo info = inspect_model(folder_);
  QCOMPARE(info.parameters, model_->info().parameters);
  QCOMPARE(info.frames_per_window, model_->info().frames_per_window);
  QCOMPARE(info.logit_scale, model_->info().logit_scale);
  QCOMPARE(inspect_model(folder_ / "model.safetensors").family, std::string("hearsay"));
}

void TestStarterModel::tokens_are_those_of_training() {
  const auto texts = texts_of(folder_ / "expected.safetensors");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const at::Tensor ids = (*expected_)("text." + std::to_string(i) + ".ids", at::kLong);
    const TokenIds wanted(ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + ids.numel());
    QCOMPARE(model_->tokens(texts[i]), wanted);
  }
  std::string endless;
  for (int i = 0; i < 500; ++i) endless += "dog ";
  const TokenIds cut = model_->tokens(endless);
  QCOMPARE(cut.size(), std::size_t{128});
  QCOMPARE(cut.back(), model_->tokens("dog").back());
}

void TestStarterModel::texts() {
  const auto texts = texts_of(folder_ / "expected.safetensors");
  const Matrix found = model_->embed_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CLOSE(row(found.row(static_cast<std::int64_t>(i))), (*expected_)("text." + std::to_string(i) + ".sentence"), 1e-5);
  }
}

void TestStarterModel::words() {
  const auto texts = texts_of(folder_ / "expected.safetensors");
  const TextEmbeddings found = model_->embed_texts_with_words(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string name = "text." + std::to_string(i);
    CLOSE(row(found.sentences.row(static_cast<std::int64_t>(i))), (*expected_)(name + ".sentence"), 1e-5);
    CLOSE(rows(found.words[i]), (*expected_)(name + ".words"), 1e-5);
  }
  const std::vector<TokenIds> one{model_->tokens(texts[4])};
  CLOSE(model_->text_tower().encode(one, true).hidden[0], (*expected_)("text.4.hidden"), 1e-5);
}

void TestStarterModel::text_order_does_not_matter() {
  std::vector<std::string> many;
  for (int i = 0; i < 150; ++i) {
    std::string text = "rain";
    for (int word = 0; word < i * 7 % 23; ++word) text += " and a dog";
    many.push_back(text);
  }
  int reports = 0;
  const Matrix all = model_->embed_texts(many, nullptr, [&](const Progress&) { ++reports; });
  QVERIFY(reports > 0);
  for (const std::size_t i : {std::size_t{0}, std::size_t{77}, std::size_t{149}}) {
    const std::vector<std::string> alone{many[i]};
    CLOSE(row(model_->embed_texts(alone).row(0)), row(all.row(static_cast<std::int64_t>(i))), 1e-5);
  }
  QCOMPARE(model_->embed_texts(std::vector<std::string>{}).rows, std::int64_t{0});
}

void TestStarterModel::clips_and_frames() {
  std::vector<float> all;
  for (int clip = 0; clip < 3; ++clip) {
    const auto part = window(clip);
    all.insert(all.end(), part.begin(), part.end());
  }
  const AudioFeatures features = model_->features(all);
  QCOMPARE(features.windows(), std::int64_t{3});
  const AudioEmbeddings found = model_->embed_audio(features);
  for (int clip = 0; clip < 3; ++clip) {
    const std::string name = "audio." + std::to_string(clip);
    CLOSE(row(found.clips.row(clip)), (*expected_)(name + ".clip"), 1e-5);
    CLOSE(rows(found.frames[static_cast<std::size_t>(clip)]), (*expected_)(name + ".frames"), 1e-5);
  }
}

void TestStarterModel::stages_of_the_audio_tower() {
  const ModelSource source = open_model(folder_);
  const Family& family = family_of(source);
  const ModelInfo info = family.describe(source);
  const ModelParts parts = family.build(source, info, Weights(source.checkpoint));
  const auto samples = window(1);
  const at::Tensor log_mel = parts.front_end->windows(samples).log_mel;
  CLOSE(log_mel[0], (*expected_)("audio.1.log_mel"), 1e-3);  // of 100 dB: a float32 FFT far below a pure tone
  const auto* tower = dynamic_cast<const ConvTower*>(parts.audio.get());
  QVERIFY(tower != nullptr);
  const at::Tensor map = tower->map((*expected_)("audio.1.log_mel", at::kFloat).unsqueeze(0));
  CLOSE(map[0], (*expected_)("audio.1.map"), 1e-5);
}

void TestStarterModel::same_sound_same_embedding() {
  const auto samples = window(0);
  const AudioEmbeddings first = model_->embed_windows(samples);
  const AudioEmbeddings second = model_->embed_windows(samples);
  QCOMPARE(first.clips.data, second.clips.data);
  QCOMPARE(first.frames[0].data, second.frames[0].data);
  std::vector<float> many;  // more windows than go through the tower at once
  for (int i = 0; i < 11; ++i) {
    const auto part = window(i % 3);
    many.insert(many.end(), part.begin(), part.end());
  }
  const AudioEmbeddings all = model_->embed_windows(many);
  QCOMPARE(all.clips.rows, std::int64_t{11});
  QCOMPARE(all.frames.size(), std::size_t{11});
  CLOSE(row(all.clips.row(9)), row(first.clips.row(0)), 1e-6);
}

void TestStarterModel::two_threads_at_once() {
  const auto samples = window(0);
  const Matrix wanted = model_->embed_windows(samples).clips;
  const auto work = [&] { return model_->embed_windows(samples).clips; };
  auto first = std::async(std::launch::async, work);
  auto second = std::async(std::launch::async, work);
  CLOSE(rows(first.get()), rows(wanted), 1e-6);
  CLOSE(rows(second.get()), rows(wanted), 1e-6);
}

void TestStarterModel::short_and_empty_clips() {
  const std::vector<float> three{0.5F, -0.25F, 0.125F};
  const auto filled = model_->fill_window(three);
  QCOMPARE(filled.size(), std::size_t{160000});
  for (std::size_t i = 0; i < filled.size(); ++i) QCOMPARE(filled[i], three[i % 3]);
  const auto silent = model_->fill_window({});
  const AudioEmbeddings found = model_->embed_windows(silent);
  for (const float value : found.clips.data) QVERIFY(std::isfinite(value));
  QVERIFY_EXCEPTION_THROWN((void)model_->features(three), Error);
  QVERIFY_EXCEPTION_THROWN((void)model_->features({}), Error);
  QVERIFY_EXCEPTION_THROWN((void)model_->embed_audio({}), Error);
  QCOMPARE(fill_window(three, 8, Filling::RepeatAndPad),
           (std::vector<float>{0.5F, -0.25F, 0.125F, 0.5F, -0.25F, 0.125F, 0, 0}));
  QCOMPARE(fill_window(three, 5, Filling::Pad), (std::vector<float>{0.5F, -0.25F, 0.125F, 0, 0}));
  QCOMPARE(fill_window(three, 2, Filling::RepeatAndPad), (std::vector<float>{0.5F, -0.25F}));
}

void TestStarterModel::odd_samples() {
  std::vector<float> loud(160000, 1e20F);
  const AudioEmbeddings found = model_->embed_windows(loud);
  QCOMPARE(found.clips.rows, std::int64_t{1});
}

void TestStarterModel::cancelling() {
  JobControl control;
  control.cancel();
  const std::vector<std::string> texts{"dog"};
  QVERIFY_EXCEPTION_THROWN((void)model_->embed_texts(texts, &control), Error);
  LoadOptions options;
  options.control = &control;
  try {
    (void)ClapModel::load(folder_, options);
    QFAIL("loading went on although it was cancelled");
  } catch (const Error& error) {
    QCOMPARE(error.kind(), ErrorKind::Cancelled);
  }
}

void TestStarterModel::fingerprint_is_that_of_the_file() {
  const std::string fingerprint = model_->fingerprint();
  QCOMPARE(fingerprint, sha256_of_file(folder_ / "model.safetensors"));
  QCOMPARE(ClapModel::load(folder_)->fingerprint(), fingerprint);
  QVERIFY(std::filesystem::exists(cache_folder() / "fingerprints.json"));
}

void TestStarterModel::wrong_configurations_data() {
  QTest::addColumn<QString>("pointer");
  QTest::addColumn<QString>("value");
  QTest::newRow("newer format") << "/format_version"
                                << "2";
  QTest::newRow("no rate") << "/audio_config/sampling_rate"
                           << "0";
  QTest::newRow("rate as text") << "/audio_config/sampling_rate"
                                << "\"fast\"";
  QTest::newRow("huge hop") << "/audio_config/hop_length"
                            << "1e9";
  QTest::newRow("pooled away") << "/audio_config/layers/0/pool"
                               << "[64, 2]";
  QTest::newRow("one pool number") << "/audio_config/layers/0/pool"
                                   << "[2]";
  QTest::newRow("other channels") << "/audio_config/layers/0/channels"
                                  << "13";
  QTest::newRow("residual that cannot be") << "/audio_config/layers/0/residual"
                                           << "true";
  QTest::newRow("no layers") << "/audio_config/layers"
                             << "[]";
  QTest::newRow("heads that do not divide") << "/text_config/num_attention_heads"
                                            << "5";
  QTest::newRow("unknown activation") << "/text_config/hidden_act"
                                      << "\"swish\"";
  QTest::newRow("other width") << "/text_config/hidden_size"
                               << "64";
  QTest::newRow("mels") << "/audio_config/num_mel_bins"
                        << "80";
  QTest::newRow("section that is none") << "/audio_config"
                                        << "[1]";
}

void TestStarterModel::wrong_configurations() {
  QFETCH(QString, pointer);
  QFETCH(QString, value);
  const QTemporaryDir bent;
  const std::filesystem::path target = bent.path().toStdString();
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().filename() != "config.json") {
      std::filesystem::create_symlink(std::filesystem::absolute(entry.path()), target / entry.path().filename());
    }
  }
  auto config = nlohmann::json::parse(read_file(folder_ / "config.json"));
  config[nlohmann::json::json_pointer(pointer.toStdString())] = nlohmann::json::parse(value.toStdString());
  write_file_atomically(target / "config.json", config.dump());
  try {
    (void)ClapModel::load(target);
    QFAIL("a wrong configuration was accepted");
  } catch (const Error& error) {
    QVERIFY2(error.kind() == ErrorKind::BadFormat, error.what());
  }
}

QTEST_GUILESS_MAIN(TestStarterModel)
#include "test_starter_model.moc"
