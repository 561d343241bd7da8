// The published families through ClapModel, from words and sound to embeddings, as their own Python gives them.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "model/layers.h"
#include "reference_models.h"

using namespace hearsay;
using namespace hearsay::testing;
namespace fs = std::filesystem;

class TestFamilies : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void facts_data();
  void facts();
  void microsoft_data();
  void microsoft();
  void microsoft_loading_of_other_lengths();
  void hugging_face_data();
  void hugging_face();
  void layout_of_2023();
  void weights_in_pickles_data();
  void weights_in_pickles();
  void whole_clips_of_a_fused_model();
  void too_long_texts();
  void half_precision_weights_data();
  void half_precision_weights();
  void without_configuration();
};

void TestFamilies::facts_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<QString>("family");
  QTest::addColumn<QString>("towers");
  QTest::addColumn<int>("rate");
  QTest::addColumn<double>("seconds");
  QTest::addColumn<int>("frames");
  QTest::newRow("2022") << "msclap-2022"
                        << "msclap-2022"
                        << "cnn14 bert" << 44100 << 5.0 << 19;
  QTest::newRow("2023") << "msclap-2023/weights.pth"
                        << "msclap-2023"
                        << "htsat gpt2" << 44100 << 7.0 << 32;
  QTest::newRow("unfused") << "hf-clap-unfused"
                           << "laion-htsat"
                           << "htsat roberta" << 48000 << 10.0 << 32;
  QTest::newRow("fused") << "hf-clap-fused"
                         << "laion-htsat-fused"
                         << "htsat roberta" << 48000 << 10.0 << 32;
  if (small_reference()) return;
  QTest::newRow("larger") << "hf-clap-larger"
                          << "laion-htsat"
                          << "htsat roberta" << 48000 << 10.0 << 32;
}

void TestFamilies::facts() {
  QFETCH(QString, path);
  QFETCH(QString, family);
  QFETCH(QString, towers);
  QFETCH(int, rate);
  QFETCH(double, seconds);
  QFETCH(int, frames);
  fs::path where = reference(path.toStdString());
  if (path == "msclap-2022") where /= "weights.pth";  // the folder holds a second .pth
  const ModelInfo info = inspect_model(where);
  QCOMPARE(QString::fromStdString(info.family), family);
  QCOMPARE(QString::fromStdString(info.audio_tower + " " + info.text_tower), towers);
  QCOMPARE(info.sample_rate, rate);
  QCOMPARE(info.window_seconds, seconds);
  QCOMPARE(info.frames_per_window, frames);
  QVERIFY(std::abs(info.frame_seconds * info.frames_per_window - seconds) < 0.12 * seconds);
  QVERIFY(info.parameters > 50'000 && info.embedding_dim > 0 && info.text_width > 0);
}

void TestFamilies::microsoft_data() {
  QTest::addColumn<QString>("folder");
  QTest::newRow("2022") << "msclap-2022";
  QTest::newRow("2023") << "msclap-2023";
}

void TestFamilies::microsoft() {
  QFETCH(QString, folder);
  const fs::path path = reference(folder.toStdString());
  const Expected expected(path / "expected.safetensors");
  const auto model = ClapModel::load(path / "weights.pth", {"cpu", {}, nullptr});
  const auto texts = listed(path / "expected.safetensors", "texts");
  const auto ids = unpadded(expected("text.input_ids"), expected("text.attention_mask"));
  const auto tokens = token_reader(path / "weights.pth");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    QCOMPARE(model->tokens(texts[i]), ids[i]);
    QCOMPARE(tokens(texts[i]), ids[i]);  // without the weights
  }
  CLOSE(tensor_of(model->embed_texts(texts)), expected("text.embed_norm"), 1e-5);
  const TextEmbeddings with_words = model->embed_texts_with_words(texts);
  CLOSE(tensor_of(with_words.sentences), expected("text.embed_norm"), 1e-5);
  const double scale = std::exp(expected("logit_scale").item<double>());
  QVERIFY(std::abs(model->info().logit_scale - std::min(scale, 100.0)) < 1e-6);
  if (small_reference()) return;  // test_audio_towers begins at its log-mels
  const auto samples = samples_of(expected("audio.waveform_i16", at::kFloat) / 32768.0);
  const AudioEmbeddings found = model->embed_windows(samples);
  CLOSE(tensor_of(found.clips), expected("audio.embed_norm"), 1e-5);
  const at::Tensor similarity =
      scale * at::matmul(tensor_of(found.clips).to(at::kDouble), expected("text.embed_norm").t());
  CLOSE(similarity, expected("similarity"), 1e-5);
}

void TestFamilies::microsoft_loading_of_other_lengths() {
  if (small_reference()) QSKIP("The small set has no whole sounds.");
  const fs::path path = reference("msclap-2022");
  const Expected expected(path / "expected.safetensors");
  const auto model = ClapModel::load(path / "weights.pth", {"cpu", {}, nullptr});
  const at::Tensor waves = expected("audio.waveform_i16", at::kFloat) / 32768.0;
  const auto embed = [&](const at::Tensor& wave) {
    const AudioEmbeddings found = model->embed_audio(model->whole_features(samples_of(wave)));
    return tensor_of(found.clips)[0];
  };
  const auto unit = [&](const char* name) { return unit_length(expected(name)); };
  CLOSE(embed(waves[0].narrow(0, 0, 88200)), unit("load.tiled_embed"), 1e-5);
  const at::Tensor seven = at::cat({waves[1], waves[2].narrow(0, 0, 88200)});
  CLOSE(embed(seven), unit("load.crop0_embed"), 1e-5);
  CLOSE(embed(seven.narrow(0, 88200, 220500)), unit("load.crop88200_embed"), 1e-5);
}

void TestFamilies::hugging_face_data() {
  QTest::addColumn<QString>("folder");
  for (const char* name : {"hf-clap-unfused", "hf-clap-fused"}) QTest::newRow(name) << name;
  if (!small_reference()) QTest::newRow("larger") << "hf-clap-larger";
}

void TestFamilies::hugging_face() {
  QFETCH(QString, folder);
  const fs::path path = reference(folder.toStdString());
  const Expected expected(path / "expected.safetensors");
  const Expected waves(reference("hf-clap-unfused/expected.safetensors"));
  const auto model = ClapModel::load(path, {"cpu", {}, nullptr});
  const auto texts = listed(path / "expected.safetensors", "texts");
  const auto ids = unpadded(expected("text.input_ids"), expected("text.attention_mask"));
  const auto tokens = token_reader(path);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    QCOMPARE(model->tokens(texts[i]), ids[i]);
    QCOMPARE(tokens(texts[i]), ids[i]);  // without the weights
  }
  CLOSE(tensor_of(model->embed_texts(texts)), expected("text.embeds"), 1e-5);
  const bool fused = model->info().family == "laion-htsat-fused";
  for (const int clip : {0, 1, 2, 4, 5}) {
    const std::string name = std::to_string(clip);
    if (!expected.has(name + ".audio_embeds") || !waves.has(name + ".waveform")) continue;
    const auto samples = samples_of(waves(name + ".waveform"));
    const AudioEmbeddings found = model->embed_windows(model->fill_window(samples));
    CLOSE(tensor_of(found.clips)[0], expected(name + (fused ? ".audio_embeds_not_longer" : ".audio_embeds")), 1e-5);
    if (!fused) CLOSE(tensor_of(found.frames[0]), expected(name + ".frames"), 1e-5);
  }
}

void TestFamilies::layout_of_2023() {
  const QTemporaryDir folder;
  const fs::path path = folder.path().toStdString();
  for (const auto& entry : fs::directory_iterator(reference("hf-clap-unfused-2023"))) {
    fs::copy(entry.path(), path / entry.path().filename());
  }
  fs::create_symlink(fs::canonical(reference("hf-clap-unfused/model.safetensors")), path / "model.safetensors");
  const auto older = ClapModel::load(path, {"cpu", {}, nullptr});
  const auto newer = ClapModel::load(reference("hf-clap-unfused"), {"cpu", {}, nullptr});
  const std::vector<std::string> texts{"a dog barks", "rain & wind, 2 cars"};
  QCOMPARE(older->embed_texts(texts).data, newer->embed_texts(texts).data);
  const Expected waves(reference("hf-clap-unfused/expected.safetensors"));
  const auto samples = newer->fill_window(samples_of(waves("1.waveform")));
  QCOMPARE(older->embed_windows(samples).clips.data, newer->embed_windows(samples).clips.data);
}

void TestFamilies::weights_in_pickles_data() {
  QTest::addColumn<QString>("folder");
  QTest::addColumn<QString>("file");
  QTest::newRow("unfused") << "hf-clap-unfused"
                           << "pytorch_model.bin";
  QTest::newRow("fused") << "hf-clap-fused"
                         << "pytorch_model.bin";
  QTest::newRow("fused, legacy") << "hf-clap-fused"
                                 << "pytorch_model_legacy.bin";
  QTest::newRow("2022, legacy") << "msclap-2022"
                                << "weights_legacy.pth";
}

void TestFamilies::weights_in_pickles() {
  QFETCH(QString, folder);
  QFETCH(QString, file);
  NEEDS_REFERENCE(folder.toStdString() + "/" + file.toStdString());
  const fs::path path = reference(folder.toStdString());
  const auto pickled = ClapModel::load(path / file.toStdString(), {"cpu", {}, nullptr});
  const auto plain = ClapModel::load(folder == "msclap-2022" ? path / "weights.pth" : path, {"cpu", {}, nullptr});
  const std::vector<std::string> texts{"a dog barks"};
  QCOMPARE(pickled->embed_texts(texts).data, plain->embed_texts(texts).data);
  const std::vector<float> noise = plain->fill_window(std::vector<float>{0.1F, -0.3F, 0.2F, 0.5F, -0.4F});
  QCOMPARE(pickled->embed_windows(noise).clips.data, plain->embed_windows(noise).clips.data);
}

void TestFamilies::whole_clips_of_a_fused_model() {
  const Expected expected(reference("hf-clap-fused/expected.safetensors"));
  const Expected waves(reference("hf-clap-unfused/expected.safetensors"));
  const Opened model = open_parts(reference("hf-clap-fused"));
  const auto samples = waveform(waves, 3);  // 12.5 s
  const FrontFeatures found = model.parts.front_end->whole(samples);
  QCOMPARE(found.log_mel.sizes().vec(), (std::vector<std::int64_t>{1, 4, 1001, 64}));
  QVERIFY(found.longer.item<bool>());
  if (!small_reference()) {
    CLOSE(found.log_mel[0][0] / 100.0, expected("3.input_features")[0] / 100.0, 5e-5);  // 5e-3 dB
  }
  // The field's own chunks begin at random places; ours at the first, the middle and the last one.
  CLOSE(found.log_mel[0][1].narrow(0, 125, 800), found.log_mel[0][2].narrow(0, 0, 800), 1e-6);
  CLOSE(found.log_mel[0][2].narrow(0, 125, 800), found.log_mel[0][3].narrow(0, 0, 800), 1e-6);
  const FrontFeatures barely = model.parts.front_end->whole(std::span(samples).first(480240));
  QVERIFY(!barely.longer.defined());
  QCOMPARE(barely.log_mel.dim(), std::int64_t{3});
  const auto clap = ClapModel::load(reference("hf-clap-fused"), {"cpu", {}, nullptr});
  const AudioEmbeddings first = clap->embed_audio(clap->whole_features(samples));
  QCOMPARE(first.clips.data, clap->embed_audio(clap->whole_features(samples)).clips.data);
  const AudioEmbeddings window = clap->embed_windows(std::span(samples).first(480000));
  QVERIFY(distance(tensor_of(first.clips), tensor_of(window.clips)) > 1e-4);
}

void TestFamilies::too_long_texts() {
  std::string endless;
  for (int i = 0; i < 400; ++i) endless += " barking dog";
  for (const char* name : {"msclap-2023/weights.pth", "msclap-2022/weights.pth", "hf-clap-unfused"}) {
    const auto model = ClapModel::load(reference(name), {"cpu", {}, nullptr});
    const TokenIds cut = model->tokens(endless);
    QCOMPARE(cut.size(), static_cast<std::size_t>(model->info().max_text_tokens));
    QCOMPARE(cut.back(), model->tokens("dog").back());
    QCOMPARE(model->embed_texts(std::vector<std::string>{endless, ""}).rows, std::int64_t{2});
  }
}

void TestFamilies::half_precision_weights_data() {
  QTest::addColumn<bool>("brain");
  QTest::addColumn<double>("close");
  // What the weights' own rounding moves: 11 bits, and 8. Found: 3e-4 and 4e-3.
  QTest::newRow("float16") << false << 1e-3;
  QTest::newRow("bfloat16") << true << 1e-2;
}

void TestFamilies::half_precision_weights() {
  QFETCH(bool, brain);
  QFETCH(double, close);
  const fs::path original = reference("hf-clap-unfused");
  const QTemporaryDir folder;
  const fs::path path = folder.path().toStdString();
  for (const auto& entry : fs::directory_iterator(original)) {
    const auto kind = entry.path().extension();
    if (kind == ".json" || kind == ".txt") fs::copy(entry.path(), path / entry.path().filename());
  }
  const auto checkpoint = Checkpoint::open(original / "model.safetensors");
  const Weights weights(checkpoint);
  SafetensorsWriter writer;
  for (const auto& [name, stored] : checkpoint->tensors()) {
    const at::Tensor half = weights.get(name, at::IntArrayRef(stored.shape)).to(brain ? at::kBFloat16 : at::kHalf);
    const auto* bytes = reinterpret_cast<const std::byte*>(half.data_ptr());
    writer.add(name, brain ? DType::BF16 : DType::F16, stored.shape, {bytes, half.nbytes()});
  }
  writer.write(path / "model.safetensors");
  const auto half = ClapModel::load(path, {"cpu", {}, nullptr});
  const auto whole = ClapModel::load(original, {"cpu", {}, nullptr});
  const std::vector<std::string> texts{"a dog barks"};
  CLOSE(tensor_of(half->embed_texts(texts)), tensor_of(whole->embed_texts(texts)), close);
  QVERIFY(half->embed_texts(texts).data != whole->embed_texts(texts).data);
}

void TestFamilies::without_configuration() {
  const QTemporaryDir folder;
  const fs::path path = folder.path().toStdString();
  const fs::path original = fs::canonical(reference("msclap-2022"));
  fs::create_symlink(original / "weights.pth", path / "weights.pth");
  fs::create_symlink(original / "tokenizer.json", path / "tokenizer.json");
  const auto model = ClapModel::load(path, {"cpu", {}, nullptr});  // the published rate, window and hop
  QCOMPARE(model->info().sample_rate, 44100);
  QCOMPARE(model->info().window_samples, std::int64_t{220500});
  fs::create_symlink(original / "config.json", path / "config.json");
  write_file_atomically(path / "config.yml", std::string_view("sampling_rate: fast\n"));
  QVERIFY_EXCEPTION_THROWN((void)ClapModel::load(path), Error);
}

QTEST_GUILESS_MAIN(TestFamilies)
#include "test_families.moc"
