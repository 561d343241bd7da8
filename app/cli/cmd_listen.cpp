// listen: the microphone, named as it is heard (JSON lines).
#include <array>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "audio/capture.h"
#include "audio/decode.h"
#include "base/error.h"
#include "classify/stream_classifier.h"
#include "cli/commands.h"

namespace hearsay::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  ClassOptions classes;
  NoiseOption noise;
  std::string scores;
  std::optional<double> seconds;
  std::string input;
  bool no_reconnect = false;
  bool list = false;
  bool events = false;
  std::string replay;
  std::optional<double> threshold;
  StreamOptions stream;
};

double rounded(double value, double places) {
  return std::round(value * places) / places;
}

std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// ISO 8601 with milliseconds and the distance from UTC, as the clock of this place says it.
std::string time_text(WallTime time) {
  using namespace std::chrono;
  const auto whole = floor<milliseconds>(time);
  const std::time_t second = system_clock::to_time_t(floor<std::chrono::seconds>(whole));
  std::tm here = {};
  ::localtime_r(&second, &here);
  std::array<char, 32> day = {};
  std::array<char, 8> zone = {};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &here);
  std::strftime(zone.data(), zone.size(), "%z", &here);  // +0130
  std::array<char, 8> fraction = {};
  std::snprintf(fraction.data(), fraction.size(), ".%03d",
                static_cast<int>((whole - floor<std::chrono::seconds>(whole)).count()));
  const std::string away = zone.data();
  return std::string(day.data()) + fraction.data() + away.substr(0, 3) + ":" + away.substr(3);
}

WallTime later(WallTime time, double seconds) {
  return time + std::chrono::duration_cast<WallTime::duration>(std::chrono::duration<double>(seconds));
}

Json by_class(const ClassList& classes, const std::vector<float>& values) {
  Json object = Json::object();
  for (std::size_t k = 0; k < classes.size(); ++k) object[classes[k].name] = rounded(values[k], 1e6);
  return object;
}

Json json_of(const StreamPrediction& prediction, const ClassList& classes) {
  return {{"t", rounded(prediction.time, 1e3)},
          {"time", time_text(prediction.clock)},
          {"window", {rounded(prediction.window_start, 1e3), rounded(prediction.window_end, 1e3)}},
          {"scores", by_class(classes, prediction.probability)},
          {"similarity", by_class(classes, prediction.similarity)},
          {"smoothed", by_class(classes, prediction.smoothed)},
          {"latency_ms", rounded(prediction.latency_ms, 10.0)},
          {"level_db", rounded(prediction.level_db, 10.0)},
          {"silent", prediction.silent},
          {"hop", prediction.hop}};
}

Json json_of(const StreamEvent& event, const ClassList& classes) {
  return {{"event", event.open ? "start" : "end"},
          {"id", event.id},
          {"class", classes[static_cast<std::size_t>(event.label)].name},
          {"time", time_text(event.open ? event.began : later(event.began, event.end - event.start))},
          {"start", rounded(event.start, 1e3)},
          {"end", rounded(event.end, 1e3)},
          {"score", rounded(event.score, 1e6)}};
}

Json json_of(const StreamGap& gap) {
  return {{"gap", gap.open ? "start" : "end"},
          {"time", time_text(gap.open ? gap.began : later(gap.began, gap.end - gap.start))},
          {"start", rounded(gap.start, 1e3)},
          {"end", rounded(gap.end, 1e3)},
          {"why", gap.why}};
}

Json json_of(const StreamSummary& summary, WallTime began) {
  return {{"summary", true},
          {"began", time_text(began)},
          {"time", time_text(std::chrono::system_clock::now())},
          {"seconds", rounded(summary.seconds, 1e3)},
          {"windows", summary.windows},
          {"dropped_samples", summary.dropped_samples},
          {"gaps", summary.gaps},
          {"gap_seconds", rounded(summary.gap_seconds, 1e3)},
          {"mean_latency_ms", rounded(summary.mean_latency_ms, 10.0)},
          {"worst_latency_ms", rounded(summary.worst_latency_ms, 10.0)},
          {"hop", summary.hop},
          {"ended", summary.ended}};
}

int list_microphones(Session& session) {
  const std::vector<InputDevice> inputs = list_inputs();
  if (inputs.empty()) session.console.warn("No microphone was found. Connect one, or check the sound settings.");
  std::string text;
  for (const InputDevice& input : inputs) {
    text += line_of({{"name", input.name},
                     {"api", input.api},
                     {"channels", input.channels},
                     {"rate", input.default_rate},
                     {"default", input.is_default}});
  }
  write_results({}, text);
  return kDone;
}

/// One run of listening: prints as results come, and knows when it is over.
class Listener {
 public:
  Listener(Session& session, const ClassList& classes, int rate, const Options& options)
      : session_(session), classes_(classes), options_(options), wanted_(options.seconds.value_or(0.0) * rate) {}

  StreamSink sink() {
    StreamSink sink;
    sink.prediction = [this](const StreamPrediction& prediction) {
      began(prediction.clock, prediction.time);
      print(json_of(prediction, classes_));
    };
    if (options_.events) sink.event = [this](const StreamEvent& event) { print(json_of(event, classes_)); };
    sink.samples = [this](std::span<const float> samples) { count(samples.size()); };
    sink.notice = [this](const std::string& sentence) { session_.console.say(sentence); };
    sink.gap = [this](const StreamGap& gap) { tell(gap); };
    sink.ended = [this](const StreamSummary& summary) { end(summary); };
    return sink;
  }

  /// Until the time is up, the source has ended, or Ctrl-C.
  void wait() {
    const auto started = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!over_ && !session_.control.cancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
      if (wanted_ <= 0.0) continue;
      const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
      // A microphone that gives nothing must not keep us for ever.
      if (heard_ >= wanted_ || passed > *options_.seconds + 3.0) return;
    }
  }

  /// After the stream has stopped: the last line, and the exit code.
  int finish() {
    write_results({}, line_of(json_of(summary_, began_)));
    if (!failure_.empty()) throw Error(ErrorKind::NoSpace, failure_);
    if (!summary_.lost.empty()) {
      session_.console.warn(summary_.lost + " It was not back at the end.");
      return kFailed;
    }
    const bool ended_by_itself = !summary_.ended.empty();
    if (ended_by_itself) session_.console.warn(summary_.ended);
    return ended_by_itself && options_.replay.empty() ? kFailed : kDone;
  }

 private:
  void print(const Json& object) {
    try {
      write_results({}, line_of(object));
    } catch (const Error& error) {
      const std::lock_guard lock(mutex_);
      failure_ = error.what();
      over_ = true;
    }
  }
  void tell(const StreamGap& gap) {
    print(json_of(gap));
    if (gap.open) {
      session_.console.warn(gap.why + " Listening goes on when it is back.");
    } else {
      session_.console.say("There is sound again, after " + duration_text(gap.end - gap.start) + ".");
    }
  }
  /// The clock's time at second 0, from what is known to be heard at another: a microphone takes its time to start.
  void began(WallTime clock, double seconds) {
    if (std::exchange(began_known_, true)) return;
    began_ = later(clock, -seconds);
  }
  void count(std::size_t samples) {
    const std::lock_guard lock(mutex_);
    heard_ += static_cast<double>(samples);
    changed_.notify_all();
  }
  void end(const StreamSummary& summary) {
    const std::lock_guard lock(mutex_);
    summary_ = summary;
    over_ = true;
    changed_.notify_all();
  }

  Session& session_;
  const ClassList& classes_;
  const Options& options_;
  double wanted_;  ///< samples
  WallTime began_ = std::chrono::system_clock::now();
  bool began_known_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  double heard_ = 0.0;
  bool over_ = false;
  std::string failure_;
  StreamSummary summary_;
};

std::unique_ptr<SampleSource> open_source(const Options& options, int rate) {
  if (!options.replay.empty()) {
    return replay_samples(decode_file(options.replay, rate, options.seconds.value_or(0.0)), rate, false);
  }
  CaptureConfig config;
  config.input = options.input;
  return open_microphone(config);
}

int run(Session& session, const Options& options) {
  if (options.list) return list_microphones(session);
  (void)options.noise.weight();
  tell_about_classes(session, options.classes.read());
  const auto model = load_model(session);
  PromptSet prompts = options.classes.prompt_set(*model);
  tell_about_names(session, prompts.classes, *model);
  StreamOptions stream = options.stream;
  stream.wait_for_source = !options.no_reconnect;
  stream.noise_correction = options.noise.prepare(prompts, *model);
  stream.kind = chosen_score(options.scores, prompts);
  stream.thresholds = prompts.thresholds;
  if (options.threshold) stream.thresholds.assign(prompts.size(), *options.threshold);
  StreamClassifier classifier(model, prompts, stream);
  auto source = open_source(options, model->info().sample_rate);
  Listener listener(session, prompts.classes, model->info().sample_rate, options);
  classifier.start(std::move(source), listener.sink());
  session.console.say("Listening. Press Ctrl-C to stop.");
  listener.wait();
  classifier.stop();
  return listener.finish();
}

}  // namespace

void add_listen(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("listen", "Name what the microphone hears, live (JSON lines)");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  options->classes.add_to(*command);
  command->add_option("--scores", options->scores, "coarse, fine, fused or zero-shot (default: the set's best)");
  options->noise.add_to(*command);
  command->add_option("--seconds", options->seconds, "Stop after so long (default: at Ctrl-C)")
      ->check(positive_seconds());
  command->add_option("--input", options->input, "The microphone's name, or a part of it (default: the system's)");
  command->add_flag("--no-reconnect", options->no_reconnect,
                    "End with exit code 1 once the microphone is lost (default: wait until it is back)");
  command->add_flag("--list-inputs", options->list, "The microphones there are, and no listening");
  command->add_option("--hop", options->stream.hop, "Seconds between predictions (default: 0.5)");
  command->add_option("--smoothing", options->stream.smoothing, "0: none to 0.95: slow (default: 0.5)");
  command->add_option("--hold", options->stream.hold, "Seconds an event goes on below its threshold (default: 1)");
  command->add_option(
      "--threshold", options->threshold,
      "Smoothed probability that starts an event, of all classes (default: each class's own of the set, else 0.5)");
  command->add_flag("--events", options->events,
                    "Also a line when an event starts and when it ends; the end comes late by the model's window and "
                    "--hold (in silence by --hold alone), so sounds closer together than that are one event");
  command->add_option("--replay", options->replay, "Hear a sound file in place of a microphone")->group("");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
