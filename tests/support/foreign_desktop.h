#pragma once
// The C library as a desktop in Turkish sets it: a comma for the point in numbers, and no "i" for "I". Made here, where
// `localedef` and its sources are installed (Debian: locales).

#include <QProcess>
#include <QStandardPaths>
#include <QString>
#include <QTemporaryDir>
#include <clocale>
#include <cstdlib>
#include <string>

namespace hearsay::testing {

/// In force as long as it lives, if it is there.
class ForeignDesktop {
 public:
  ForeignDesktop() : before_(std::setlocale(LC_ALL, nullptr)) {
    const QString made = folder_.filePath("tr_TR.UTF-8");
    (void)QProcess::execute("localedef", {"-i", "tr_TR", "-f", "UTF-8", made});
    ::setenv("LOCPATH", folder_.path().toLocal8Bit().constData(), 1);
    there_ = std::setlocale(LC_ALL, "tr_TR.UTF-8") != nullptr && std::localeconv()->decimal_point[0] == ',';
  }
  ~ForeignDesktop() {
    std::setlocale(LC_ALL, before_.c_str());
    ::unsetenv("LOCPATH");
  }
  ForeignDesktop(const ForeignDesktop&) = delete;
  ForeignDesktop& operator=(const ForeignDesktop&) = delete;

  [[nodiscard]] bool there() const { return there_; }

 private:
  QTemporaryDir folder_;
  std::string before_;
  bool there_ = false;
};

}  // namespace hearsay::testing
