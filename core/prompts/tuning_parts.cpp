// What a tuning run is made from: classes, captions, contexts, and its reports.
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "model/matrices.h"
#include "prompts/random.h"
#include "prompts/tuning_run.h"
#include "text/tokenizer.h"

namespace hearsay {
namespace {

constexpr std::size_t kNamed = 5;  ///< classes in a note

constexpr double kEncodingShare = 0.2;  // of the progress bar

/// Of the progress bar, after so many steps.
double fraction_of(int step, int total) {
  return kEncodingShare + (1.0 - kEncodingShare) * step / std::max(1, total + 1);
}

/// Of each class its place among the names in their order: which of a caption's labels comes first, and which class
/// gives one caption more, must not go by the order of the list.
std::vector<int> ranks_by_name(const ClassList& classes) {
  std::vector<std::string> names;
  for (const SoundClass& c : classes) names.push_back(fold_name(c.name));
  std::vector<int> order(classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](int k) { return names[static_cast<std::size_t>(k)]; });
  std::vector<int> ranks(classes.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return ranks;
}

/// At most so many, the same share of each class as far as it goes round. `ranks` of all classes' places.
std::vector<Caption> thin_out(std::vector<Caption> captions, std::size_t most, const std::vector<int>& ranks,
                              std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> of_class(ranks.size());
  std::vector<std::size_t> order(captions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(seed);
  random.shuffle(order);
  for (const std::size_t i : order) {
    of_class[static_cast<std::size_t>(ranks[static_cast<std::size_t>(captions[i].labels[0])])].push_back(i);
  }
  std::vector<bool> kept(captions.size(), false);
  std::size_t count = 0;
  for (std::size_t turn = 0; count < most; ++turn) {
    for (const std::vector<std::size_t>& mine : of_class) {
      if (turn < mine.size() && count < most) {
        kept[mine[turn]] = true;
        ++count;
      }
    }
  }
  std::vector<Caption> out;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    if (kept[i]) out.push_back(std::move(captions[i]));
  }
  return out;
}

void check_labels(const CaptionSet& captions, std::size_t classes) {
  for (const Caption& caption : captions.captions) {
    const auto fits = [&](int label) { return label >= 0 && static_cast<std::size_t>(label) < classes; };
    if (caption.labels.empty() || !std::ranges::all_of(caption.labels, fits)) {
      throw Error(ErrorKind::Usage, "The caption \"" + beginning_of(caption.text) +
                                        "\" belongs to no class of the list. Make the captions again.");
    }
  }
}

/// A class that no caption mentions is tuned only by what the others push it away from.
void note_bare_classes(const CaptionSet& captions, const ClassList& classes, std::vector<std::string>& notes) {
  const std::vector<int> counts = captions.counts(classes.size());
  std::vector<std::string> bare;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (counts[k] == 0) bare.push_back(classes[k].name);
  }
  if (bare.empty()) return;
  notes.push_back(std::to_string(bare.size()) + (bare.size() == 1 ? " class has" : " classes have") +
                  " no caption: " + some_of(bare, kNamed) + ". Add captions for " + (bare.size() == 1 ? "it" : "them") +
                  ", or take the caption bank as well.");
}

/// A class's only caption is trained on, and nothing is left to judge the class by; so may be one that only ever is
/// another label beside the first.
void note_classes_not_judged(const std::vector<Caption>& train, const std::vector<Caption>& held_out,
                             const ClassList& classes, std::vector<std::string>& notes) {
  const std::vector<int> trained = CaptionSet{train, {}}.counts(classes.size());
  const std::vector<int> judged = CaptionSet{held_out, {}}.counts(classes.size());
  std::vector<std::string> open;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (trained[k] > 0 && judged[k] == 0) open.push_back(classes[k].name);
  }
  if (open.empty() || held_out.empty()) return;  // none at all: said at the end
  notes.push_back(std::to_string(open.size()) + (open.size() == 1 ? " class has" : " classes have") +
                  " no caption held out: " + some_of(open, kNamed) + ". What held-out text says is not about " +
                  (open.size() == 1 ? "it" : "them") + ".");
}

/// Which classes held out of tuning nothing is said of, and what was left out for their sake.
void note_unseen(TuningText& text, const TuningClasses& classes, std::size_t mixed) {
  const std::vector<int> counts = CaptionSet{text.unseen, {}}.counts(classes.all.size());
  std::vector<std::string> bare;
  for (const int k : classes.unseen) {
    if (counts[static_cast<std::size_t>(k)] == 0) bare.push_back(classes.all[static_cast<std::size_t>(k)].name);
  }
  if (!bare.empty()) {
    text.notes.push_back("No caption is about " + some_of(bare, kNamed) + " alone, so that nothing is measured on " +
                         (bare.size() == 1 ? "this class" : "these classes") + " held out of tuning.");
  }
  if (mixed > 0) {
    text.notes.push_back(std::to_string(mixed) + (mixed == 1 ? " caption" : " captions") +
                         " with tuned classes and classes held out of tuning " + (mixed == 1 ? "is" : "are") +
                         " left out.");
  }
}

/// The word embeddings of the template's words before {}, as often as needed to fill `length` places, ending with them;
/// undefined when the template begins with {}.
at::Tensor template_contexts(const ClapModel& model, int length, const std::string& text_template) {
  const std::string words = trim(std::string_view(text_template).substr(0, text_template.find("{}")));
  const TokenIds ids = words.empty() ? TokenIds{} : model.tokenizer().encode_plain(words);
  if (ids.empty()) return {};
  TokenIds filled(static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < filled.size(); ++i) filled[filled.size() - 1 - i] = ids[ids.size() - 1 - i % ids.size()];
  const at::Tensor rows = model.text_tower().word_embeddings(filled);
  return at::stack({rows, rows});
}

void check_start(const StartingContexts& start, int width) {
  const bool same = start.coarse.rows == start.fine.rows && start.coarse.cols == start.fine.cols;
  if (!same || start.coarse.cols != width) {
    throw Error(ErrorKind::WrongModel, "The contexts to start from are " + std::to_string(start.coarse.cols) + " and " +
                                           std::to_string(start.fine.cols) + " wide; this model's are " +
                                           std::to_string(width) + ". Take contexts that were tuned with this model.");
  }
  if (start.coarse.rows < 1 || start.coarse.rows > 64) {
    throw Error(ErrorKind::Usage, "The contexts to start from have " + std::to_string(start.coarse.rows) +
                                      " tokens; between 1 and 64 are possible.");
  }
}

}  // namespace

TuningClasses::TuningClasses(const ClassList& classes, const std::vector<std::string>& unseen_names) : all(classes) {
  check_classes(classes);
  std::map<std::string, std::string> wanted;  // as they were given, by what they are compared by
  for (const std::string& name : unseen_names) wanted.emplace(fold_name(name), name);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const bool held = wanted.erase(fold_name(classes[k].name)) > 0;
    (held ? unseen : seen).push_back(static_cast<int>(k));
  }
  if (!wanted.empty()) {
    throw Error(ErrorKind::Usage,
                "\"" + wanted.begin()->second + "\" is to be held out of tuning, but is none of the classes.");
  }
  if (seen.empty()) throw Error(ErrorKind::Usage, "All classes are held out of tuning. Leave at least one to tune.");
}

ClassList TuningClasses::seen_classes() const {
  ClassList classes;
  for (const int k : seen) classes.push_back(all[static_cast<std::size_t>(k)]);
  return classes;
}

TuningText divide_captions(const CaptionSet& captions, const TuningClasses& classes, const TunerOptions& options) {
  check_labels(captions, classes.all.size());
  std::vector<int> place(classes.all.size(), -1);
  for (std::size_t i = 0; i < classes.seen.size(); ++i)
    place[static_cast<std::size_t>(classes.seen[i])] = static_cast<int>(i);
  const ClassList tuned = classes.seen_classes();
  const std::vector<int> ranks = ranks_by_name(tuned);
  TuningText text;
  CaptionSet seen;
  std::size_t mixed = 0;
  for (const Caption& caption : captions.captions) {
    Caption moved{caption.text, {}, caption.from_user};
    for (const int label : caption.labels) {
      if (place[static_cast<std::size_t>(label)] >= 0) moved.labels.push_back(place[static_cast<std::size_t>(label)]);
    }
    std::ranges::sort(moved.labels, {}, [&](int k) { return ranks[static_cast<std::size_t>(k)]; });
    if (moved.labels.size() == caption.labels.size()) {
      seen.captions.push_back(std::move(moved));
    } else if (moved.labels.empty()) {
      text.unseen.push_back(caption);
    } else {
      ++mixed;  // not to be trained on, and as right with a class that was tuned as with one that was not
    }
  }
  if (seen.captions.empty()) {
    throw Error(ErrorKind::Usage,
                "There are no captions for the classes to be tuned. Take the caption bank, or add captions.");
  }
  note_bare_classes(seen, tuned, text.notes);
  note_unseen(text, classes, mixed);
  if (seen.captions.size() > kMostTuningCaptions) {
    text.notes.push_back(std::to_string(kMostTuningCaptions) + " of " + std::to_string(seen.captions.size()) +
                         " captions are used, spread evenly over the classes.");
    seen.captions = thin_out(std::move(seen.captions), kMostTuningCaptions, ranks, options.seed);
  }
  const std::size_t most_unseen = kMostTuningCaptions / static_cast<std::size_t>(options.hold_out_one_in);
  if (text.unseen.size() > most_unseen) {
    text.notes.push_back(std::to_string(most_unseen) + " of " + std::to_string(text.unseen.size()) +
                         " captions of classes held out of tuning are used, spread evenly over them.");
    text.unseen = thin_out(std::move(text.unseen), most_unseen, ranks_by_name(classes.all), options.seed);
  }
  if (options.steps > 0) {  // plain: nothing held out
    text.train = std::move(seen.captions);
    return text;
  }
  CaptionSplit split = split_captions(seen, classes.seen.size(), options.hold_out_one_in, options.seed);
  text.train = std::move(split.train);
  text.held_out = std::move(split.held_out);
  note_classes_not_judged(text.train, text.held_out, tuned, text.notes);
  return text;
}

void note_long_captions(const ClapModel& model, TuningText& text) {
  const auto most = static_cast<std::size_t>(model.info().max_text_tokens);
  // MS-CLAP 2023 puts a token behind every text, which is not in what the tokenizer makes of it.
  const std::size_t added = model.tokens("").size() - model.tokenizer().encode("").size();
  const auto is_cut = [&](const Caption& caption) {
    const bool may_be = caption.text.size() + 8 > most;  // a token of a text is a byte at least, and few are added
    return may_be && model.tokenizer().encode(caption.text).size() + added > most;
  };
  std::ptrdiff_t cut = 0;
  for (const auto* captions : {&text.train, &text.held_out, &text.unseen}) {
    cut += std::ranges::count_if(*captions, is_cut);
  }
  if (cut == 0) return;
  text.notes.push_back(std::to_string(cut) + (cut == 1 ? " caption is" : " captions are") + " longer than the " +
                       std::to_string(most) + " tokens that this model reads; what comes after them is not seen.");
}

std::vector<Caption> measured_captions(const TuningText& text, const TuningClasses& classes) {
  std::vector<Caption> measured = text.held_out.empty() ? text.train : text.held_out;
  for (Caption& caption : measured) {
    for (int& label : caption.labels) label = classes.seen[static_cast<std::size_t>(label)];
    std::ranges::sort(caption.labels);
  }
  std::ranges::copy(text.unseen, std::back_inserter(measured));
  return measured;
}

void judge(const HeldOutResult& kept, bool plain, const std::string& in_the_way, TunerReport& report) {
  report.held_out = kept.accuracy;
  report.held_out_loss = kept.loss;
  const double gain = kept.accuracy.fused - kept.accuracy.zero_shot;
  report.helped = in_the_way.empty() && (gain > 0.0 || (gain == 0.0 && kept.fused_loss < kept.zero_shot_loss));
  if (!in_the_way.empty()) report.notes.push_back(in_the_way + (plain ? "" : " Zero-shot stays in use."));
  if (plain || !in_the_way.empty()) return;
  if (report.held_out_captions == 0) {
    report.helped = false;
    report.notes.emplace_back(
        "No caption could be held out, for which a class needs two different ones: whether tuning helped is not known, "
        "so the set prefers zero-shot scores. Add captions.");
  } else if (!report.helped) {
    report.notes.emplace_back(
        "Tuning did not beat the template on the held-out captions, so the set prefers zero-shot scores. More varied "
        "captions or a longer run may help.");
  }
}

ClassPrompts class_prompts(const ClapModel& model, const ClassList& classes, bool further) {
  // The blank before the name is what towers with byte-level BPE were trained with; word pieces do not see it.
  const auto ids = [&](const std::string& name) { return model.tokens(" " + normalise_class_name(name)); };
  ClassPrompts prompts;
  std::vector<std::string> descriptions;
  std::vector<std::int64_t> described;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    std::vector<std::string> names{classes[k].name};
    for (const std::string& alias : classes[k].aliases) {
      if (further && !fold_name(alias).empty()) names.push_back(alias);
    }
    for (const std::string& name : names) {
      prompts.prompts.push_back(ids(name));
      prompts.class_of.push_back(static_cast<std::int64_t>(k));
    }
    if (!further || fold_name(classes[k].description).empty()) continue;
    descriptions.push_back(trim(classes[k].description));
    described.push_back(static_cast<std::int64_t>(k));
  }
  if (prompts.prompts.size() == classes.size()) prompts.class_of.clear();
  if (descriptions.empty()) return prompts;
  const at::Tensor rows = to_tensor(model.embed_texts(descriptions));
  const at::Tensor fixed = at::zeros({static_cast<std::int64_t>(classes.size()), rows.size(1)}, at::kFloat);
  prompts.fixed = fixed.index_copy(0, at::tensor(described, at::kLong), rows).to(model.text_tower().device());
  return prompts;
}

InitialContexts initial_contexts(const ClapModel& model, const TunerOptions& options, const std::string& text_template,
                                 const std::optional<StartingContexts>& start) {
  const TextTower& tower = model.text_tower();
  InitialContexts initial;
  if (start) {
    check_start(*start, tower.width());
    initial = {at::stack({to_tensor(start->coarse), to_tensor(start->fine)}), "given"};
  } else if (options.start_from_template) {
    initial = {template_contexts(model, options.context_length, text_template), "template"};
  }
  if (!initial.contexts.defined()) {
    initial = {random_contexts(options.context_length, tower.width(), options.seed), "random"};
  }
  initial.contexts = initial.contexts.to(tower.device(), at::kFloat).contiguous();
  return initial;
}

void TuningWatch::expect(int steps, double seconds_a_step) {
  expected_steps_ = steps;
  seconds_a_step_ = seconds_a_step;
  worked_.restart();
}

void TuningWatch::encoding(double fraction) {
  constexpr double kTooEarly = 0.02;  // to say how long the captions will take
  double left = -1.0;
  if (seconds_a_step_ >= 0.0 && fraction >= kTooEarly) {
    left = worked_.seconds() * (1.0 - fraction) / fraction + seconds_a_step_ * expected_steps_;
  }
  send("encoding captions", kEncodingShare * fraction, left, false);
}

void TuningWatch::earlier(std::vector<CurvePoint> steps, const std::vector<HeldOutPoint>& looks, int total) {
  report_.steps = std::move(steps);
  earlier_steps_ = report_.steps.size();
  for (const HeldOutPoint& point : looks) {
    look(point);
    send("tuning", fraction_of(static_cast<int>(earlier_steps_), total), -1.0, true);
  }
}

void TuningWatch::step(const CurvePoint& point, int total) {
  report_.steps.push_back(point);
  const std::size_t done = report_.steps.size() - earlier_steps_;  // by this run
  if (done == 1) worked_.restart();
  const double a_step = done > 2 ? worked_.seconds() / static_cast<double>(done - 1) : seconds_a_step_;
  const double left = a_step >= 0.0 ? a_step * (total - point.step) : -1.0;
  send("tuning", fraction_of(point.step, total), left, false);
}

void TuningWatch::look(const HeldOutPoint& point) {
  report_.held_out_curve.push_back(point);
  unsent_look_ = point;
}

void TuningWatch::finish(bool cancelled) {
  send(cancelled ? "stopped" : "done", cancelled ? fraction_ : 1.0, cancelled ? -1.0 : 0.0, true);
}

void TuningWatch::send(const std::string& stage, double fraction, double seconds_left, bool now) {
  constexpr std::chrono::milliseconds kInterval(100);
  if (!watch_ || (!now && Clock::now() - last_ < kInterval)) return;
  last_ = Clock::now();
  fraction_ = fraction;
  TunerUpdate update;
  update.progress = {stage, fraction, seconds_left};
  update.new_points.assign(report_.steps.begin() + static_cast<std::ptrdiff_t>(sent_points_), report_.steps.end());
  sent_points_ = report_.steps.size();
  update.held_out = std::exchange(unsent_look_, std::nullopt);
  watch_(update);
}

}  // namespace hearsay
