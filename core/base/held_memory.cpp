#include "base/held_memory.h"

#include <cstdlib>
#include <limits>
#include <mutex>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace hearsay {
namespace {

std::mutex mutex;
int holders = 0;

#ifdef __GLIBC__
// Larger blocks still come straight from the system and go back to it: the highest value that glibc takes.
constexpr int kOwnPages = 32 << 20;
constexpr int kUsuallyKept = 64 << 20;  // what glibc comes to by itself for blocks of that size
#endif

}  // namespace

HeldMemory::HeldMemory() {
  const std::lock_guard lock(mutex);
  if (++holders > 1) return;
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kOwnPages);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

HeldMemory::~HeldMemory() {
  const std::lock_guard lock(mutex);
  if (--holders > 0) return;
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, kUsuallyKept);
  malloc_trim(0);
#endif
}

}  // namespace hearsay
