#pragma once
// Freed memory that is kept at hand while a job goes on.

namespace hearsay {

/// While one lives, the C library keeps memory that is freed instead of handing it back to the system at once. A tuning
/// step makes and frees the same tensors as the one before: without this a tenth of its time goes into fetching and
/// clearing pages. The last one to go hands everything back. glibc only; elsewhere nothing happens.
class HeldMemory {
 public:
  HeldMemory();
  ~HeldMemory();
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;
  HeldMemory(HeldMemory&&) = delete;
  HeldMemory& operator=(HeldMemory&&) = delete;
};

}  // namespace hearsay
