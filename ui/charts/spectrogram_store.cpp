#include "ui/charts/spectrogram_store.h"

#include <algorithm>
#include <cmath>

namespace hearsay::ui {

std::uint8_t SpectrogramStore::byteOf(float db) {
  const float share = (db - kLowestDb) / (kHighestDb - kLowestDb);
  return static_cast<std::uint8_t>(std::lround(std::clamp(std::isfinite(share) ? share : 0.0F, 0.0F, 1.0F) * 255.0F));
}

float SpectrogramStore::dbOf(std::uint8_t byte) {
  return kLowestDb + static_cast<float>(byte) / 255.0F * (kHighestDb - kLowestDb);
}

void SpectrogramStore::reset(std::int64_t capacity, std::int64_t bands) {
  capacity_ = std::max<std::int64_t>(capacity, 1);
  bands_ = bands;
  end_ = 0;
  newestPeak_ = kLowestDb;
  peak_ = kLowestDb;
  bytes_.clear();
}

bool SpectrogramStore::append(const Matrix& columns) {
  if (columns.cols != bands_ || columns.rows == 0) return false;
  newestPeak_ = kLowestDb;
  for (std::int64_t i = 0; i < columns.rows; ++i, ++end_) {
    const std::int64_t place = end_ % capacity_;
    const auto needed = static_cast<std::size_t>((place + 1) * bands_);
    if (bytes_.size() < needed) bytes_.resize(needed);
    std::uint8_t* out = bytes_.data() + place * bands_;
    for (const float db : columns.row(i)) {
      *out++ = byteOf(db);
      if (db > newestPeak_) newestPeak_ = db;
    }
  }
  peak_ = std::max(peak_, newestPeak_);
  return true;
}

bool SpectrogramStore::merged(std::int64_t from, std::int64_t to, std::span<std::uint8_t> out) const {
  from = std::max(from, begin());
  to = std::min(to, end_);
  if (from >= to) return false;
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  for (std::int64_t c = from; c < to; ++c) {
    const std::uint8_t* in = bytes_.data() + (c % capacity_) * bands_;
    for (std::size_t b = 0; b < out.size(); ++b) out[b] = std::max(out[b], in[b]);
  }
  return true;
}

}  // namespace hearsay::ui
