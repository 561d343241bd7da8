#pragma once
// Work that falls into parts which need nothing of one another: each part on a thread of its own is faster than all
// threads together on one small matrix product after the other. Includes LibTorch: for core/model and core/prompts
// only.

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hearsay {

/// `work(i)` for i = 0 .. count - 1, on as many threads as LibTorch uses, with the caller's modes (gradients or none).
/// Within it LibTorch's operations take one thread each. Parts of another device than a CPU, and fewer than there are
/// threads, go one after the other, each with all threads. What `work` throws is thrown here. Parts may not write to
/// the same tensor, nor to the same leaf's gradient.
template <class Work>
void side_by_side(std::size_t count, at::Device device, const Work& work) {
  if (!device.is_cpu() || count < static_cast<std::size_t>(at::get_num_threads())) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  const at::ThreadLocalState modes;
  // OpenMP's own barriers order this already, but the thread sanitizer does not see them.
  std::atomic<int> order = 0;
  order.fetch_add(1, std::memory_order_release);
  at::parallel_for(0, static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
    (void)order.load(std::memory_order_acquire);
    {
      const at::ThreadLocalStateGuard guard(modes);
      for (std::int64_t i = begin; i < end; ++i) work(static_cast<std::size_t>(i));
    }
    order.fetch_add(1, std::memory_order_release);
  });
  (void)order.load(std::memory_order_acquire);
}

/// How many parts to cut `items` on `device` into, such that a part has `fewest` or more: one a thread, or a single
/// one.
inline std::size_t parts_for(std::size_t items, std::size_t fewest, at::Device device) {
  const auto threads = static_cast<std::size_t>(at::get_num_threads());
  return device.is_cpu() && items >= fewest * threads ? threads : 1;
}

}  // namespace hearsay
