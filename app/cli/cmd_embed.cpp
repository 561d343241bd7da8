// embed: sounds and texts -> embeddings in a safetensors file.
#include <nlohmann/json.hpp>

#include "audio/decode.h"
#include "base/error.h"
#include "base/words.h"
#include "classify/file_classifier.h"
#include "cli/commands.h"
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
  const std::vector<float> samples = decode_file(file, info.sample_rate);
  AudioEmbeddings embeddings = model.embed_audio(model.whole_features(samples));
  FileEmbedding result;
  const auto clip = embeddings.clips.row(0);
  result.clip.assign(clip.begin(), clip.end());
  result.frames = std::move(embeddings.frames.front());
  result.seconds = static_cast<double>(samples.size()) / info.sample_rate;
  return result;
}

/// The rows that are written, and what they are of.
struct SoundRows {
  Matrix clips;
  std::vector<std::string> names;
  std::vector<std::pair<double, double>> windows;  ///< seconds; with --per-window

  void add(const std::string& name, std::span<const float> clip) {
    clips.data.insert(clips.data.end(), clip.begin(), clip.end());
    ++clips.rows;
    names.push_back(name);
  }

  void add_windows(const std::string& name, const FileEmbedding& file, int rate) {
    for (std::size_t i = 0; i < file.places.size(); ++i) {
      const Window& place = file.places[i];
      add(name, file.windows.row(static_cast<std::int64_t>(i)));
      windows.emplace_back(static_cast<double>(place.start) / rate,
                           static_cast<double>(place.start + place.length) / rate);
    }
  }
};

/// Adds `audio`, `frames.i`; returns the names of the rows. Files that fail are told and counted.
std::vector<std::string> add_sounds(Session& session, const ClapModel& model, const Options& options,
                                    SafetensorsWriter& writer, int& failed) {
  const auto files = find_sounds(session, options.audio, failed);
  SoundRows rows;
  rows.clips = Matrix(0, model.info().embedding_dim);
  ProgressMeter meter(session.console.progress());
  for (std::size_t i = 0; i < files.size(); ++i) {
    session.control.checkpoint();
    meter.report("embedding sounds", static_cast<double>(i) / static_cast<double>(files.size()));
    try {
      const FileEmbedding embedding =
          options.whole ? embed_as_one(model, files[i]) : embed_file(model, files[i], &session.control);
      const std::string name = valid_utf8(files[i].string());
      if (options.frames) writer.add("frames." + std::to_string(rows.clips.rows), embedding.frames);
      if (options.per_window) {
        rows.add_windows(name, embedding, model.info().sample_rate);
      } else {
        rows.add(name, embedding.clip);
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled) throw;
      session.console.warn(error.what());
      ++failed;
    }
  }
  meter.report("embedding sounds", 1.0);
  if (rows.names.empty())
    throw Error(ErrorKind::BadAudio, "There was no sound file that could be used; nothing is saved.");
  writer.add("audio", rows.clips);
  if (options.per_window) writer.set_metadata("windows", nlohmann::json(rows.windows).dump());
  return rows.names;
}

int run(Session& session, const Options& options) {
  const bool has_text = !options.text.empty() || !options.texts.empty();
  if (options.audio.empty() && !has_text) {
    throw Error(ErrorKind::Usage, "Say what to embed: --audio FILES, --text TEXTS or --texts FILE.");
  }
  if (options.audio.empty() && (options.frames || options.whole || options.per_window)) {
    throw Error(ErrorKind::Usage, "--frames, --whole and --per-window are about sounds: they go with --audio.");
  }
  if (options.per_window && (options.frames || options.whole)) {
    throw Error(ErrorKind::Usage, "--per-window goes neither with --whole nor with --frames.");
  }
  check_can_save(options.out);
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
  writer.write(options.out);
  session.console.say("Saved " + counted(names.size(), "embedding", "embeddings") + " to " + options.out + ".");
  return failed == 0 ? kDone : kFailed;
}

}  // namespace

void add_embed(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("embed", "Embeddings of sounds and texts, as a .safetensors file");
  command->footer("Exit code 1 also when some of the sounds could not be read; the others are saved.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  add_list(*command, "--audio", options->audio, "Sound files and folders");
  add_list(*command, "--text", options->text, "Texts");
  command->add_option("--texts", options->texts, "A file: one text a line, or .jsonl with a field `text`");
  command->add_option("-o,--out", options->out, "The file to write")->required();
  command->add_flag("--frames", options->frames, "Also frames.i [T, d] for every sound");
  command->add_flag("--whole", options->whole, "Every file as one input in its family's way, not by windows");
  command->add_flag("--per-window", options->per_window,
                    "One row a window in place of one a file; metadata `windows`: [start, end] of each, in seconds");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
