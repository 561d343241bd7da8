#include <QtTest>
#include <thread>

#include "audio/ring.h"

using hearsay::SampleRing;

class TestRing : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void keeps_order_across_its_end() {
    SampleRing ring(8);
    QCOMPARE(ring.capacity(), std::size_t{8});
    std::vector<float> out(8);
    float next = 0.0F;
    float expected = 0.0F;
    for (int turn = 0; turn < 50; ++turn) {
      const std::vector<float> in = {next, next + 1, next + 2, next + 3, next + 4};
      next += 5;
      ring.write(in);
      const std::size_t n = ring.read(std::span(out).first(5));
      QCOMPARE(n, std::size_t{5});
      for (std::size_t i = 0; i < n; ++i) QCOMPARE(out[i], expected++);
    }
    QCOMPARE(ring.dropped(), std::int64_t{0});
    QCOMPARE(ring.read(out), std::size_t{0});
  }

  void drops_what_does_not_fit_and_counts_it() {
    SampleRing ring(4);
    ring.write(std::vector<float>{1, 2, 3, 4, 5, 6});
    QCOMPARE(ring.dropped(), std::int64_t{2});
    ring.write(std::vector<float>{7});
    QCOMPARE(ring.dropped(), std::int64_t{3});
    std::vector<float> out(10);
    QCOMPARE(ring.read(out), std::size_t{4});
    QCOMPARE(out[0], 1.0F);
    QCOMPARE(out[3], 4.0F);
    ring.write({});
    QCOMPARE(ring.read(out), std::size_t{0});
  }

  void any_capacity_is_enough() {
    QVERIFY(SampleRing(0).capacity() >= 1);
    QVERIFY(SampleRing(5).capacity() >= 5);
  }

  void one_writer_and_one_reader_lose_nothing() {
    constexpr int kTotal = 2'000'000;
    SampleRing ring(1024);
    std::thread writer([&] {
      int sent = 0;
      std::vector<float> block;
      while (sent < kTotal) {
        block.clear();
        for (int i = 0; i < 97 && sent + i < kTotal; ++i) block.push_back(static_cast<float>((sent + i) % 65536));
        // Waits for room by what is taken, so that the test drops nothing.
        while (sent + static_cast<int>(block.size()) - taken_.load() > 1024) std::this_thread::yield();
        ring.write(block);
        sent += static_cast<int>(block.size());
      }
    });
    int received = 0;
    int wrong = 0;
    std::vector<float> out(211);
    while (received < kTotal) {
      const std::size_t n = ring.read(out);
      for (std::size_t i = 0; i < n; ++i) {
        if (out[i] != static_cast<float>((received + static_cast<int>(i)) % 65536)) ++wrong;
      }
      received += static_cast<int>(n);
      taken_ = received;
      if (n == 0) std::this_thread::yield();
    }
    writer.join();
    QCOMPARE(wrong, 0);
    QCOMPARE(ring.dropped(), std::int64_t{0});
  }

 private:
  std::atomic<int> taken_{0};
};

QTEST_APPLESS_MAIN(TestRing)
#include "test_ring.moc"
