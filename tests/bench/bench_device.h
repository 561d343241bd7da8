#pragma once
// HEARSAY_BENCH_DEVICE=auto|cpu|cuda[:n]: the device of what a benchmark loads (default: cpu).

#include <cstdlib>
#include <string>

namespace hearsay::bench {

inline std::string wanted_device() {
  const char* named = std::getenv("HEARSAY_BENCH_DEVICE");
  return named == nullptr ? "cpu" : named;
}

}  // namespace hearsay::bench
