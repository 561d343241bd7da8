#pragma once
// Samples on their way from the sound card's thread to a reader: one writer, one reader, no locks, no allocation after
// construction. What does not fit is dropped and counted, so the writer never waits.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearsay {

class SampleRing {
 public:
  /// Holds at least `capacity` samples (rounded up to a power of two).
  explicit SampleRing(std::size_t capacity)
      : samples_(std::bit_ceil(std::max<std::size_t>(capacity, 2))), mask_(samples_.size() - 1) {}

  /// The writer's side: takes what fits, counts the rest as dropped.
  void write(std::span<const float> in) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    const std::size_t room = samples_.size() - (head - tail_.load(std::memory_order_acquire));
    const std::size_t n = std::min(in.size(), room);
    const std::size_t at = head & mask_;
    const std::size_t before_end = std::min(n, samples_.size() - at);
    std::copy_n(in.data(), before_end, samples_.data() + at);
    std::copy_n(in.data() + before_end, n - before_end, samples_.data());
    head_.store(head + n, std::memory_order_release);
    if (n < in.size()) dropped_.fetch_add(static_cast<std::int64_t>(in.size() - n), std::memory_order_relaxed);
  }

  /// The reader's side: at most out.size() of the oldest samples; how many.
  std::size_t read(std::span<float> out) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t n = std::min(out.size(), head_.load(std::memory_order_acquire) - tail);
    const std::size_t at = tail & mask_;
    const std::size_t before_end = std::min(n, samples_.size() - at);
    std::copy_n(samples_.data() + at, before_end, out.data());
    std::copy_n(samples_.data(), n - before_end, out.data() + before_end);
    tail_.store(tail + n, std::memory_order_release);
    return n;
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return samples_.size(); }
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::vector<float> samples_;
  std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};  // samples ever written
  alignas(64) std::atomic<std::size_t> tail_{0};  // samples ever read
  alignas(64) std::atomic<std::int64_t> dropped_{0};
};

}  // namespace hearsay
