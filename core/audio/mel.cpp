#include "audio/mel.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace hearsay {
namespace {

// Slaney's scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998).
constexpr double kLinearHertz = 200.0 / 3.0;              // one mel
constexpr double kBreakHertz = 1000.0;                    // where it turns logarithmic
constexpr double kBreakMel = kBreakHertz / kLinearHertz;  // 15 mel
constexpr double kLogStep = 0.06875177742094912;          // ln(6.4) / 27

void require(bool good, const std::string& words) {
  if (!good) throw Error(ErrorKind::Usage, "The log-mel settings cannot be used: " + words + ".");
}

}  // namespace

double hertz_to_mel(double hertz, MelScale scale) {
  if (scale == MelScale::Htk) return 2595.0 * std::log10(1.0 + hertz / 700.0);
  return hertz < kBreakHertz ? hertz / kLinearHertz : kBreakMel + std::log(hertz / kBreakHertz) / kLogStep;
}

double mel_to_hertz(double mel, MelScale scale) {
  if (scale == MelScale::Htk) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
  return mel < kBreakMel ? mel * kLinearHertz : kBreakHertz * std::exp(kLogStep * (mel - kBreakMel));
}

void check_log_mel(const LogMelConfig& config) {
  constexpr int kMostFft = 1 << 16;
  require(config.sample_rate > 0, "the sample rate must be above zero");
  require(config.n_fft >= 2 && config.n_fft <= kMostFft && config.n_fft % 2 == 0, "n_fft must be even, 2 to 65536");
  require(config.hop > 0 && config.hop <= config.n_fft, "the hop must be 1 to n_fft samples");
  require(config.n_mels > 0 && config.n_mels <= 1024, "there must be 1 to 1024 mel bands");
  require(config.f_min >= 0.0 && config.f_max > config.f_min && std::isfinite(config.f_max),
          "the frequency range must begin at 0 Hz or above and end above its beginning");
  require(config.floor > 0.0 && std::isfinite(config.floor), "the floor must be above zero");
}

std::vector<double> mel_filter_bank(const LogMelConfig& config) {
  check_log_mel(config);
  const auto bins = static_cast<std::size_t>(config.n_fft) / 2 + 1;
  const auto mels = static_cast<std::size_t>(config.n_mels);
  const double low = hertz_to_mel(config.f_min, config.scale);
  const double high = hertz_to_mel(config.f_max, config.scale);
  std::vector<double> edges(mels + 2);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const double mel = low + (high - low) * static_cast<double>(i) / static_cast<double>(mels + 1);
    edges[i] = mel_to_hertz(mel, config.scale);
  }
  std::vector<double> filters(bins * mels, 0.0);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const double hertz = static_cast<double>(bin) * config.sample_rate / config.n_fft;
    for (std::size_t m = 0; m < mels; ++m) {
      const double rising = (hertz - edges[m]) / (edges[m + 1] - edges[m]);
      const double falling = (edges[m + 2] - hertz) / (edges[m + 2] - edges[m + 1]);
      const double area = config.scale == MelScale::Slaney ? 2.0 / (edges[m + 2] - edges[m]) : 1.0;
      filters[bin * mels + m] = std::max(0.0, std::min(rising, falling)) * area;
    }
  }
  return filters;
}

}  // namespace hearsay
