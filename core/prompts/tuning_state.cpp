// An unfinished tuning as a .safetensors file: the tensors of its state, and as metadata (each value a JSON text) what
// it is a tuning of.
#include "prompts/tuning_state.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/error.h"
#include "base/files.h"
#include "model/safetensors.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;
using Doubles = std::vector<double>;

constexpr int kVersion = 5;  // raised, too, when the same options come to mean another run (pace, what is held out)
constexpr std::string_view kFormat = "hearsay unfinished tuning";
constexpr std::size_t kCurveColumns = 4;
constexpr std::size_t kLookColumns = 5;

/// Why a file cannot be used, as part of a sentence.
struct Unfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string now_in_utc() {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc = {};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

Json classes_to_json(const ClassList& classes) {
  Json json = Json::array();
  for (const SoundClass& sound : classes) {
    json.push_back({sound.name, sound.aliases, sound.description, sound.colour});
  }
  return json;
}

ClassList classes_from_json(const Json& json) {
  ClassList classes;
  for (const Json& sound : json) {
    classes.push_back({sound.at(0).get<std::string>(), sound.at(1).get<std::vector<std::string>>(),
                       sound.at(2).get<std::string>(), sound.at(3).get<std::string>()});
  }
  check_classes(classes);
  return classes;
}

/// What is written: tensors and metadata by name, so that one checksum covers them in an order of their own.
struct Content {
  struct Tensor {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::string bytes;
  };
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  void add(const std::string& name, const Matrix& matrix) {
    if (matrix.empty()) return;
    tensors[name] = {DType::F32,
                     {matrix.rows, matrix.cols},
                     {reinterpret_cast<const char*>(matrix.data.data()), matrix.data.size() * sizeof(float)}};
  }
  void add(const std::string& name, const Doubles& values, std::size_t columns) {
    tensors[name] = {DType::F64,
                     {static_cast<std::int64_t>(values.size() / columns), static_cast<std::int64_t>(columns)},
                     {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)}};
  }
  void set(const std::string& key, const Json& value) {
    metadata[key] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  [[nodiscard]] std::string checksum() const {
    std::string all;
    for (const auto& [name, tensor] : tensors) {
      all.append(name).append(1, ' ').append(dtype_name(tensor.dtype));
      for (const std::int64_t size : tensor.shape) all.append(1, ' ').append(std::to_string(size));
      all.append(1, '\n').append(tensor.bytes);
    }
    for (const auto& [key, value] : metadata) {
      if (key != "checksum") all.append(key).append(1, '=').append(value).append(1, '\n');
    }
    return sha256_of(all);
  }
};

Doubles flat(const std::vector<CurvePoint>& curve) {
  Doubles values;
  for (const CurvePoint& p : curve) {
    values.insert(values.end(), {static_cast<double>(p.step), p.loss, p.coarse_loss, p.fine_loss});
  }
  return values;
}

Doubles flat(const std::vector<HeldOutPoint>& looks) {
  Doubles values;
  for (const auto& [step, right] : looks) {
    values.insert(values.end(), {static_cast<double>(step), right.zero_shot, right.coarse, right.fine, right.fused});
  }
  return values;
}

Content content_of(const UnfinishedTuning& run, const TuningState& state) {
  Content content;
  content.add("contexts", state.contexts);
  content.add("adamw.mean", state.mean);
  content.add("adamw.square", state.square);
  content.add("best.contexts", state.best_contexts);
  content.add("best.loss", Doubles{state.best_loss}, 1);
  content.add("curve", flat(state.curve), kCurveColumns);
  content.add("held_out_curve", flat(state.looks), kLookColumns);
  if (run.start) {
    content.add("start.coarse", run.start->coarse);
    content.add("start.fine", run.start->fine);
  }
  content.set("format", kFormat);
  content.set("version", kVersion);
  content.set("created_by", "hearsay " HEARSAY_VERSION);
  content.set("saved_at", now_in_utc());
  content.set("model_fingerprint", run.identity.model);
  content.set("model_name", run.model_name);
  content.set("classes_hash", run.identity.classes);
  content.set("text_hash", run.identity.captions);
  content.set("settings_hash", run.identity.settings);
  content.set("classes", classes_to_json(run.classes));
  content.set("template", run.text_template);
  content.set("options", Json::parse(options_to_json(run.options)));
  content.set("origin", run.origin);
  content.set("step", state.step);
  content.set("steps", state.steps);
  content.set("looks_since_best", state.looks_since_best);
  content.set("seconds", state.seconds);
  content.set("seconds_encoding", state.seconds_encoding);
  content.set("checksum", content.checksum());
  return content;
}

/// The file's content, whole and unchanged since it was written. Throws Unfit, or nlohmann's and std's exceptions:
/// read_state() makes a sentence of them.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) {
    const SafetensorsFile opened = SafetensorsFile::open(file);
    content_.metadata = opened.metadata();
    const auto format = content_.metadata.find("format");
    if (format == content_.metadata.end() || format->second != Json(kFormat).dump()) throw Unfit("it is another file");
    if (get<int>("version") != kVersion) throw Unfit("it is of another version of Hearsay");
    for (const auto& [name, view] : opened.tensors()) {
      content_.tensors[name] = {
          view.dtype, view.shape, {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()}};
    }
    if (get<std::string>("checksum") != content_.checksum()) throw Unfit("it is damaged");
  }

  template <class T>
  [[nodiscard]] T get(const std::string& key) const {
    return json(key).get<T>();
  }
  [[nodiscard]] Json json(const std::string& key) const { return Json::parse(content_.metadata.at(key)); }
  [[nodiscard]] bool has(const std::string& name) const { return content_.tensors.contains(name); }

  /// Empty where it is not there.
  [[nodiscard]] Matrix matrix(const std::string& name) const {
    if (!has(name)) return {};
    const Content::Tensor& tensor = content_.tensors.at(name);
    if (tensor.dtype != DType::F32 || tensor.shape.size() != 2) throw Unfit("the tensor " + name + " is no matrix");
    Matrix matrix(tensor.shape[0], tensor.shape[1]);
    if (!tensor.bytes.empty()) std::memcpy(matrix.data.data(), tensor.bytes.data(), tensor.bytes.size());
    if (!std::ranges::all_of(matrix.data, [](float value) { return std::isfinite(value); })) {
      throw Unfit("the tensor " + name + " holds values that are not numbers");
    }
    return matrix;
  }
  [[nodiscard]] Doubles doubles(const std::string& name, std::size_t columns) const {
    const Content::Tensor& tensor = content_.tensors.at(name);
    const bool fits =
        tensor.dtype == DType::F64 && tensor.shape.size() == 2 && tensor.shape[1] == static_cast<std::int64_t>(columns);
    if (!fits) throw Unfit("the tensor " + name + " has another shape than it should");
    Doubles values(tensor.bytes.size() / sizeof(double));
    if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(double));
    return values;
  }

 private:
  Content content_;
};

UnfinishedTuning read_run(const Reader& reader, const std::filesystem::path& file) {
  UnfinishedTuning run;
  run.file = file;
  run.identity = {reader.get<std::string>("model_fingerprint"), reader.get<std::string>("classes_hash"),
                  reader.get<std::string>("text_hash"), reader.get<std::string>("settings_hash")};
  run.model_name = reader.get<std::string>("model_name");
  run.classes = classes_from_json(reader.json("classes"));
  run.text_template = reader.get<std::string>("template");
  run.options = options_from_json(reader.json("options").dump());
  run.origin = reader.get<std::string>("origin");
  run.step = reader.get<int>("step");
  run.steps = reader.get<int>("steps");
  run.saved_at = reader.get<std::string>("saved_at");
  if (reader.has("start.coarse")) run.start = {reader.matrix("start.coarse"), reader.matrix("start.fine")};
  return run;
}

TuningState read_numbers(const Reader& reader) {
  TuningState state;
  state.step = reader.get<int>("step");
  state.steps = reader.get<int>("steps");
  state.contexts = reader.matrix("contexts");
  state.mean = reader.matrix("adamw.mean");
  state.square = reader.matrix("adamw.square");
  state.best_contexts = reader.matrix("best.contexts");
  state.best_loss = reader.doubles("best.loss", 1).at(0);
  state.looks_since_best = reader.get<int>("looks_since_best");
  state.seconds = reader.get<double>("seconds");
  state.seconds_encoding = reader.get<double>("seconds_encoding");
  const Doubles curve = reader.doubles("curve", kCurveColumns);
  for (auto p = curve.begin(); p != curve.end(); p += kCurveColumns) {
    state.curve.push_back({static_cast<int>(p[0]), p[1], p[2], p[3]});
  }
  const Doubles looks = reader.doubles("held_out_curve", kLookColumns);
  for (auto p = looks.begin(); p != looks.end(); p += kLookColumns) {
    state.looks.push_back({static_cast<int>(p[0]), {p[1], p[2], p[3], p[4]}});
  }
  return state;
}

void check_whole(const TuningState& state) {
  const auto fits = [&state](const Matrix& matrix, bool wanted) {
    return wanted ? matrix.rows == state.contexts.rows && matrix.cols == state.contexts.cols : matrix.empty();
  };
  const bool steps = state.step >= 0 && state.step <= state.steps && state.looks_since_best >= 0 &&
                     state.curve.size() == static_cast<std::size_t>(state.step);
  const bool begun = state.step > 0 || state.steps > 0;  // else nothing is known of the contexts
  const bool tensors = (!begun || !state.contexts.empty()) && state.contexts.rows % 2 == 0 &&
                       fits(state.mean, state.step > 0) && fits(state.square, state.step > 0) &&
                       fits(state.best_contexts, !state.best_contexts.empty()) &&
                       (state.best_contexts.empty() || !state.looks.empty());
  if (!steps || !tensors) throw Unfit("its parts do not fit each other");
}

}  // namespace

void write_state(const std::filesystem::path& file, const UnfinishedTuning& run, const TuningState& state) {
  const Content content = content_of(run, state);
  SafetensorsWriter writer;
  for (const auto& [name, tensor] : content.tensors) {
    writer.add(name, tensor.dtype, tensor.shape, std::as_bytes(std::span(tensor.bytes.data(), tensor.bytes.size())));
  }
  for (const auto& [key, value] : content.metadata) writer.set_metadata(key, value);
  writer.write(file);
}

StoredState read_state(const std::filesystem::path& file) {
  std::string why = "it is damaged";
  try {
    const Reader reader(file);
    StoredState stored{read_run(reader, file), read_numbers(reader)};
    check_whole(stored.state);
    return stored;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::Unreadable) throw;
  } catch (const Unfit& unfit) {
    why = unfit.what();
  } catch (const std::exception&) {  // JSON that is none, or a part that is missing
  }
  throw Error(ErrorKind::BadFormat, quoted(file) + " holds no tuning that can be gone on with: " + why +
                                        ". Name another file, or begin the tuning again without it.");
}

}  // namespace hearsay
