#pragma once
// The numbers that make a log-mel front end. No tensors here.

namespace hearsay {

enum class MelScale { Htk, Slaney };  ///< Slaney: with area normalisation, as librosa

struct LogMelConfig {
  int sample_rate = 32000;  ///< Hz
  int n_fft = 1024;
  int hop = 320;  ///< samples
  int n_mels = 64;
  double f_min = 50.0;     ///< Hz
  double f_max = 15000.0;  ///< Hz
  MelScale scale = MelScale::Slaney;
  double floor = 1e-10;  ///< dB = 10 log10(max(power, floor)); silence is exactly -100 dB at 1e-10
};

}  // namespace hearsay
