#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "base/files.h"
#include "base/log.h"
#include "support/errors.h"

namespace fs = std::filesystem;
using namespace hearsay;

class TestLog : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    root_ = folder_->path().toStdString();
  }

  void writes_what_its_level_allows() {
    log_to_file(root_ / "a.log");
    set_log_level(LogLevel::Info);
    log_debug("too small");
    log_info("a dog {barks} at 100 %s");
    set_log_level(LogLevel::Warn);
    log_info("no longer");
    log_warn("a warning");
    const std::string text = read_file(root_ / "a.log");
    QVERIFY(text.find("too small") == std::string::npos);
    QVERIFY(text.find("a dog {barks} at 100 %s") != std::string::npos);
    QVERIFY(text.find("no longer") == std::string::npos);
    QVERIFY(text.find("a warning") != std::string::npos);
  }

  void rotates() {
    log_to_file(root_ / "b.log");
    set_log_level(LogLevel::Info);
    const std::string line(100'000, 'x');
    fflush(stderr);
    const int saved = dup(2);
    QVERIFY(freopen("/dev/null", "w", stderr) != nullptr);
    for (int i = 0; i < 60; ++i) log_info(line);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    int files = 0;
    for (const auto& entry : fs::directory_iterator(root_)) {
      QVERIFY(entry.file_size() <= 1'000'000);
      ++files;
    }
    QCOMPARE(files, 3);
  }

  void survives_many_threads() {
    set_log_level(LogLevel::Off);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this, t] {
        for (int i = 0; i < 50; ++i) {
          log_info("line");
          if (t == 0 && i % 10 == 0) log_to_file(root_ / ("c" + std::to_string(i)));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    set_log_level(LogLevel::Info);
    log_to_file(root_ / "after.log");
    log_info("still here");
    QVERIFY(read_file(root_ / "after.log").find("still here") != std::string::npos);
  }

  void says_where_it_cannot_write() {
    write_file_atomically(root_ / "file", std::string_view("x"));
    HEARSAY_FAILS(NoSpace, ((root_ / "file/x.log").string()), log_to_file(root_ / "file/x.log"));
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path root_;
};

QTEST_GUILESS_MAIN(TestLog)
#include "test_log.moc"
