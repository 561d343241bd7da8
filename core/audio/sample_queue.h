#pragma once
// Samples on their way from the sound card's thread to a reader: moodycamel's lock-free queue of one writer and one
// reader, with all of its memory taken at the start. What does not fit is dropped and counted, so the writer never
// waits.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <readerwriterqueue/readerwriterqueue.h>

namespace hearsay {

class SampleQueue {
 public:
  /// Holds at least `capacity` samples.
  explicit SampleQueue(std::size_t capacity) : samples_(capacity) {}

  /// The writer's side: takes what fits, counts the rest as dropped. No lock, no allocation.
  void write(std::span<const float> in) noexcept {
    std::size_t taken = 0;
    while (taken < in.size() && samples_.try_enqueue(in[taken])) ++taken;
    if (taken < in.size()) dropped_.fetch_add(static_cast<std::int64_t>(in.size() - taken), std::memory_order_relaxed);
  }

  /// The reader's side: at most out.size() of the oldest samples; how many.
  std::size_t read(std::span<float> out) noexcept {
    std::size_t n = 0;
    while (n < out.size() && samples_.try_dequeue(out[n])) ++n;
    return n;
  }

  /// How many samples fit into an empty queue.
  [[nodiscard]] std::size_t capacity() const noexcept { return samples_.max_capacity(); }
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  moodycamel::ReaderWriterQueue<float> samples_;
  std::atomic<std::int64_t> dropped_{0};
};

}  // namespace hearsay
