// Cnn14 and HTSAT against the field's own code, stage by stage, from its own log-mels.

#include <QtTest>

#include "base/error.h"
#include "model/cnn14_tower.h"
#include "model/conv_tower.h"
#include "model/htsat_tower.h"
#include "model/layers.h"
#include "reference_models.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestAudioTowers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void cnn14();
  void cnn14_frames();
  void microsoft_htsat();
  void hugging_face_htsat_data();
  void hugging_face_htsat();
  void unfused_stages();
  void fused_stages();
  void fused_rows_are_independent();
  void the_configured_epsilon_is_the_blocks_alone();
  void too_many_frames();
};

void TestAudioTowers::cnn14() {
  const Expected expected(reference("msclap-2022/expected.safetensors"));
  const Opened model = open_parts(reference("msclap-2022/weights.pth"));
  const at::Tensor log_mel = microsoft_log_mel(expected, model);
  const at::Tensor wanted_mel = expected("audio.logmel");
  CLOSE(log_mel.narrow(0, 0, wanted_mel.size(0)) / 100.0, wanted_mel / 100.0, 2e-5);  // 2e-3 dB
  const auto* tower = dynamic_cast<const Cnn14Tower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr);
  const auto blocks = tower->blocks(log_mel.narrow(0, 0, 1));
  QCOMPARE(blocks.size(), std::size_t{6});
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string name = "audio.block" + std::to_string(i + 1);
    CLOSE(blocks[i][0].mean(0), expected(name + "_mean_c"), 1e-5);
    CLOSE(blocks[i][0].mean({1, 2}), expected(name + "_mean_tf"), 1e-5);
  }
  CLOSE(blocks[0][0].narrow(1, 0, 24), expected("audio.block1_full"), 1e-5);
  CLOSE(blocks[5][0], expected("audio.block6_full"), 1e-5);
  const AudioOutput output = tower->forward(log_mel);
  CLOSE(output.clips, expected("audio.embed"), 1e-5);
  CLOSE(unit_length(output.clips), expected("audio.embed_norm"), 1e-5);
}

void TestAudioTowers::cnn14_frames() {
  const Expected expected(reference("afpt/fixed.safetensors"));
  const Expected authors(reference("afpt/authors.safetensors"));
  const Expected waves(reference("msclap-2022/expected.safetensors"));
  const Opened model = open_parts(reference("msclap-2022/weights.pth"));
  const at::Tensor log_mel = microsoft_log_mel(waves, model);
  const auto* tower = dynamic_cast<const Cnn14Tower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr);
  const at::Tensor map = tower->blocks(log_mel).back().mean(3);
  CLOSE(clip_features(map), rows_like(authors("audio.clip_pooled"), map), 1e-5);
  CLOSE(frame_features(map), rows_like(authors("audio.frame_pooled"), map), 1e-5);
  CLOSE(tower->head(frame_features(map)), rows_like(authors("audio.frame_embedding"), map), 1e-5);
  const AudioOutput output = tower->forward(log_mel);
  CLOSE(output.clips, rows_like(expected("audio.clip"), map), 1e-5);
  CLOSE(output.frames, rows_like(expected("audio.frame"), map), 1e-5);
  QCOMPARE(output.frames.size(1), static_cast<std::int64_t>(model.info.frames_per_window));
}

void TestAudioTowers::microsoft_htsat() {
  const Expected expected(reference("msclap-2023/expected.safetensors"));
  const Opened model = open_parts(reference("msclap-2023/weights.pth"));
  const at::Tensor log_mel = microsoft_log_mel(expected, model);
  CLOSE(log_mel / 100.0, expected("audio.logmel") / 100.0, 2e-5);
  const auto* tower = dynamic_cast<const HtsatTower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr);
  HtsatTrace trace;
  const at::Tensor map = tower->map(log_mel, {}, &trace);
  CLOSE(trace.normed[0].narrow(0, 0, 64), expected("audio.bn0"), 1e-5);
  if (!small_reference()) {
    CLOSE(trace.picture[0], expected("audio.image"), 1e-5);
    CLOSE(trace.patches[0], expected("audio.patch_embed"), 1e-5);
    CLOSE(trace.blocks[0][0][0], expected("audio.layer0_block0"), 1e-5);
    CLOSE(trace.blocks[0][1][0], expected("audio.layer0_block1"), 1e-5);
    CLOSE(trace.stages[0][0], expected("audio.layer0"), 1e-5);
  }
  for (std::size_t i = 1; i < 4; ++i) {
    CLOSE(trace.stages[i][0], expected("audio.layer" + std::to_string(i)), 1e-5);
  }
  CLOSE(map, expected("audio.latent_map"), 1e-5);
  CLOSE(map.mean({2, 3}), expected("audio.embedding"), 1e-5);
  const AudioOutput output = tower->forward(log_mel);
  CLOSE(output.clips, expected("audio.embed"), 1e-5);
  CLOSE(unit_length(output.clips), expected("audio.embed_norm"), 1e-5);
  const at::Tensor frames = expected("audio.ours_frame_embed");
  const double largest_norm = at::linalg_vector_norm(frames, 2, at::IntArrayRef{-1}).max().item<double>();
  CLOSE(largest_norm < 1.001 ? unit_length(output.frames) : output.frames, frames, 1e-5);
}

void TestAudioTowers::hugging_face_htsat_data() {
  QTest::addColumn<QString>("folder");
  QTest::addColumn<int>("clip");
  for (int clip = 0; clip < (small_reference() ? 1 : 6); ++clip) {
    QTest::addRow("unfused %d", clip) << "hf-clap-unfused" << clip;
    QTest::addRow("fused %d", clip) << "hf-clap-fused" << clip;
  }
  if (small_reference()) return;  // its towers are the unfused ones, wider
  for (const int clip : {0, 3, 4}) QTest::addRow("larger %d", clip) << "hf-clap-larger" << clip;
}

void TestAudioTowers::hugging_face_htsat() {
  QFETCH(QString, folder);
  QFETCH(int, clip);
  const auto path = reference(folder.toStdString());
  const Expected expected(path / "expected.safetensors");
  const Expected unfused(reference("hf-clap-unfused/expected.safetensors"));
  const Opened model = open_parts(path);
  const auto* tower = dynamic_cast<const HtsatTower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr);
  const std::string name = std::to_string(clip);
  const Expected& features = folder == "hf-clap-larger" ? unfused : expected;
  at::Tensor log_mel = features(name + ".input_features", at::kFloat).unsqueeze(0);
  if (tower->fused() && log_mel.size(1) == 1) log_mel = log_mel.expand({1, 4, -1, -1});
  const at::Tensor longer = expected(name + ".is_longer").to(at::kBool);
  const at::Tensor map = tower->map(log_mel, longer);
  CLOSE(map[0], expected(name + ".audio_last_hidden"), 1e-5);
  CLOSE(map.mean({2, 3})[0], expected(name + ".audio_pooled"), 1e-5);
  const AudioOutput output = tower->forward(log_mel, longer);
  CLOSE(unit_length(output.clips)[0], expected(name + ".audio_embeds"), 1e-5);
  CLOSE(unit_length(output.frames)[0], expected(name + ".frames"), 1e-5);
  QCOMPARE(output.frames.size(1), static_cast<std::int64_t>(model.info.frames_per_window));
  if (expected.has(name + ".audio_embeds_not_longer")) {
    const at::Tensor alone = unit_length(tower->forward(log_mel.narrow(1, 0, 1)).clips)[0];
    CLOSE(alone, expected(name + ".audio_embeds_not_longer"), 1e-5);
  }
}

void TestAudioTowers::unfused_stages() {
  const Expected expected(reference("hf-clap-unfused/expected.safetensors"));
  const Opened model = open_parts(reference("hf-clap-unfused"));
  const auto* tower = dynamic_cast<const HtsatTower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr && !tower->fused());
  HtsatTrace trace;
  (void)tower->map(expected("0.input_features", at::kFloat), {}, &trace);
  if (!small_reference()) {
    CLOSE(trace.normed[0], expected("0.mid.batch_norm")[0], 1e-5);
    CLOSE(trace.picture[0], expected("0.mid.reshape_mel2img")[0], 1e-5);
    CLOSE(trace.blocks[1][0][0], expected("0.mid.stage1.block0"), 1e-5);
    CLOSE(trace.blocks[1][1][0], expected("0.mid.stage1.block1"), 1e-5);
  }
  CLOSE(rows_like(trace.patches[0], expected("0.mid.patch_embed")), expected("0.mid.patch_embed"), 1e-5);
  for (std::size_t i = 0; i < 4; ++i) CLOSE(trace.stages[i][0], expected("0.mid.stage" + std::to_string(i)), 1e-5);
}

void TestAudioTowers::fused_stages() {
  const Expected expected(reference("hf-clap-fused/expected.safetensors"));
  const Opened model = open_parts(reference("hf-clap-fused"));
  const auto* tower = dynamic_cast<const HtsatTower*>(model.parts.audio.get());
  QVERIFY(tower != nullptr && tower->fused());
  HtsatTrace trace;
  const std::string clip = small_reference() ? "0" : "3";  // the small set's short one takes the same branch
  const at::Tensor views = expected(clip + ".input_features", at::kFloat).expand({4, -1, -1}).unsqueeze(0);
  (void)tower->map(views, at::ones({1}, at::kBool), &trace);
  const at::Tensor patches = expected(clip + ".mid.patch_embed");
  CLOSE(rows_like(trace.patches[0], patches), patches, 1e-5);
  for (std::size_t i = 0; i < 4; ++i) {
    CLOSE(trace.stages[i][0], expected(clip + ".mid.stage" + std::to_string(i)), 1e-5);
  }
}

void TestAudioTowers::fused_rows_are_independent() {
  const Expected expected(reference("hf-clap-fused/expected.safetensors"));
  const Opened model = open_parts(reference("hf-clap-fused"));
  const std::string first = small_reference() ? "0" : "1";
  const std::string second = small_reference() ? "0" : "3";
  const at::Tensor one = expected(first + ".input_features", at::kFloat).expand({4, -1, -1});
  const at::Tensor three = expected(second + ".input_features", at::kFloat).expand({4, -1, -1});
  const at::Tensor longer = at::tensor({0, 1, 0}, at::kInt).to(at::kBool);
  const AudioOutput output = model.parts.audio->forward(at::stack({one, three, three}), longer);
  const at::Tensor clips = unit_length(output.clips);
  CLOSE(clips[0], expected(first + ".audio_embeds_not_longer"), 1e-5);
  CLOSE(clips[1], expected(second + ".audio_embeds"), 1e-5);
  QVERIFY(distance(clips[2], clips[1]) > 1e-4);
}

/// transformers gives layer_norm_eps to the two norms of a block; the others keep 1e-5.
void TestAudioTowers::the_configured_epsilon_is_the_blocks_alone() {
  const Expected expected(reference("hf-clap-unfused/expected.safetensors"));
  const Opened plain = open_parts(reference("hf-clap-unfused"));
  nlohmann::json values = plain.source.config.values();
  values["audio_config"]["layer_norm_eps"] = 0.05;
  ModelSource changed = plain.source;
  changed.config = Config("config.json", values);
  const ModelParts parts = family_of(changed).build(changed, plain.info, Weights(changed.checkpoint));
  const at::Tensor log_mel = expected("0.input_features", at::kFloat);
  const auto trace_of = [&](const ModelParts& model) {
    HtsatTrace trace;
    (void)dynamic_cast<const HtsatTower&>(*model.audio).map(log_mel, {}, &trace);
    return trace;
  };
  const HtsatTrace before = trace_of(plain.parts);
  const HtsatTrace after = trace_of(parts);
  QVERIFY(at::equal(after.patches, before.patches));
  QVERIFY(distance(after.blocks[0][0], before.blocks[0][0]) > 1e-4);
}

void TestAudioTowers::too_many_frames() {
  const Opened model = open_parts(reference("hf-clap-unfused"));
  QVERIFY_EXCEPTION_THROWN((void)model.parts.audio->forward(at::zeros({1, 1025, 64})), Error);
}

QTEST_GUILESS_MAIN(TestAudioTowers)
#include "test_audio_towers.moc"
