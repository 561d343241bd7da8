#include <QtTest>
#include <numeric>
#include <thread>

#include "audio/sample_queue.h"

using hearsay::SampleQueue;

class TestSampleQueue : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void keeps_order_across_its_end() {
    SampleQueue queue(7);
    QCOMPARE(queue.capacity(), std::size_t{7});
    std::vector<float> out(8);
    float next = 0.0F;
    float expected = 0.0F;
    for (int turn = 0; turn < 50; ++turn) {
      const std::vector<float> in = {next, next + 1, next + 2, next + 3, next + 4};
      next += 5;
      queue.write(in);
      const std::size_t n = queue.read(std::span(out).first(5));
      QCOMPARE(n, std::size_t{5});
      for (std::size_t i = 0; i < n; ++i) QCOMPARE(out[i], expected++);
    }
    QCOMPARE(queue.dropped(), std::int64_t{0});
    QCOMPARE(queue.read(out), std::size_t{0});
  }

  void drops_what_does_not_fit_and_counts_it_data() {
    QTest::addColumn<int>("wanted");
    for (const int wanted : {1, 7, 1000, 5000, 48000}) QTest::addRow("%d", wanted) << wanted;
  }
  void drops_what_does_not_fit_and_counts_it() {
    QFETCH(int, wanted);
    SampleQueue queue(static_cast<std::size_t>(wanted));
    const std::size_t room = queue.capacity();
    QVERIFY(room >= static_cast<std::size_t>(wanted) && room <= static_cast<std::size_t>(wanted) + 1024);
    std::vector<float> in(room + 2);
    std::iota(in.begin(), in.end(), 0.0F);
    queue.write(in);
    QCOMPARE(queue.dropped(), std::int64_t{2});
    queue.write(std::vector<float>{-1});
    QCOMPARE(queue.dropped(), std::int64_t{3});
    std::vector<float> out(in.size());
    QCOMPARE(queue.read(out), room);
    for (std::size_t i = 0; i < room; ++i) QCOMPARE(out[i], static_cast<float>(i));
    queue.write({});
    QCOMPARE(queue.read(out), std::size_t{0});
    queue.write(std::vector<float>{5});
    QCOMPARE(queue.read(out), std::size_t{1});
    QCOMPARE(out[0], 5.0F);
    QCOMPARE(queue.dropped(), std::int64_t{3});
  }

  // Whatever the reader has left half read, what was promised fits.
  void holds_what_was_promised_wherever_the_reader_stands() {
    constexpr std::size_t kPromised = 3000;
    SampleQueue queue(kPromised);
    std::vector<float> block(kPromised);
    for (std::size_t offset = 0; offset < 1200; offset += 7) {
      queue.write(std::span(block).first(7));
      QCOMPARE(queue.read(std::span(block).first(7)), std::size_t{7});
      queue.write(block);
      QCOMPARE(queue.dropped(), std::int64_t{0});
      QCOMPARE(queue.read(block), kPromised);
    }
  }

  // A reader and a writer that do not wait for one another: every sample is either read or counted.
  void what_is_read_and_what_is_dropped_make_up_all_of_it() {
    constexpr std::size_t kBlocks = 20'000;
    SampleQueue queue(500);
    std::atomic<bool> done{false};
    std::thread writer([&] {
      const std::vector<float> block(97, 1.0F);
      for (std::size_t i = 0; i < kBlocks; ++i) queue.write(block);
      done = true;
    });
    std::vector<float> out(211);
    std::size_t received = 0;
    for (bool last = false; !last;) {
      last = done;
      while (const std::size_t n = queue.read(out)) received += n;
    }
    writer.join();
    QCOMPARE(received + static_cast<std::size_t>(queue.dropped()), kBlocks * 97);
  }

  void one_writer_and_one_reader_lose_nothing() {
    constexpr int kTotal = 2'000'000;
    SampleQueue queue(1024);
    std::thread writer([&] {
      int sent = 0;
      std::vector<float> block;
      while (sent < kTotal) {
        block.clear();
        for (int i = 0; i < 97 && sent + i < kTotal; ++i) block.push_back(static_cast<float>((sent + i) % 65536));
        // Waits for room by what is taken, so that the test drops nothing.
        while (sent + static_cast<int>(block.size()) - taken_.load() > 1024) std::this_thread::yield();
        queue.write(block);
        sent += static_cast<int>(block.size());
      }
    });
    int received = 0;
    int wrong = 0;
    std::vector<float> out(211);
    while (received < kTotal) {
      const std::size_t n = queue.read(out);
      for (std::size_t i = 0; i < n; ++i) {
        if (out[i] != static_cast<float>((received + static_cast<int>(i)) % 65536)) ++wrong;
      }
      received += static_cast<int>(n);
      taken_ = received;
      if (n == 0) std::this_thread::yield();
    }
    writer.join();
    QCOMPARE(wrong, 0);
    QCOMPARE(queue.dropped(), std::int64_t{0});
  }

 private:
  std::atomic<int> taken_{0};
};

QTEST_APPLESS_MAIN(TestSampleQueue)
#include "test_sample_queue.moc"
