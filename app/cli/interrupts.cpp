#include "cli/interrupts.h"

#include <csignal>
#include <ctime>
#include <utility>

namespace hearsay::cli {
namespace {

sigset_t wanted_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    const bool ignored = sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!ignored) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Interrupts::Interrupts(std::function<void()> cancel) : cancel_(std::move(cancel)) {
  const sigset_t set = wanted_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { watch(); });
}

Interrupts::~Interrupts() {
  done_ = true;
  thread_.join();
}

void Interrupts::watch() {
  const sigset_t set = wanted_signals();
  const timespec pause = {0, 100'000'000};
  bool asked = false;
  while (!done_) {
    const int signal = sigtimedwait(&set, nullptr, &pause);
    if (signal < 0) continue;
    if (!asked) {
      asked = true;
      cancel_();
      continue;
    }
    std::signal(signal, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    raise(signal);
  }
}

}  // namespace hearsay::cli
