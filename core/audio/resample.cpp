#include "audio/resample.h"

#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace hearsay {
namespace {

constexpr std::size_t kPiece = 16384;  // input samples given to soxr at once

struct SoxrDeleter {
  void operator()(soxr* handle) const { soxr_delete(handle); }
};

}  // namespace

struct Resampler::State {
  double from = 0.0;
  double to = 0.0;
  std::unique_ptr<soxr, SoxrDeleter> handle;  // null for equal rates
  std::vector<float> room;

  void run(std::span<const float> in, bool end, std::vector<float>& out);
};

/// One turn of soxr: all of `in`, or the tail when `end`.
void Resampler::State::run(std::span<const float> in, bool end, std::vector<float>& out) {
  std::size_t used = 0;
  std::size_t made = 0;
  do {
    std::size_t consumed = 0;
    const auto rest = in.subspan(used);
    const auto* error = soxr_process(handle.get(), end ? nullptr : rest.data(), rest.size(), &consumed, room.data(),
                                     room.size(), &made);
    if (error != nullptr) throw Error(ErrorKind::Internal, std::string("Resampling failed: ") + error + ".");
    used += consumed;
    out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(made));
    if (made == 0 && consumed == 0) break;
  } while (end || used < in.size() || made == room.size());
}

Resampler::Resampler(double from_rate, double to_rate) : state_(std::make_unique<State>()) {
  if (!(from_rate > 0.0) || !(to_rate > 0.0) || !std::isfinite(from_rate) || !std::isfinite(to_rate)) {
    throw Error(ErrorKind::Usage, "A sample rate must be a number above zero.");
  }
  state_->from = from_rate;
  state_->to = to_rate;
  if (from_rate == to_rate) return;
  soxr_error_t error = nullptr;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  state_->handle.reset(soxr_create(from_rate, to_rate, 1, &error, &io, &quality, &runtime));
  if (error != nullptr || !state_->handle) {
    throw Error(ErrorKind::Usage, "Sound at " + std::to_string(std::llround(from_rate)) +
                                      " Hz cannot be resampled to " + std::to_string(std::llround(to_rate)) + " Hz.");
  }
  state_->room.resize(kPiece);
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

void Resampler::push(std::span<const float> in, std::vector<float>& out) {
  if (!state_->handle) {
    out.insert(out.end(), in.begin(), in.end());
    return;
  }
  while (!in.empty()) {
    const std::size_t n = std::min(in.size(), kPiece);
    state_->run(in.first(n), false, out);
    in = in.subspan(n);
  }
}

void Resampler::flush(std::vector<float>& out) {
  if (!state_->handle) return;
  state_->run({}, true, out);
  soxr_clear(state_->handle.get());
}

std::vector<float> resample(std::span<const float> samples, double from_rate, double to_rate) {
  Resampler resampler(from_rate, to_rate);
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(static_cast<double>(samples.size()) * to_rate / from_rate) + 16);
  resampler.push(samples, out);
  resampler.flush(out);
  return out;
}

}  // namespace hearsay
