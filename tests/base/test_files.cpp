#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>
#include <csignal>
#include <fstream>

#include "base/files.h"
#include "support/errors.h"
#include "support/own_folder.h"

namespace fs = std::filesystem;
using namespace hearsay;

namespace {

/// Sets a variable for a while.
class Variable {
 public:
  Variable(const char* name, const std::string& value)
      : name_(name), old_(qgetenv(name)), was_set_(qEnvironmentVariableIsSet(name)) {
    qputenv(name, QByteArray::fromStdString(value));
  }
  ~Variable() {
    if (was_set_) {
      qputenv(name_, old_);
    } else {
      qunsetenv(name_);
    }
  }

 private:
  const char* name_;
  QByteArray old_;
  bool was_set_;
};

int files_in(const fs::path& folder) {
  return static_cast<int>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

bool knows_files_without_a_name(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR, 0600);
  return fd >= 0 && close(fd) == 0 && access("/proc/self/fd", X_OK) == 0;
}

}  // namespace

class TestFiles : public QObject, protected hearsay::testing::OwnFolder {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(make_folder()); }

  void writes_and_reads_back() {
    const fs::path file = root_ / "a.bin";
    const std::string bytes("one\0two\r\n\xFF", 10);
    write_file_atomically(file, bytes);
    QCOMPARE(read_file(file), bytes);
    write_file_atomically(file, std::string_view("new"));
    QCOMPARE(read_file(file), std::string("new"));
    write_file_atomically(file, std::string_view());
    QCOMPARE(read_file(file), std::string());
    QCOMPARE(files_in(root_), 1);
  }

  void writes_in_pieces() {
    const fs::path file = root_ / "pieces";
    write_file_atomically(file, [](const ByteSink& sink) {
      for (int i = 0; i < 1000; ++i) sink(std::as_bytes(std::span("ab", 2)));
    });
    QCOMPARE(read_file(file).size(), std::size_t{2000});
  }

  void a_failing_producer_leaves_the_old_file() {
    const fs::path file = root_ / "kept";
    write_file_atomically(file, std::string_view("old"));
    const auto fail = [](const ByteSink& sink) {
      sink(std::as_bytes(std::span("half", 4)));
      throw Error(ErrorKind::Cancelled, "stop");
    };
    HEARSAY_FAILS(Cancelled, ("stop"), write_file_atomically(file, fail));
    QCOMPARE(read_file(file), std::string("old"));
    QCOMPARE(files_in(root_), 1);
  }

  void a_full_disk_leaves_the_old_file() {
    const fs::path file = root_ / "full";
    write_file_atomically(file, std::string_view("old"));
    rlimit before = {};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 4096;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string wrong = hearsay::testing::error_of(ErrorKind::NoSpace, {file.string(), "Could not save"}, [&] {
      write_file_atomically(file, std::string(100000, 'x'));
    });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    QVERIFY2(wrong.empty(), wrong.c_str());
    QCOMPARE(read_file(file), std::string("old"));
    QCOMPARE(files_in(root_), 1);
  }

  void a_writer_moves_on_with_what_it_has() {
    const fs::path wanted = root_ / "wanted";
    const fs::path kept = root_ / "kept";
    write_file_atomically(wanted, std::string_view("old"));
    const std::string first(3000000, 'a');
    {
      FileWriter file(wanted);
      file.write(first);
      HEARSAY_FAILS(NoSpace, ("no/such"), file.move_to(root_ / "no/such/x"));
      file.write(std::string_view("b"));
      file.move_to(kept);
      QCOMPARE(files_in(root_), knows_files_without_a_name(root_) ? 1 : 2);  // nothing is left at the first place
      file.write(std::string_view("c"));
      file.commit();
    }
    QCOMPARE(read_file(wanted), std::string("old"));
    QVERIFY(read_file(kept) == first + "bc");
    QCOMPARE(files_in(root_), 2);
  }

  void a_killed_program_leaves_nothing() {
    if (!knows_files_without_a_name(root_)) QSKIP("The disk of the temporary folder names every file.");
    const fs::path file = root_ / "state";
    write_file_atomically(file, std::string_view("old"));
    const pid_t child = fork();
    QVERIFY(child >= 0);
    if (child == 0) {
      FileWriter writer(file);
      writer.write(std::string_view("half of the ne"));
      _exit(read_file(file) == "old" ? 0 : 1);
    }
    int status = -1;
    QCOMPARE(waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    QCOMPARE(read_file(file), std::string("old"));
    QCOMPARE(files_in(root_), 1);
  }

  void a_writer_that_fails_keeps_what_was_whole() {
    const fs::path file = root_ / "long";
    rlimit before = {};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 4096;
    FileWriter writer(file);
    writer.write(std::string_view("whole\n"));
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string wrong = hearsay::testing::error_of(ErrorKind::NoSpace, {file.string()},
                                                         [&] { writer.write(std::string(100000, 'x')); });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    QVERIFY2(wrong.empty(), wrong.c_str());
    writer.write(std::string_view("next\n"));
    writer.leave_at(root_ / "rest");
    QCOMPARE(read_file(root_ / "rest"), std::string("whole\nnext\n"));
    QCOMPARE(files_in(root_), 1);
    FileWriter device("/dev/full");
    HEARSAY_FAILS(NoSpace, ("/dev/full"), device.write(std::string_view("a")));
    HEARSAY_FAILS(NoSpace, ("there"), device.leave_at(root_ / "there"));
    device.move_to(root_ / "there");
    device.write(std::string_view("a"));
    device.commit();
    QCOMPARE(read_file(root_ / "there"), std::string("a"));
  }

  void says_why_it_cannot_save() {
    HEARSAY_FAILS(NoSpace, ("no/such/x", "No such file", "Make the folder"),
                  write_file_atomically(root_ / "no/such/x", std::string_view("a")));
    HEARSAY_FAILS(NoSpace, (root_.string()), write_file_atomically(root_, std::string_view("a")));
    HEARSAY_FAILS(NoSpace, ("/dev/full", "No space left"), write_file_atomically("/dev/full", std::string_view("a")));
  }

  void follows_links_and_keeps_permissions() {
    const fs::path file = root_ / "real";
    write_file_atomically(file, std::string_view("old"));
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    fs::create_symlink(file, root_ / "link");
    write_file_atomically(root_ / "link", std::string_view("new"));
    QVERIFY(fs::is_symlink(root_ / "link"));
    QCOMPARE(read_file(file), std::string("new"));
    QVERIFY(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  }

  void follows_links_to_what_is_not_there_yet() {
    fs::create_directories(root_ / "other");
    fs::create_symlink("other/made", root_ / "first");  // relative to where the link is
    fs::create_symlink(root_ / "first", root_ / "second");
    write_file_atomically(root_ / "second", std::string_view("new"));
    QVERIFY(fs::is_symlink(root_ / "first") && fs::is_symlink(root_ / "second"));
    QCOMPARE(read_file(root_ / "other/made"), std::string("new"));
    fs::create_symlink("round", root_ / "about");
    fs::create_symlink("about", root_ / "round");
    HEARSAY_FAILS(NoSpace, ("round"), write_file_atomically(root_ / "round", std::string_view("x")));
    QVERIFY(fs::is_symlink(root_ / "round"));
  }

  void what_the_shell_redirected_is_gone_on_with() {
    const fs::path file = root_ / "log";
    const int fd = open(file.c_str(), O_RDWR | O_CREAT, 0644);
    QVERIFY(fd > 2);
    QCOMPARE(static_cast<int>(write(fd, "first\n", 6)), 6);
    struct stat before = {};
    QCOMPARE(stat(file.c_str(), &before), 0);
    for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) {
      write_file_atomically(folder + std::to_string(fd), std::string_view("ours\n"));
    }
    fs::create_symlink("/dev/fd/" + std::to_string(fd), root_ / "named");
    write_file_atomically(root_ / "named", std::string_view("linked\n"));
    QCOMPARE(static_cast<int>(write(fd, "last\n", 5)), 5);
    close(fd);
    struct stat after = {};
    QCOMPARE(stat(file.c_str(), &after), 0);
    QCOMPARE(after.st_ino, before.st_ino);
    QCOMPARE(read_file(file), std::string("first\nours\nours\nlinked\nlast\n"));
  }

  void what_may_not_be_written_is_not_replaced() {
    const fs::path file = root_ / "kept";
    write_file_atomically(file, std::string_view("old"));
    fs::permissions(file, fs::perms::owner_read | fs::perms::others_read);
    fs::permissions(root_, fs::perms::all);
    const uid_t me = geteuid();
    if (me == 0) QCOMPARE(seteuid(65534), 0);
    const std::string wrong = hearsay::testing::error_of(ErrorKind::NoSpace, {"kept", "write-protected"},
                                                         [&] { write_file_atomically(file, std::string_view("new")); });
    if (me == 0) QCOMPARE(seteuid(0), 0);
    QVERIFY2(wrong.empty(), wrong.c_str());
    QCOMPARE(read_file(file), std::string("old"));
  }

  void writes_into_a_pipe() {
    const fs::path pipe = root_ / "pipe";
    QCOMPARE(mkfifo(pipe.c_str(), 0600), 0);
    const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    QVERIFY(reader >= 0);
    write_file_atomically(pipe, std::string_view("through"));
    char room[16] = {};
    QCOMPARE(static_cast<int>(read(reader, room, sizeof room)), 7);
    close(reader);
    QCOMPARE(std::string(room), std::string("through"));
    QVERIFY(fs::is_fifo(pipe));
  }

  void refuses_what_cannot_be_read() {
    HEARSAY_FAILS(NotFound, ("absent.txt", "does not exist"), read_file(root_ / "absent.txt"));
    HEARSAY_FAILS(Unreadable, (root_.string(), "folder"), read_file(root_));
    HEARSAY_FAILS(NotFound, ("absent"), sha256_of_file(root_ / "absent"));
    HEARSAY_FAILS(Unreadable, ("/dev/zero", "no end"), sha256_of_file("/dev/zero"));
  }

  void refuses_what_may_not_be_read() {
    const fs::path file = root_ / "secret";
    write_file_atomically(file, std::string_view("x"));
    fs::permissions(file, fs::perms::none);
    const uid_t me = geteuid();
    if (me == 0) QCOMPARE(seteuid(65534), 0);
    const std::string wrong = hearsay::testing::error_of(ErrorKind::Unreadable, {"secret", "Permission denied"},
                                                         [&] { (void)read_file(file); });
    if (me == 0) QCOMPARE(seteuid(0), 0);
    QVERIFY2(wrong.empty(), wrong.c_str());
  }

  void knows_sha256() {
    QCOMPARE(sha256_of("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(sha256_of(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    const std::string large(3'000'000, 'a');
    write_file_atomically(root_ / "large", large);
    QCOMPARE(sha256_of_file(root_ / "large"), sha256_of(large));
  }

  void splits_lines() {
    const std::vector<std::string> expected = {"a", "b", "", "c", "d"};
    QCOMPARE(split_lines("a\nb\r\n\rc\nd\n"), expected);
    QVERIFY(split_lines("").empty());
    QCOMPARE(split_lines("\n"), std::vector<std::string>{""});
  }

  void places_follow_the_environment() {
    const Variable data("XDG_DATA_HOME", (root_ / "data").string());
    const Variable cache("XDG_CACHE_HOME", (root_ / "cache").string());
    QCOMPARE(data_folder(), root_ / "data/hearsay");
    QCOMPARE(cache_folder(), root_ / "cache/hearsay");
    QVERIFY(fs::is_directory(root_ / "data/hearsay") && fs::is_directory(root_ / "cache/hearsay"));
  }

  void places_without_xdg_are_below_home() {
    const Variable home("HOME", root_.string());
    const Variable data("XDG_DATA_HOME", "relative/is/ignored");
    const Variable cache("XDG_CACHE_HOME", "");
    QCOMPARE(data_folder(), root_ / ".local/share/hearsay");
    QCOMPARE(cache_folder(), root_ / ".cache/hearsay");
  }

  void a_place_that_cannot_be_made_is_named() {
    write_file_atomically(root_ / "file", std::string_view("x"));
    const Variable data("XDG_DATA_HOME", (root_ / "file").string());
    HEARSAY_FAILS(NoSpace, ("XDG_DATA_HOME", (root_ / "file").string()), data_folder());
  }

  void resources_are_found() {
    {
      const Variable own("HEARSAY_RESOURCES", root_.string());
      QCOMPARE(resources_folder(), root_);
    }
    {
      const Variable wrong("HEARSAY_RESOURCES", (root_ / "absent").string());
      HEARSAY_FAILS(NotFound, ("HEARSAY_RESOURCES", "absent"), resources_folder());
    }
    const Variable none("HEARSAY_RESOURCES", "");
    QCOMPARE(resources_folder(), fs::path(HEARSAY_SOURCE_ROOT) / "resources");
  }

  void a_path_is_quoted_as_valid_text() { QCOMPARE(quoted("a\xFF.wav"), std::string("\"a\xEF\xBF\xBD.wav\"")); }
};

QTEST_GUILESS_MAIN(TestFiles)
#include "test_files.moc"
