#pragma once
// The mel scales of librosa and Hugging Face, and triangular filters on them, in double precision. No tensors here.

#include <vector>

#include "audio/log_mel_config.h"

namespace hearsay {

double hertz_to_mel(double hertz, MelScale scale);
double mel_to_hertz(double mel, MelScale scale);

/// Filter bank [n_fft/2+1, n_mels], row by row. Slaney: every triangle has the area of one Hz band; HTK: the height 1.
/// Error: Usage for settings that make no filter bank (see check_log_mel).
std::vector<double> mel_filter_bank(const LogMelConfig& config);

/// Error: Usage naming the setting that is out of range.
void check_log_mel(const LogMelConfig& config);

}  // namespace hearsay
