#include "cli/kept.h"

#include <optional>

#include "base/error.h"
#include "cli/session.h"

namespace hearsay::cli {
namespace {

/// `folder`/`name`, or 2-`name`, 3-`name`, ... : one that is not there yet.
std::filesystem::path unused(const std::filesystem::path& folder, const std::filesystem::path& name) {
  std::filesystem::path place = folder / name;
  std::error_code code;
  for (int i = 2; std::filesystem::exists(place, code); ++i) place = folder / (std::to_string(i) + "-" + name.string());
  return place;
}

std::filesystem::path place_to_keep(const std::string& kind, const std::filesystem::path& out) {
  const std::filesystem::path folder = data_folder() / kind;
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  return unused(folder, out.filename());
}

}  // namespace

void save_or_keep(const std::filesystem::path& out, const std::string& kind, const std::string& what,
                  const std::function<void(const std::filesystem::path&)>& save) {
  try {
    save(out);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NoSpace) throw;
    const std::filesystem::path place = place_to_keep(kind, out);
    try {
      save(place);
    } catch (const Error& second) {
      throw Error(error.kind(), std::string(error.what()) + " " + second.what());
    }
    throw Error(error.kind(), std::string(error.what()) + " " + what + " kept in " + quoted(place) + ".");
  }
}

void in_any_case(const std::function<void()>& first, const std::function<void()>& second) {
  std::optional<Error> failed;
  try {
    first();
  } catch (const Error& error) {
    failed = error;
  }
  try {
    second();
  } catch (const Error& error) {
    if (failed) throw Error(failed->kind(), std::string(failed->what()) + " " + error.what());
    throw;
  }
  if (failed) throw Error(*failed);
}

ResultFile::ResultFile(const std::string& out, Console& console) : place_(out), console_(console) {
  if (!out.empty() && out != "-") file_ = std::make_unique<FileWriter>(place_);
}

void ResultFile::write(std::string_view text) {
  if (file_ == nullptr) return write_results({}, text);
  where_there_is_room([&] { file_->write(text); });
}

void ResultFile::finish() {
  if (file_ == nullptr) return;
  where_there_is_room([&] { file_->commit(); });
  if (problem_) std::rethrow_exception(problem_);
}

void ResultFile::where_there_is_room(const std::function<void()>& act) {
  try {
    return act();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NoSpace) throw;
    if (problem_) leave_beside(error.what());
    try {
      const std::filesystem::path place = place_to_keep("results", place_);
      file_->move_to(place);
      place_ = place;
      act();
    } catch (const Error& second) {
      leave_beside(std::string(error.what()) + " " + second.what());
    }
    const std::string told = std::string(error.what()) + " The results are kept in " + quoted(place_);
    console_.warn(told + " instead.");
    problem_ = std::make_exception_ptr(Error(ErrorKind::NoSpace, told + "."));
  }
}

void ResultFile::leave_beside(const std::string& problem) {
  const auto rest = unused(place_.parent_path(), "unfinished-" + place_.filename().string());
  try {
    file_->leave_at(rest);
  } catch (const Error&) {
    throw Error(ErrorKind::NoSpace, problem);
  }
  throw Error(ErrorKind::NoSpace, problem + " The results so far are in " + quoted(rest) + ".");
}

}  // namespace hearsay::cli
