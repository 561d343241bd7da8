#pragma once
// Runs hearsay-cli as a person would, with folders of its own for data and cache.

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "audio/decode.h"
#include "base/csv.h"

namespace hearsay_test {

struct CliResult {
  int code = -1;
  QString out;
  QString err;
  [[nodiscard]] QStringList lines() const { return out.split('\n', Qt::SkipEmptyParts); }
};

class Cli {
 public:
  Cli() {
    // A shell that runs tests in the background ignores Ctrl-C for them, and what they start would inherit that.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_DATA_HOME", folder_.path() + "/data");
    environment.insert("XDG_CACHE_HOME", folder_.path() + "/cache");
    environment.insert("HEARSAY_RESOURCES", QString(HEARSAY_SOURCE_ROOT) + "/resources");
    environment_ = environment;
  }

  [[nodiscard]] QString path(const QString& name) const { return folder_.path() + "/" + name; }
  static QString tiny() { return QString(HEARSAY_TEST_DATA) + "/starter-tiny"; }
  static QString starter() { return QString(HEARSAY_SOURCE_ROOT) + "/resources/starter"; }
  static bool has_starter() { return std::filesystem::exists((starter() + "/model.safetensors").toStdString()); }

  void prepare(QProcess& process) const {
    process.setProcessEnvironment(environment_);
    process.setWorkingDirectory(folder_.path());
  }

  /// Waits for the end; a crash or a hang gives code -1. `variables`: of the environment, beside its own.
  [[nodiscard]] CliResult run(const QStringList& arguments,
                              const std::vector<std::pair<QString, QString>>& variables = {}) const {
    QProcess process;
    prepare(process);
    QProcessEnvironment environment = environment_;
    for (const auto& [name, value] : variables) environment.insert(name, value);
    process.setProcessEnvironment(environment);
    process.start(HEARSAY_CLI, arguments);
    CliResult result;
    if (!process.waitForFinished(300000)) {
      process.kill();
      process.waitForFinished();
      return result;
    }
    if (process.exitStatus() == QProcess::NormalExit) result.code = process.exitCode();
    result.out = QString::fromUtf8(process.readAllStandardOutput());
    result.err = QString::fromUtf8(process.readAllStandardError());
    return result;
  }

  QString text_file(const QString& name, const std::string& content) const {
    std::ofstream(path(name).toStdString(), std::ios::binary) << content;
    return path(name);
  }

  /// A tone as a WAV of 32 kHz.
  QString tone(const QString& name, double seconds, double hertz = 440.0) const {
    std::vector<float> samples(static_cast<std::size_t>(seconds * 32000));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = 0.3F * static_cast<float>(std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / 32000));
    }
    hearsay::write_wav(path(name).toStdString(), samples, 32000);
    return path(name);
  }

  /// A few captions of three classes, so that tuning is quick.
  QString captions() const {
    std::string csv = "caption,label\n";
    for (const char* end : {"loudly", "far away", "again and again", "in a street"}) {
      csv += std::string("a dog barks ") + end + ",dog\n" + "rain falls " + end + ",rain\n" + "a siren wails " + end +
             ",siren\n";
    }
    return text_file("captions.csv", csv);
  }

  /// A set tuned in two steps on these captions; no name when that failed.
  [[nodiscard]] QString tuned(const QString& name, const QStringList& more = {}) const;

 private:
  QTemporaryDir folder_;
  QProcessEnvironment environment_;
};

/// The tiny model (random weights), on the CPU.
inline const QStringList kTiny = {"--model", Cli::tiny(), "--device", "cpu"};

inline QString Cli::tuned(const QString& name, const QStringList& more) const {
  const CliResult r = run(QStringList{"tune", "-c", "dog, rain, siren", "--captions", captions(), "--context", "4",
                                      "--out", path(name), "--steps", "2"} +
                          kTiny + more);
  if (r.code != 0) qWarning("%s", qPrintable(r.err));
  return r.code == 0 ? path(name) : QString();
}

inline hearsay::CsvTable table_of(const CliResult& result) {
  return hearsay::parse_csv(result.out.toStdString(), "output");
}

inline QJsonObject json_of(const QString& text) {
  return QJsonDocument::fromJson(text.toUtf8()).object();
}

inline QString content_of(const QString& file) {
  std::ifstream stream(file.toStdString(), std::ios::binary);
  return QString::fromStdString(std::string(std::istreambuf_iterator<char>(stream), {}));
}

}  // namespace hearsay_test
