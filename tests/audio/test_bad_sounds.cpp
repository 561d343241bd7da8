// Sound files that are not as they should be, and finding sound files in folders.
#include <sys/stat.h>
#include <unistd.h>

#include <QtTest>
#include <fstream>
#include <limits>

#include "audio/decode.h"
#include "base/files.h"
#include "support/errors.h"
#include "support/own_folder.h"
#include "support/sounds.h"

namespace fs = std::filesystem;
using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// Runs `act` as a user who may not read everything.
template <class Act>
void without_privileges(Act&& act) {
  const uid_t me = geteuid();
  if (me == 0) QCOMPARE(seteuid(65534), 0);
  act();
  if (me == 0) QCOMPARE(seteuid(0), 0);
}

}  // namespace

class TestBadSounds : public QObject, protected hearsay::testing::OwnFolder {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(make_folder()); }

  void an_absent_file() {
    HEARSAY_FAILS(NotFound, ("gone.wav", "does not exist"), AudioReader::open(root_ / "gone.wav", 16000));
    HEARSAY_FAILS(NotFound, ("gone.wav"), probe_audio(root_ / "gone.wav"));
    HEARSAY_FAILS(NotFound, ("gone.wav"), decode_range(root_ / "gone.wav", 16000, 0, 1));
  }

  void an_empty_file() {
    std::ofstream(root_ / "empty.wav").close();
    HEARSAY_FAILS(BadAudio, ("empty.wav", "0 bytes"), decode_file(root_ / "empty.wav", 16000));
  }

  void a_text_file_with_a_sound_name() {
    for (const char* name : {"notes.wav", "notes.mp3", "notes.m4a", "notes.ogg"}) {
      std::ofstream(root_ / name) << "These are notes about a dog.\nIt barks.\n";
      HEARSAY_FAILS(BadAudio, (name, "not a sound file"), decode_file(root_ / name, 16000));
    }
  }

  void a_playlist_opens_nothing_else() {
    const fs::path real = root_ / "real.wav";
    write_wav(real, sine(440, 16000, 1.0), 16000);
    std::ofstream(root_ / "list.wav") << "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
                                      << real.string() << "\n#EXT-X-ENDLIST\n";
    std::ofstream(root_ / "concat.mp3") << "ffconcat version 1.0\nfile '" << real.string() << "'\n";
    HEARSAY_FAILS(BadAudio, ("list.wav"), decode_file(root_ / "list.wav", 16000));
    HEARSAY_FAILS(BadAudio, ("concat.mp3"), decode_file(root_ / "concat.mp3", 16000));
  }

  void random_bytes() {
    for (int seed = 1; seed <= 5; ++seed) {
      std::string bytes;
      for (const float value : noise(20000, 127.0, static_cast<std::uint32_t>(seed))) bytes += static_cast<char>(value);
      write_file_atomically(root_ / "random.mp3", bytes);
      try {
        (void)decode_file(root_ / "random.mp3", 16000);  // an MP3 reader may find a frame in noise
      } catch (const Error& error) {
        QVERIFY(error.kind() == ErrorKind::BadAudio);
        QVERIFY(std::string(error.what()).find("random.mp3") != std::string::npos);
      }
    }
  }

  void a_header_and_nothing_more() {
    write_wav(root_ / "silent.wav", {}, 16000);
    HEARSAY_FAILS(BadAudio, ("silent.wav", "no samples"), decode_file(root_ / "silent.wav", 16000));
    HEARSAY_FAILS(BadAudio, ("silent.wav", "no samples"), probe_audio(root_ / "silent.wav"));
    write_wav(root_ / "cut-short.wav", noise(100), 16000);
    fs::resize_file(root_ / "cut-short.wav", 20);
    HEARSAY_FAILS(BadAudio, ("cut-short.wav"), decode_file(root_ / "cut-short.wav", 16000));
    QVERIFY(write_sound(root_ / "none.flac", {}, 16000, 1, SF_FORMAT_FLAC | SF_FORMAT_PCM_16));
    HEARSAY_FAILS(BadAudio, ("none.flac"), decode_file(root_ / "none.flac", 16000));
  }

  void one_sample_is_a_sound() {
    for (const int rate : {8000, 44100, 192000}) {
      write_wav(root_ / "one.wav", std::vector<float>{0.5F}, rate);
      QCOMPARE(probe_audio(root_ / "one.wav").frames, std::int64_t{1});
      const std::vector<float> sound = decode_file(root_ / "one.wav", 16000);
      QVERIFY2(!sound.empty() && sound.size() <= 2, qPrintable(QString::number(sound.size())));
      for (const float value : sound) QVERIFY(std::isfinite(value));
    }
  }

  void nan_and_infinite_samples_are_silence_and_counted() {
    std::vector<float> sound = sine(440, 16000, 1.0);
    sound[100] = std::numeric_limits<float>::quiet_NaN();
    sound[200] = std::numeric_limits<float>::infinity();
    sound[300] = -std::numeric_limits<float>::infinity();
    sound[400] = 3e38F;
    QVERIFY(write_sound(root_ / "nan.wav", sound, 16000, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    const auto reader = AudioReader::open(root_ / "nan.wav", 32000);
    std::vector<float> room(32100);
    const std::size_t n = reader->read(room);
    QVERIFY(n > 31990);
    for (std::size_t i = 0; i < n; ++i) QVERIFY(std::isfinite(room[i]) && std::abs(room[i]) < 2.0F);
    QCOMPARE(reader->doubts().bad_samples, std::int64_t{4});
    const std::vector<float> all(1000, std::numeric_limits<float>::quiet_NaN());
    QVERIFY(write_sound(root_ / "all.wav", all, 16000, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT));
    QCOMPARE(decode_file(root_ / "all.wav", 16000), std::vector<float>(1000, 0.0F));
  }

  void rates_and_channels_out_of_range() {
    write_wav(root_ / "slow.wav", noise(100), 500);
    HEARSAY_FAILS(BadAudio, ("slow.wav", "500 Hz", "1 kHz"), decode_file(root_ / "slow.wav", 16000));
    write_wav(root_ / "fast.wav", noise(100), 1'000'000);
    HEARSAY_FAILS(BadAudio, ("fast.wav", "1000000 Hz"), decode_file(root_ / "fast.wav", 16000));
    QVERIFY(write_sound(root_ / "wide.wav", noise(1000), 16000, 100, SF_FORMAT_WAV | SF_FORMAT_PCM_16));
    HEARSAY_FAILS(BadAudio, ("wide.wav", "100 channels"), decode_file(root_ / "wide.wav", 16000));
    write_wav(root_ / "good.wav", noise(100), 16000);
    HEARSAY_FAILS(Usage, ("sample rate"), decode_file(root_ / "good.wav", 0));
  }

  void a_folder_given_as_a_file() {
    HEARSAY_FAILS(Unreadable, (root_.string(), "is a folder"), decode_file(root_, 16000));
  }

  void a_pipe_does_not_block() {
    QCOMPARE(mkfifo((root_ / "pipe.wav").c_str(), 0600), 0);
    HEARSAY_FAILS(Unreadable, ("pipe.wav", "ordinary"), decode_file(root_ / "pipe.wav", 16000));
  }

  void a_file_that_may_not_be_read() {
    write_wav(root_ / "secret.wav", noise(100), 16000);
    fs::permissions(root_, fs::perms::all);
    fs::permissions(root_ / "secret.wav", fs::perms::none);
    without_privileges(
        [&] { HEARSAY_FAILS(Unreadable, ("secret.wav", "permission"), decode_file(root_ / "secret.wav", 16000)); });
  }

  void video_without_sound() {
    // The smallest AVI there is: a header and a video stream.
    const auto le = [](std::uint32_t v) {
      std::string s(4, '\0');
      for (int i = 0; i < 4; ++i) s[static_cast<std::size_t>(i)] = static_cast<char>(v >> (8 * i));
      return s;
    };
    const auto chunk = [&](const std::string& id, const std::string& body) {
      return id + le(static_cast<std::uint32_t>(body.size())) + body;
    };
    std::string avih(56, '\0');
    avih[24] = 1;  // streams
    std::string strh = "vidsDIB " + std::string(48, '\0');
    strh[20] = 1;
    strh[24] = 1;
    const std::string strf = le(40) + le(2) + le(2) + std::string("\1\0\x18\0", 4) + std::string(24, '\0');
    const std::string strl = chunk("LIST", "strl" + chunk("strh", strh) + chunk("strf", strf));
    const std::string hdrl = chunk("LIST", "hdrl" + chunk("avih", avih) + strl);
    const std::string movi = chunk("LIST", "movi" + chunk("00db", std::string(16, '\0')));
    write_file_atomically(root_ / "mute.avi", chunk("RIFF", "AVI " + hdrl + movi));
    HEARSAY_FAILS(BadAudio, ("mute.avi", "no sound track"), decode_file(root_ / "mute.avi", 16000));
  }

  void names_that_look_like_sound() {
    for (const char* name : {"a.wav", "b.FLAC", "c.Mp3", "d.opus", "e.m4a", "f.webm", "x/y.ogg", "g.aiff"}) {
      QVERIFY2(looks_like_audio(name), name);
    }
    for (const char* name : {"a.txt", "wav", ".wav", "a.wav.txt", "", "a."}) QVERIFY2(!looks_like_audio(name), name);
  }

  void sounds_are_found_in_folders() {
    fs::create_directories(root_ / "a/deep/er");
    fs::create_directories(root_ / ".hidden");
    for (const char* name :
         {"b.wav", "a/c.flac", "a/deep/er/d.MP3", "a/notes.txt", ".hidden/e.wav", "a/.f.wav", "odd.bin"}) {
      std::ofstream(root_ / name) << "x";
    }
    fs::create_directory_symlink(root_, root_ / "a/loop");
    fs::create_symlink(root_ / "b.wav", root_ / "a/link.wav");
    using Paths = std::vector<fs::path>;
    std::vector<std::string> problems;
    // A link and its file are one sound, under the file's own name.
    Paths found = collect_audio({root_}, &problems, &problems);
    QCOMPARE(problems.size(), std::size_t{1});  // a link to a folder may go in circles
    QVERIFY2(problems[0].find("a/loop") != std::string::npos && problems[0].find("not followed") != std::string::npos,
             problems[0].c_str());
    QCOMPARE(collect_audio({root_ / "a/loop"}).size(), std::size_t{3});  // but not one that is named itself
    QCOMPARE(static_cast<int>(found.size()), 3);
    QVERIFY(std::ranges::find(found, root_ / "b.wav") != found.end());
    QVERIFY(std::ranges::is_sorted(found));
    for (const char* name : {"z.wav", "y.wav", "x.wav"}) fs::create_symlink(root_ / "b.wav", root_ / "a/deep" / name);
    QCOMPARE(collect_audio({root_ / "a/deep"}), (Paths{root_ / "a/deep/er/d.MP3", root_ / "a/deep/x.wav"}));
    QVERIFY(std::ranges::find(found, root_ / "a/deep/er/d.MP3") != found.end());
    QCOMPARE(collect_audio({root_ / "odd.bin", root_ / "b.wav", root_ / "b.wav", root_ / "a/../b.wav"}),
             (Paths{root_ / "b.wav", root_ / "odd.bin"}));
    QCOMPARE(collect_audio({root_ / ".hidden"}), (Paths{root_ / ".hidden/e.wav"}));
    HEARSAY_FAILS(NotFound, ("absent"), collect_audio({root_ / "b.wav", root_ / "absent"}));
    QVERIFY(collect_audio({}).empty());
  }

  void links_to_sounds_that_are_not_there_are_told_once() {
    const fs::path folder = root_ / "annex";
    fs::create_directory(folder);
    std::ofstream(folder / "there.wav") << "x";
    fs::create_symlink(folder / "gone", folder / "b.wav");
    std::vector<std::string> problems;
    QCOMPARE(collect_audio({folder}, &problems), (std::vector<fs::path>{folder / "there.wav"}));
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY2(problems[0].find("b.wav\" is a link to a sound that is not there") != std::string::npos,
             problems[0].c_str());
    fs::create_symlink(folder / "gone", folder / "a.flac");
    fs::create_symlink(folder / "gone", folder / "notes.txt");
    problems.clear();
    (void)collect_audio({folder}, &problems);
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY2(problems[0].starts_with("2 links, \""), problems[0].c_str());
  }

  void a_folder_that_may_not_be_read_is_a_problem_not_the_end() {
    fs::permissions(root_, fs::perms::all);
    fs::create_directory(root_ / "closed");
    std::ofstream(root_ / "a.wav") << "x";
    fs::permissions(root_ / "closed", fs::perms::none);
    without_privileges([&] {
      std::vector<std::string> problems;
      QCOMPARE(collect_audio({root_}, &problems), (std::vector<fs::path>{root_ / "a.wav"}));
      QCOMPARE(static_cast<int>(problems.size()), 1);
      QVERIFY(problems[0].find("closed") != std::string::npos);
    });
    fs::permissions(root_ / "closed", fs::perms::all);
  }
};

QTEST_GUILESS_MAIN(TestBadSounds)
#include "test_bad_sounds.moc"
