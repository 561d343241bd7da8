#pragma once
// Where the numbers of the field's own code lie: ../shared/reference where it is there, else the small set in
// tests/data/reference (README.md there says what it leaves out). With HEARSAY_SMALL_REFERENCE set it is always the
// small one.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace hearsay::testing {

inline bool small_reference() {
  return std::getenv("HEARSAY_SMALL_REFERENCE") != nullptr ||
         !std::filesystem::exists(std::filesystem::path(HEARSAY_SHARED) / "reference");
}

inline std::filesystem::path reference(const std::string& name) {
  return (small_reference() ? std::filesystem::path(HEARSAY_TEST_DATA) : std::filesystem::path(HEARSAY_SHARED)) /
         "reference" / name;
}

}  // namespace hearsay::testing

/// For what only the whole reference holds.
#define NEEDS_REFERENCE(name)                                                                             \
  do {                                                                                                    \
    if (!std::filesystem::exists(hearsay::testing::reference(name))) {                                    \
      QSKIP("Only ../shared/reference has this; the small set in tests/data has its family without it."); \
    }                                                                                                     \
  } while (false)
