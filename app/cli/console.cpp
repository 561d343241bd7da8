#include "cli/console.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hearsay::cli {
namespace {

constexpr auto kBetweenLines = std::chrono::seconds(5);
constexpr auto kUntilItIsKnown = std::chrono::seconds(1);

}  // namespace

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string percent(double share) {
  const int rounded = static_cast<int>(std::lround(100.0 * share));
  return std::to_string(share < 1.0 ? std::min(rounded, 99) : rounded) + " %";  // 100 %: not one is missing
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::clamp(seconds, 0.0, 1e9)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

Console::Console() : terminal_(::isatty(STDERR_FILENO) == 1), last_(std::chrono::steady_clock::now()) {}

void Console::clear_line() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

void Console::say(const std::string& sentence) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  clear_line();
  std::fprintf(stderr, "%s\n", sentence.c_str());
}

void Console::warn(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  clear_line();
  std::fprintf(stderr, "%s\n", sentence.c_str());
}

void Console::show(const Progress& progress, const std::string& detail) {
  if (quiet_) return;
  std::string text = progress.stage;
  if (progress.fraction >= 0.02)
    text += " " + std::to_string(static_cast<int>(100.0 * std::clamp(progress.fraction, 0.0, 1.0))) + " %";
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (progress.stage != stage_) stage_began_ = now;
  // What a stage's first moments promise is not kept.
  if (progress.seconds_left >= 0.0 && progress.fraction < 1.0 && now - stage_began_ >= kUntilItIsKnown) {
    text += ", " + duration_text(progress.seconds_left) + " left";
  }
  text += detail;
  if (terminal_) {
    clear_line();
    std::fputs(text.c_str(), stderr);
    line_open_ = true;
    if (progress.fraction >= 1.0) clear_line();
  } else if (progress.stage != stage_ || now - last_ >= kBetweenLines) {
    std::fprintf(stderr, "%s\n", text.c_str());
    last_ = now;
  }
  stage_ = progress.stage;
}

ProgressFn Console::progress() {
  if (quiet_) return {};
  return [this](const Progress& progress) { show(progress); };
}

}  // namespace hearsay::cli
