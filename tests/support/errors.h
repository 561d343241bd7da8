#pragma once
// Checking that something fails as it should: the kind, and words of the sentence.

#include <QString>
#include <QtTest>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/error.h"

namespace hearsay::testing {

/// What an act was refused with.
struct Refusal {
  ErrorKind kind = ErrorKind::Internal;
  std::string said = "nothing was thrown";
};

/// The Error that `act` throws, in its parts; "nothing was thrown" when it throws none.
template <class Act>
Refusal refusal_of(Act&& act) {
  try {
    std::forward<Act>(act)();
  } catch (const Error& error) {
    return {error.kind(), error.what()};
  }
  return {};
}

/// Empty when `act` throws Error of this kind whose sentence holds all of `words`; else what was wrong, for QCOMPARE.
template <class Act>
std::string error_of(ErrorKind kind, std::initializer_list<std::string> words, Act&& act) {
  try {
    std::forward<Act>(act)();
  } catch (const Error& error) {
    const std::string sentence = error.what();
    if (error.kind() != kind) return "kind " + std::to_string(static_cast<int>(error.kind())) + ": " + sentence;
    for (const std::string& word : words) {
      if (sentence.find(word) == std::string::npos) return "\"" + word + "\" is missing in: " + sentence;
    }
    return {};
  } catch (const std::exception& other) {
    return std::string("not an Error of ours: ") + other.what();
  }
  return "nothing was thrown";
}

}  // namespace hearsay::testing

/// Fails the test with the reason unless the last argument, an expression, throws as told.
#define HEARSAY_FAILS(kind, words, ...)                                                                         \
  do {                                                                                                          \
    const std::string hearsay_wrong =                                                                           \
        hearsay::testing::error_of(hearsay::ErrorKind::kind, HEARSAY_LIST words, [&] { (void)(__VA_ARGS__); }); \
    QVERIFY2(hearsay_wrong.empty(), hearsay_wrong.c_str());                                                     \
  } while (false)
#define HEARSAY_LIST(...) \
  { __VA_ARGS__ }
