// cache show | clear
#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "base/words.h"
#include "cli/commands.h"
#include "prompts/feature_cache.h"

namespace hearsay::cli {
namespace {

std::string megabytes(std::int64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / (1 << 20) << " MB";
  return text.str();
}

int show(Session& session) {
  const CacheContents contents = feature_cache_contents();
  std::ostringstream text;
  text << std::left << std::setw(12) << "path" << valid_utf8(contents.file.string()) << "\n"
       << std::setw(12) << "captions" << contents.entries << "\n"
       << std::setw(12) << "on disk" << contents.bytes << " bytes (" << megabytes(contents.bytes) << ")\n"
       << std::setw(12) << "at most" << megabytes(feature_cache_limit()) << "\n";
  for (const CacheModelUse& use : contents.models) {
    text << std::setw(12) << "model" << valid_utf8(use.model) << " " << use.fingerprint.substr(0, 12) << ": "
         << use.entries << " captions, " << megabytes(use.bytes) << "\n";
  }
  write_results({}, text.str());
  if (!contents.problem.empty()) session.console.warn(contents.problem);
  return contents.problem.empty() ? kDone : kFailed;
}

int clear(Session& session) {
  const std::int64_t before = feature_cache_contents().bytes;
  clear_feature_cache();
  const std::int64_t freed = std::max<std::int64_t>(0, before - feature_cache_contents().bytes);
  session.console.say("The caption cache is empty; " + megabytes(freed) + " were freed.");
  return kDone;
}

}  // namespace

void add_cache(CLI::App& app, Session& session) {
  CLI::App* cache = app.add_subcommand("cache", "Caption features kept on disk, so that tuning again starts sooner");
  cache->footer("At most 1 GiB, or $HEARSAY_CACHE_MB megabytes (0: none); what was used longest ago goes first.");
  cache->require_subcommand(1);
  CLI::App* show_command = cache->add_subcommand("show", "Where it is, how many captions, how large, by model");
  add_quiet_option(*show_command, session);
  show_command->callback([&session] { session.action = [&session] { return show(session); }; });
  CLI::App* clear_command = cache->add_subcommand("clear", "Remove all of it");
  add_quiet_option(*clear_command, session);
  clear_command->callback([&session] { session.action = [&session] { return clear(session); }; });
}

}  // namespace hearsay::cli
