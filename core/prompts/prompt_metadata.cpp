#include "prompts/prompt_metadata.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/words.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::string_view kFormat = "hearsay prompt set";

Json accuracy_to_json(const TextAccuracy& accuracy) {
  return {{"zero_shot", accuracy.zero_shot},
          {"coarse", accuracy.coarse},
          {"fine", accuracy.fine},
          {"fused", accuracy.fused}};
}

TextAccuracy accuracy_from_json(const Json& json) {
  return {json.at("zero_shot").get<double>(), json.at("coarse").get<double>(), json.at("fine").get<double>(),
          json.at("fused").get<double>()};
}

Json weights_to_json(const ScoreWeights& weights) {
  return {{"coarse", weights.coarse}, {"fine", weights.fine}, {"zero_shot", weights.zero_shot}};
}

ScoreWeights weights_from_json(const Json& json) {
  const ScoreWeights weights{json.at("coarse").get<double>(), json.at("fine").get<double>(),
                             json.at("zero_shot").get<double>()};
  if (!usable(weights)) throw Error(ErrorKind::BadFormat, "weights that give no score");
  return weights;
}

/// One a class, or none.
std::vector<double> offsets_from_json(const Json& json, const PromptSet& prompts) {
  auto offsets = json.get<std::vector<double>>();
  const auto fits = [](double offset) { return offset >= -2.0 && offset <= 2.0; };
  if ((!offsets.empty() && offsets.size() != prompts.size()) || !std::ranges::all_of(offsets, fits)) {
    throw Error(ErrorKind::BadFormat, "offsets that do not fit the classes");
  }
  return offsets;
}

/// Class names and words as UTF-8 that JSON takes.
Json text(const std::string& value) {
  return valid_utf8(value);
}

Json words(const std::vector<std::string>& values) {
  Json json = Json::array();
  for (const std::string& value : values) json.push_back(text(value));
  return json;
}

Json names_of(const ClassList& classes) {
  Json names = Json::array();
  for (const SoundClass& sound : classes) names.push_back(text(sound.name));
  return names;
}

Json details_of(const ClassList& classes) {
  Json details = Json::array();
  for (const SoundClass& sound : classes) {
    Json aliases = Json::array();
    for (const std::string& alias : sound.aliases) aliases.push_back(text(alias));
    details.push_back({{"aliases", aliases}, {"description", text(sound.description)}, {"colour", text(sound.colour)}});
  }
  return details;
}

/// Every step of a short run; of a long one about kMostCurvePoints, evenly, with the last.
Json curve_to_json(const std::vector<CurvePoint>& curve) {
  constexpr std::size_t kMostCurvePoints = 2000;
  const std::size_t stride = curve.size() / kMostCurvePoints + 1;
  Json json = Json::array();
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (i % stride != 0 && i + 1 != curve.size()) continue;
    json.push_back({curve[i].step, curve[i].loss, curve[i].coarse_loss, curve[i].fine_loss});
  }
  return json;
}

Json held_out_to_json(const std::vector<HeldOutPoint>& curve) {
  Json json = Json::array();
  for (const HeldOutPoint& point : curve) {
    Json entry = accuracy_to_json(point.accuracy);
    entry["step"] = point.step;
    json.push_back(std::move(entry));
  }
  return json;
}

/// The recipe is JSON already; anything else is kept as a word.
Json recipe_to_json(const std::string& recipe) {
  Json json = Json::parse(recipe, nullptr, false);
  return json.is_discarded() ? text(recipe) : json;
}

ClassList classes_from_json(const Json& names, const Json& details) {
  ClassList classes;
  for (const Json& name : names) classes.push_back({name.get<std::string>(), {}, {}, {}});
  if (details.size() != classes.size()) throw Error(ErrorKind::BadFormat, "details of another number of classes");
  for (std::size_t k = 0; k < classes.size(); ++k) {
    classes[k].aliases = details[k].at("aliases").get<std::vector<std::string>>();
    classes[k].description = details[k].at("description").get<std::string>();
    classes[k].colour = details[k].at("colour").get<std::string>();
  }
  return classes;
}

/// Reads the metadata key by key; says which key is wrong.
class Reader {
 public:
  Reader(const std::map<std::string, std::string>& metadata, const std::string& where)
      : metadata_(metadata), where_(where) {}

  template <class Use>
  void read(const std::string& key, Use&& use) const {
    const auto found = metadata_.find(key);
    if (found == metadata_.end()) fail("has no \"" + key + "\"");
    try {
      use(Json::parse(found->second));
    } catch (const std::exception&) {
      fail("holds a \"" + key + "\" that cannot be understood");
    }
  }

  /// For what older files do not have.
  template <class Use>
  void read_if_there(const std::string& key, Use&& use) const {
    if (metadata_.contains(key)) read(key, std::forward<Use>(use));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::BadFormat,
                where_ + " is no prompt set that can be used: it " + what + ". Choose a file that Hearsay has saved.");
  }

 private:
  const std::map<std::string, std::string>& metadata_;
  const std::string& where_;
};

void read_curves(const Reader& reader, PromptSet& prompts) {
  reader.read("curve", [&](const Json& json) {
    for (const Json& p : json) {
      prompts.curve.push_back(
          {p.at(0).get<int>(), p.at(1).get<double>(), p.at(2).get<double>(), p.at(3).get<double>()});
    }
  });
  reader.read("held_out_curve", [&](const Json& json) {
    for (const Json& p : json) prompts.held_out_curve.push_back({p.at("step").get<int>(), accuracy_from_json(p)});
  });
  reader.read("held_out_text", [&](const Json& json) { prompts.held_out = accuracy_from_json(json); });
}

void read_provenance(const Reader& reader, PromptSet& prompts) {
  const auto word = [&](const char* key, std::string& into) {
    reader.read(key, [&](const Json& json) { into = json.get<std::string>(); });
  };
  word("template", prompts.text_template);
  word("model_name", prompts.model_name);
  word("model_fingerprint", prompts.model_fingerprint);
  word("text_hash", prompts.text_hash);
  word("created_by", prompts.created_by);
  word("created_at", prompts.created_at);
  reader.read("recipe",
              [&](const Json& json) { prompts.recipe = json.is_string() ? json.get<std::string>() : json.dump(); });
  reader.read("seed", [&](const Json& json) { prompts.seed = json.get<std::uint64_t>(); });
  reader.read("tuned", [&](const Json& json) { prompts.tuned = json.get<bool>(); });
  reader.read("preferred", [&](const Json& json) { prompts.preferred = parse_score(json.get<std::string>()); });
  reader.read_if_there("score_weights", [&](const Json& json) { prompts.weights = weights_from_json(json); });
  reader.read_if_there("score_offsets", [&](const Json& json) { prompts.offsets = offsets_from_json(json, prompts); });
  reader.read_if_there("unseen", [&](const Json& json) { prompts.unseen = json.get<std::vector<std::string>>(); });
  reader.read("thresholds", [&](const Json& json) { prompts.thresholds = json.get<std::vector<double>>(); });
}

Json facts_of(const PromptSet& prompts) {
  return {{"format", kFormat},
          {"version", kVersion},
          {"classes", names_of(prompts.classes)},
          {"class_details", details_of(prompts.classes)},
          {"template", text(prompts.text_template)},
          {"tuned", prompts.tuned},
          {"preferred", score_name(prompts.preferred)},
          {"score_weights", weights_to_json(prompts.weights)},
          {"score_offsets", prompts.offsets},
          {"unseen", words(prompts.unseen)},
          {"thresholds", prompts.thresholds},
          {"model_name", text(prompts.model_name)},
          {"model_fingerprint", text(prompts.model_fingerprint)},
          {"recipe", recipe_to_json(prompts.recipe)},
          {"seed", prompts.seed},
          {"text_hash", text(prompts.text_hash)},
          {"held_out_text", accuracy_to_json(prompts.held_out)},
          {"held_out_curve", held_out_to_json(prompts.held_out_curve)},
          {"curve", curve_to_json(prompts.curve)},
          {"created_by", text(prompts.created_by)},
          {"created_at", text(prompts.created_at)}};
}

}  // namespace

bool usable(const ScoreWeights& weights) noexcept {
  const auto fits = [](double weight) { return weight >= 0.0 && weight <= kLargestScoreWeight; };
  return fits(weights.coarse) && fits(weights.fine) && fits(weights.zero_shot) && weights.sum() > 0.0;
}

std::map<std::string, std::string> prompts_to_metadata(const PromptSet& prompts) {
  std::map<std::string, std::string> metadata;
  const Json facts = facts_of(prompts);
  for (const auto& [key, value] : facts.items()) metadata[key] = value.dump();
  return metadata;
}

PromptSet prompts_from_metadata(const std::map<std::string, std::string>& metadata, const std::string& where) {
  const Reader reader(metadata, where);
  reader.read("format", [&](const Json& json) {
    if (json.get<std::string>() != kFormat) throw Error(ErrorKind::BadFormat, "another format");
  });
  int version = 0;
  reader.read("version", [&](const Json& json) { version = json.get<int>(); });
  if (version != kVersion) {
    reader.fail("has version " + std::to_string(version) + ", and this program reads version " +
                std::to_string(kVersion));
  }
  PromptSet prompts;
  reader.read("classes", [&](const Json& names) {
    reader.read("class_details", [&](const Json& details) { prompts.classes = classes_from_json(names, details); });
    check_classes(prompts.classes);
  });
  read_provenance(reader, prompts);
  read_curves(reader, prompts);
  return prompts;
}

std::string describe_prompts(const PromptSet& prompts) {
  Json json = facts_of(prompts);
  json["context_length"] = prompts.coarse_context.rows;
  json["embedding_dim"] = prompts.zero_shot.cols;
  json["logit_scale"] = prompts.logit_scale;
  return json.dump(2);
}

}  // namespace hearsay
