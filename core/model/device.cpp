#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <regex>
#include <string>
#include <thread>

#include "base/error.h"
#include "model/clap_model.h"
#include "model/torch_errors.h"

namespace hearsay {

DeviceChoice choose_device(std::string_view wanted) {
  if (wanted == "cpu") return {false, 0, "cpu"};
  const int found = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (wanted.empty() || wanted == "auto") {
    return found > 0 ? DeviceChoice{true, 0, "cuda:0"} : DeviceChoice{false, 0, "cpu"};
  }
  int index = 0;
  bool understood = wanted == "cuda";
  if (wanted.starts_with("cuda:")) {
    const std::string_view digits = wanted.substr(5);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    understood = problem == std::errc{} && end == digits.data() + digits.size() && index >= 0;
  }
  if (!understood) {
    throw Error(ErrorKind::Usage, "\"" + std::string(wanted) + "\" is no device; use auto, cpu, cuda or cuda:0.");
  }
  if (index >= found) {
    throw Error(ErrorKind::Device, "There is no CUDA device " + std::to_string(index) +
                                       " here (found: " + std::to_string(found) + "). Use the device cpu.");
  }
  return {true, index, "cuda:" + std::to_string(index)};
}

void set_compute_threads(int threads) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(threads > 0 ? threads : cores);
}

namespace {

/// "72.00 MiB wanted, 42.62 MiB free", as far as LibTorch says so (1.13 and 2.x in words of their own).
std::string memory_of_the_card(const std::string& why) {
  const std::string size = "([0-9.]+ (?:bytes|KiB|MiB|GiB))";
  std::smatch wanted;
  std::smatch left;
  if (!std::regex_search(why, wanted, std::regex("allocate " + size)) ||
      !std::regex_search(why, left, std::regex(size + "(?: is)? free"))) {
    return "";
  }
  return " (" + wanted[1].str() + " wanted, " + left[1].str() + " free)";
}

}  // namespace

void rethrow_plainly(const char* doing) {
  const auto first_line = [](const char* text) { return std::string(text).substr(0, std::string(text).find('\n')); };
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::Internal, std::string("There was not enough memory while ") + doing + ".");
  } catch (const std::exception& problem) {
    const std::string why = first_line(problem.what());
    if (why.find("out of memory") != std::string::npos) {
      throw Error(ErrorKind::Device, "The graphics card had too little memory left for " + std::string(doing) +
                                         memory_of_the_card(why) +
                                         ". Use the device cpu, or close other programs that use the card.");
    }
    if (why.find("CUDA") != std::string::npos) {
      throw Error(ErrorKind::Device, std::string("The graphics card failed while ") + doing + ": " + why +
                                         ". Use the device cpu, or close other programs that use the card.");
    }
    throw Error(ErrorKind::Internal, std::string("Something went wrong while ") + doing + ": " + why + ".");
  }
}

}  // namespace hearsay
