#include "ui/shell/ending_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <array>
#include <cerrno>
#include <csignal>

namespace hearsay::ui {
namespace {

constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP};

std::array<int, 2> g_pipe = {-1, -1};  // what a handler may do is to write to a pipe

void writeToPipe(int /*signal*/) {
  const int before = errno;
  (void)!write(g_pipe[1], "", 1);
  errno = before;
}

/// A signal that is ignored stays so: nohup means it.
void handle(int signal, void (*handler)(int)) {
  struct sigaction before = {};
  if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(signal, &action, nullptr);
}

}  // namespace

EndingSignals::EndingSignals(QObject* parent) : QObject(parent) {
  if (pipe2(g_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;  // then they end the program, as without this
  auto* notifier = new QSocketNotifier(g_pipe[0], QSocketNotifier::Read, this);
  connect(notifier, &QSocketNotifier::activated, this, [this] {
    char byte = 0;
    while (read(g_pipe[0], &byte, 1) == 1) {
    }
    Q_EMIT asked();
  });
  for (const int signal : kEnding) handle(signal, writeToPipe);
}

EndingSignals::~EndingSignals() {
  if (g_pipe[0] < 0) return;
  for (const int signal : kEnding) handle(signal, SIG_DFL);
  for (int& end : g_pipe) {
    close(end);
    end = -1;
  }
}

}  // namespace hearsay::ui
