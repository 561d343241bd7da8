#include "classify/window_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

constexpr std::size_t kBatchesAhead = 3;
constexpr std::size_t kReadSamples = 1U << 15U;
constexpr std::size_t kMostEnds = 256;  ///< files that gave no window, before they are told about

/// Thrown inside the reading thread only: the owner has left or cancelled.
struct Stopped {};

}  // namespace

std::string sentence_of(const std::exception& error, const std::filesystem::path& file) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return error.what();
  const std::string text = error.what();
  return quoted(file) + " could not be classified: " + text.substr(0, text.find('\n')) + ".";
}

WindowStream::WindowStream(const ClapModel& model, std::vector<std::filesystem::path> files,
                           WindowStreamOptions options, JobControl* control)
    : model_(model), files_(std::move(files)), options_(options), control_(control), queue_(kBatchesAhead) {
  thread_ = std::thread([this] { run(); });
}

WindowStream::~WindowStream() {
  stopped_ = true;
  queue_.close();
  thread_.join();
}

std::optional<WindowBatch> WindowStream::next() {
  return queue_.pop();
}

bool WindowStream::keep_going() {
  constexpr std::chrono::milliseconds kLook{20};
  while (control_ != nullptr && control_->paused() && !control_->cancelled() && !stopped_) {
    std::this_thread::sleep_for(kLook);  // the owner may leave in a pause
  }
  return !stopped_ && (control_ == nullptr || !control_->cancelled());
}

void WindowStream::run() {
  try {
    for (std::size_t i = 0; i < files_.size() && read_file(i); ++i) {
      if (open_.ends.size() >= kMostEnds) flush();
    }
    flush();
  } catch (const Stopped&) {  // nobody waits for the rest
  }
  queue_.close();
}

/// False once stopped; a file that fails has its end like any other.
bool WindowStream::read_file(std::size_t index) {
  const auto& file = files_[index];
  FileEnd end;
  end.file = index;
  try {
    if (!keep_going()) return false;
    const ModelInfo& info = model_.info();
    const auto reader = AudioReader::open(file, info.sample_rate);
    const double expected = std::max(1.0, reader->info().seconds) * info.sample_rate;
    WindowCutter cutter(options_.window, options_.hop, [&](const Window& window, std::span<const float> samples) {
      add_window(index, window, samples);
    });
    std::vector<float> block(kReadSamples);
    while (const std::size_t n = reader->read(block)) {
      if (!keep_going()) return false;
      const double share = std::min(1.0, static_cast<double>(cutter.total()) / expected);
      done_ = (static_cast<double>(index) + share) / static_cast<double>(files_.size());
      cutter.push(std::span(block).first(n));
    }
    end.samples = cutter.total();
    end.rate = reader->info().sample_rate;
    end.doubts = reader->doubts();
    cutter.finish();
    if (end.samples == 0) throw Error(ErrorKind::BadAudio, quoted(file) + " holds no sound: it has no samples.");
  } catch (const std::exception& error) {
    end.error = sentence_of(error, file);
    if (const auto* known = dynamic_cast<const Error*>(&error)) end.kind = known->kind();
  }
  done_ = static_cast<double>(index + 1) / static_cast<double>(files_.size());
  open_.ends.push_back(std::move(end));
  return true;
}

void WindowStream::add_window(std::size_t file, const Window& window, std::span<const float> samples) {
  if (!keep_going()) throw Stopped();
  if (static_cast<std::int64_t>(samples.size()) < model_.info().window_samples) {
    const std::vector<float> filled = model_.fill_window(samples);
    samples_.insert(samples_.end(), filled.begin(), filled.end());
  } else {
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  open_.windows.push_back({file, window, is_silent(samples)});
  if (static_cast<int>(open_.windows.size()) >= options_.batch) flush();
}

void WindowStream::flush() {
  if (open_.windows.empty() && open_.ends.empty()) return;
  if (!open_.windows.empty()) {
    try {
      open_.features = model_.features(samples_);
    } catch (const std::exception& error) {
      open_.error = sentence_of(error, files_[open_.windows.front().file]);
    }
  }
  samples_.clear();
  open_.done = done_;
  if (!queue_.push(std::exchange(open_, {}))) throw Stopped();
}

}  // namespace hearsay
