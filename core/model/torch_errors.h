#pragma once
// LibTorch's own errors never reach a person: what is said instead. No LibTorch headers here.

#include <exception>

#include "base/error.h"

namespace hearsay {

/// Turns the exception being handled into hearsay::Error: those pass as they are; out of memory on a GPU becomes
/// Device; anything else Internal with the first line of what LibTorch says. Call it in a catch block.
[[noreturn]] void rethrow_plainly(const char* doing);

/// guarded("encoding texts", [&] { ... })
template <typename Work>
auto guarded(const char* doing, Work&& work) {
  try {
    return work();
  } catch (...) {
    rethrow_plainly(doing);
  }
}

}  // namespace hearsay
