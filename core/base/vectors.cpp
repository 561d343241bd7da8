#include "base/vectors.h"

#include <atomic>

namespace hearsay::vectors {

namespace {

std::atomic<int> most{16};

}  // namespace

int widest() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  static const bool middle = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide && most >= 16) return 16;
  if (middle && most >= 8) return 8;
#endif
  return 4;
}

void limit(int floats) {
  most = floats;
}

}  // namespace hearsay::vectors
