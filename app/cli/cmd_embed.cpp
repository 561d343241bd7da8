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
};

/// The file as one input, however long it is, in the way of the model's family (a deterministic one).
FileEmbedding embed_as_one(const ClapModel& model, const std::filesystem::path& file) {
  const ModelInfo& info = model.info();
  const std::vector<float> samples = decode_file(file, info.sample_rate);
  const AudioEmbeddings embeddings = model.embed_audio(model.whole_features(samples));
  const auto clip = embeddings.clips.row(0);
  return {
      {clip.begin(), clip.end()}, embeddings.frames.front(), static_cast<double>(samples.size()) / info.sample_rate};
}

/// Adds `audio`, `frames.i`; returns the names of the rows. Files that fail are told and counted.
std::vector<std::string> add_sounds(Session& session, const ClapModel& model, const Options& options,
                                    SafetensorsWriter& writer, int& failed) {
  const auto files = find_sounds(session, options.audio, failed);
  std::vector<std::string> names;
  Matrix clips(0, model.info().embedding_dim);
  ProgressMeter meter(session.console.progress());
  for (std::size_t i = 0; i < files.size(); ++i) {
    session.control.checkpoint();
    meter.report("embedding sounds", static_cast<double>(i) / static_cast<double>(files.size()));
    try {
      const FileEmbedding embedding =
          options.whole ? embed_as_one(model, files[i]) : embed_file(model, files[i], &session.control);
      clips.data.insert(clips.data.end(), embedding.clip.begin(), embedding.clip.end());
      if (options.frames) writer.add("frames." + std::to_string(clips.rows), embedding.frames);
      ++clips.rows;
      names.push_back(valid_utf8(files[i].string()));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled) throw;
      session.console.warn(error.what());
      ++failed;
    }
  }
  meter.report("embedding sounds", 1.0);
  if (names.empty()) throw Error(ErrorKind::BadAudio, "There was no sound file that could be used; nothing is saved.");
  writer.add("audio", clips);
  return names;
}

int run(Session& session, const Options& options) {
  const bool has_text = !options.text.empty() || !options.texts.empty();
  if (options.audio.empty() && !has_text) {
    throw Error(ErrorKind::Usage, "Say what to embed: --audio FILES, --text TEXTS or --texts FILE.");
  }
  if (options.audio.empty() && (options.frames || options.whole)) {
    throw Error(ErrorKind::Usage, "--frames and --whole are about sounds: they go with --audio.");
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
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
