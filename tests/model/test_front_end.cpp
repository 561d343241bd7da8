// From samples to what the audio tower is fed, against Hugging Face's extractor: filling, cropping, the views of fused
// models (../shared/reference/feature-extraction/pipeline.safetensors, a window of half a second).

#include <QtTest>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/front_end.h"
#include "model/safetensors.h"
#include "tensors.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

constexpr std::int64_t kFrames = 51;
constexpr double kClose = 1e-5;  // of the largest value, 100 dB: 1e-3 dB, where the reference allows 5e-3

std::filesystem::path pipeline() {
  return std::filesystem::path(HEARSAY_SHARED) / "reference/feature-extraction/pipeline.safetensors";
}

LogMelConfig laion(bool fused) {
  LogMelConfig config;
  config.sample_rate = 48000;
  config.hop = 480;
  config.f_max = 14000.0;
  config.scale = fused ? MelScale::Htk : MelScale::Slaney;
  return config;
}

Filling filling_of(const std::string& name) {
  if (name == "repeat") return Filling::RepeatAndCut;
  return name == "pad" ? Filling::Pad : Filling::RepeatAndPad;
}

at::Tensor picture_of(const std::vector<float>& samples, const LogMelConfig& config) {
  const at::Tensor wave =
      at::from_blob(const_cast<float*>(samples.data()), {1, static_cast<std::int64_t>(samples.size())});
  return LogMel(config)(wave)[0];
}

}  // namespace

class TestFrontEnd : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    if (!std::filesystem::exists(pipeline())) QSKIP("Only ../shared/reference has the extractor's cases.");
    const auto info = nlohmann::json::parse(SafetensorsFile::open(pipeline()).metadata().at("info"));
    cases_ = info.at("cases");
    QCOMPARE(cases_.size(), std::size_t{24});
  }

  void equals_hugging_face_data() {
    QTest::addColumn<int>("number");
    for (int i = 0; i < static_cast<int>(cases_.size()); ++i) {
      const auto& one = cases_[static_cast<std::size_t>(i)];
      QTest::addRow("%d: %s %s %s", i, one["waveform"].get<std::string>().c_str(),
                    one["truncation"].get<std::string>().c_str(), one["padding"].get<std::string>().c_str())
          << i;
    }
  }

  void equals_hugging_face() {
    QFETCH(int, number);
    const auto& one = cases_[static_cast<std::size_t>(number)];
    const Expected file(pipeline());
    const at::Tensor wanted = file("case" + std::to_string(number) + ".input_features", at::kFloat);
    std::vector<float> samples = SafetensorsFile::open(pipeline()).floats(one["waveform"].get<std::string>());
    const auto window = one["max_length"].get<std::int64_t>();
    const bool fused = one["truncation"] == "fusion";
    const LogMelConfig config = laion(fused);
    const FrontEnd front(LogMel(config), window, filling_of(one["padding"].get<std::string>()), at::kCPU, fused);
    if (one["crop_start_samples"].is_number()) {  // theirs begins at random, ours at the beginning
      samples.erase(samples.begin(), samples.begin() + one["crop_start_samples"].get<std::ptrdiff_t>());
    }
    const FrontFeatures found = front.whole(samples);
    if (one["chunk_start_frames"].is_null()) {
      QVERIFY(!found.longer.defined());
      QCOMPARE(found.log_mel.sizes().vec(), (std::vector<std::int64_t>{1, kFrames, 64}));
      CLOSE(found.log_mel[0], wanted[0], kClose);
      return;
    }
    QVERIFY(found.longer.item<bool>());
    QCOMPARE(found.log_mel.sizes().vec(), (std::vector<std::int64_t>{1, 4, kFrames, 64}));
    CLOSE(found.log_mel[0][0], wanted[0], kClose);  // the whole, shrunk
    const at::Tensor whole = picture_of(samples, config);
    const auto starts = one["chunk_start_frames"].get<std::vector<std::int64_t>>();
    const std::int64_t spare = whole.size(0) - kFrames;
    const std::int64_t ours[] = {0, spare / 2, spare};  // front, middle and back, always
    for (std::int64_t i = 0; i < 3; ++i) {
      CLOSE(whole.narrow(0, starts[static_cast<std::size_t>(i)], kFrames), wanted[i + 1], kClose);
      QVERIFY(at::equal(found.log_mel[0][i + 1], whole.narrow(0, ours[i], kFrames)));
    }
  }

  void windows_must_be_whole() {
    const FrontEnd front(LogMel(laion(false)), 24000, Filling::Pad, at::kCPU);
    QCOMPARE(front.windows(std::vector<float>(48000)).log_mel.size(0), std::int64_t{2});
    QVERIFY_EXCEPTION_THROWN((void)front.windows(std::vector<float>(24001)), Error);
    QVERIFY_EXCEPTION_THROWN((void)front.windows(std::vector<float>{}), Error);
    const at::Tensor silence = front.whole(std::vector<float>{}).log_mel;  // an empty clip
    QVERIFY(silence.eq(-100.0).all().item<bool>());
  }

 private:
  nlohmann::json cases_;
};

QTEST_GUILESS_MAIN(TestFrontEnd)
#include "test_front_end.moc"
