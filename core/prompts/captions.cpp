#include "prompts/captions.h"

#include <algorithm>
#include <unordered_map>

#include "base/files.h"
#include "prompts/random.h"

namespace hearsay {

std::vector<int> CaptionSet::counts(std::size_t classes) const {
  std::vector<int> counts(classes, 0);
  for (const Caption& caption : captions) {
    for (const int label : caption.labels) {
      if (label >= 0 && static_cast<std::size_t>(label) < classes) ++counts[static_cast<std::size_t>(label)];
    }
  }
  return counts;
}

bool CaptionSet::multi_label() const {
  return std::ranges::any_of(captions, [](const Caption& caption) { return caption.labels.size() > 1; });
}

std::string CaptionSet::hash() const {
  std::string bytes;
  for (const Caption& caption : captions) {
    bytes += std::to_string(caption.text.size()) + ':' + caption.text;
    for (const int label : caption.labels) bytes += ' ' + std::to_string(label);
    bytes += '\n';
  }
  return sha256_of(bytes);
}

CaptionSplit split_captions(const CaptionSet& set, std::size_t classes, int one_in, std::uint64_t seed) {
  // A caption goes with its first label's class; equal texts stay together, so that nothing held out is trained on.
  std::vector<std::vector<std::string_view>> texts(classes);
  std::unordered_map<std::string_view, bool> held_out;
  for (const Caption& caption : set.captions) {
    const auto home = static_cast<std::size_t>(caption.labels.at(0));
    if (held_out.emplace(caption.text, false).second) texts.at(home).push_back(caption.text);
  }
  // The text and the seed alone say in which order a class gives its captions away: neither the place of the class in
  // the list nor that of the caption in its file.
  const auto drawn = [seed](std::string_view text) { return std::pair(seed_from(text, seed), text); };
  for (std::vector<std::string_view>& of_class : texts) {
    if (one_in < 2) break;
    std::ranges::sort(of_class, {}, drawn);
    const std::size_t count =
        of_class.size() < 2 ? 0 : std::max<std::size_t>(1, of_class.size() / static_cast<std::size_t>(one_in));
    for (std::size_t i = 0; i < count; ++i) held_out[of_class[i]] = true;
  }
  CaptionSplit split;
  for (const Caption& caption : set.captions) {
    (held_out[caption.text] ? split.held_out : split.train).push_back(caption);
  }
  return split;
}

}  // namespace hearsay
