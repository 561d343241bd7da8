// embed: sounds and texts -> embeddings in a safetensors file.
#include <nlohmann/json.hpp>

#include "audio/decode.h"
#include "base/error.h"
#include "base/words.h"
#include "classify/file_classifier.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "model/safetensors.h"

namespace hearsay::cli {
namespace {

struct Options {
  std::vector<std::string> audio;
  std::vector<std::string> text;
  std::string texts;
  std::string out;
  bool frames = false;
  bool whole = false;
  bool per_window = false;
};

/// The file as one input, however long it is, in the way of the model's family (a deterministic one).
FileEmbedding embed_as_one(const ClapModel& model, const std::filesystem::path& file) {
  const ModelInfo& info = model.info();
  const auto reader = AudioReader::open(file, info.sample_rate);
  std::vector<float> samples;
  std::vector<float> block(65536);
  while (const std::size_t n = reader->read(block)) {
    samples.insert(samples.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(n));
  }
  AudioEmbeddings embeddings = model.embed_audio(model.whole_features(samples));
  FileEmbedding result;
  const auto clip = embeddings.clips.row(0);
  result.clip.assign(clip.begin(), clip.end());
  result.frames = std::move(embeddings.frames.front());
  result.seconds = static_cast<double>(samples.size()) / info.sample_rate;
  result.doubts = reader->doubts();
  return result;
}

/// What is written: rows, what they are of, and the frames of each.
class SoundRows {
 public:
  SoundRows(const ModelInfo& info, const Options& options, SafetensorsWriter& writer)
      : info_(info), options_(options), writer_(writer), clips_(0, info.embedding_dim) {}

  void add(const std::string& name, const FileEmbedding& file) {
    if (!options_.per_window) return add_row(name, file.clip, file.frames);
    const std::int64_t each = file.frames.rows / file.windows.rows;
    for (std::int64_t i = 0; i < file.windows.rows; ++i) {
      const Window& place = file.places[static_cast<std::size_t>(i)];
      windows_.emplace_back(seconds(place.start), seconds(place.start + place.length));
      Matrix frames(each, file.frames.cols);
      std::copy_n(file.frames.row(i * each).begin(), frames.data.size(), frames.data.begin());
      add_row(name, file.windows.row(i), frames);
    }
  }

  /// Error: BadAudio when there is none.
  std::vector<std::string> finish() {
    if (names_.empty())
      throw Error(ErrorKind::BadAudio, "There was no sound file that could be used; nothing is saved.");
    writer_.add("audio", clips_);
    if (options_.per_window) writer_.set_metadata("windows", nlohmann::json(windows_).dump());
    if (options_.frames) writer_.set_metadata("frame_seconds", nlohmann::json(info_.frame_seconds).dump());
    return std::move(names_);
  }

 private:
  [[nodiscard]] double seconds(std::int64_t samples) const { return static_cast<double>(samples) / info_.sample_rate; }

  void add_row(const std::string& name, std::span<const float> clip, const Matrix& frames) {
    if (options_.frames) writer_.add("frames." + std::to_string(clips_.rows), frames);
    clips_.data.insert(clips_.data.end(), clip.begin(), clip.end());
    ++clips_.rows;
    names_.push_back(name);
  }

  const ModelInfo& info_;
  const Options& options_;
  SafetensorsWriter& writer_;
  Matrix clips_;
  std::vector<std::string> names_;
  std::vector<std::pair<double, double>> windows_;  ///< seconds; with --per-window
};

/// Adds `audio`, `frames.i`; returns the names of the rows. Files that fail are told and counted.
std::vector<std::string> add_sounds(Session& session, const ClapModel& model, const Options& options,
                                    SafetensorsWriter& writer, int& failed) {
  const auto files = find_sounds(session, options.audio, failed);
  check_not_read(options.out, files);
  SoundRows rows(model.info(), options, writer);
  ProgressMeter meter(session.console.progress());
  for (std::size_t i = 0; i < files.size(); ++i) {
    session.control.checkpoint();
    meter.report("embedding sounds", static_cast<double>(i) / static_cast<double>(files.size()));
    try {
      const FileEmbedding embedding =
          options.whole ? embed_as_one(model, files[i]) : embed_file(model, files[i], &session.control);
      for (const std::string& doubt : sentences_of(embedding.doubts, files[i])) session.console.warn(doubt);
      rows.add(valid_utf8(files[i].string()), embedding);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled) throw;
      session.console.warn(error.what());
      ++failed;
    }
  }
  meter.report("embedding sounds", 1.0);
  return rows.finish();
}

int run(Session& session, const Options& options) {
  const bool has_text = !options.text.empty() || !options.texts.empty();
  if (options.audio.empty() && !has_text) {
    throw Error(ErrorKind::Usage, "Say what to embed: --audio FILES, --text TEXTS or --texts FILE.");
  }
  if (options.audio.empty() && (options.frames || options.whole || options.per_window)) {
    throw Error(ErrorKind::Usage, "--frames, --whole and --per-window are about sounds: they go with --audio.");
  }
  if (options.per_window && options.whole) {
    throw Error(ErrorKind::Usage, "--whole feeds a file in one piece, --per-window in several: use one of them.");
  }
  check_can_save(options.out);
  check_not_read(options.out, {options.texts});
  check_not_of_model(session, options.out);
  const std::vector<std::string> texts = read_texts(options.text, options.texts);
  if (has_text && texts.empty()) throw Error(ErrorKind::Usage, "The file of texts holds no text.");
  const auto model = load_model(session);
  SafetensorsWriter writer;
  int failed = 0;
  std::vector<std::string> names;
  if (!options.audio.empty()) names = add_sounds(session, *model, options, writer, failed);
  if (!texts.empty()) {
    writer.add("text", model->embed_texts(texts, &session.control, session.console.progress()));
    if (names.empty()) {
      for (const std::string& text : texts) names.push_back(valid_utf8(text));
    } else {
      writer.set_metadata("texts",
                          nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
  }
  writer.set_metadata("items", nlohmann::json(names).dump());
  writer.set_metadata("model", model->info().name);
  writer.set_metadata("model_fingerprint", model->fingerprint());
  save_or_keep(options.out, "results", "The embeddings were",
               [&](const std::filesystem::path& place) { writer.write(place); });
  session.console.say("Saved " + counted(names.size(), "embedding", "embeddings") + " to " + options.out + ".");
  return failed == 0 ? kDone : kFailed;
}

}  // namespace

void add_embed(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("embed", "Embeddings of sounds and texts, as a .safetensors file");
  command->footer(
      "Tensors `audio` [n, d] and `text` [m, d]; metadata `items` (what the rows are of; with both kinds `texts` names "
      "the "
      "texts), `model`, `model_fingerprint`.\n"
      "Exit code 1 also when some of the sounds could not be read; the others are saved.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  add_list(*command, "--audio", options->audio, "Sound files and folders");
  add_list(*command, "--text", options->text, "Texts");
  command->add_option("--texts", options->texts, "A file: one text a line, or .jsonl with a field `text`");
  command->add_option("-o,--out", options->out, "The file to write")->required();
  command->add_flag("--frames", options->frames,
                    "Also frames.i [T, d] for every row; metadata `frame_seconds`: between two of them");
  command->add_flag(
      "--whole", options->whole,
      "Every file as one input in its family's way, not by windows (only models with fusion hear more than the first)");
  command->add_flag("--per-window", options->per_window,
                    "One row a window in place of one a file; metadata `windows`: [start, end] of each, in seconds");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
