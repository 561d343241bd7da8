// Memory that is freed and asked for again: from hand while it is held, from the system otherwise.

#include <sys/resource.h>

#include <QtTest>
#include <fstream>
#include <memory>
#include <vector>

#include "base/held_memory.h"

using namespace hearsay;

namespace {

constexpr std::size_t kBlock = 4 << 20;
constexpr int kBlocks = 32;

long pages_fetched() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

/// As a tuning step does: many tensors, all gone at its end. Returns the pages that the system had to fetch.
long step() {
  const long before = pages_fetched();
  std::vector<std::vector<char>> blocks;
  for (int i = 0; i < kBlocks; ++i) blocks.emplace_back(kBlock, static_cast<char>(i));
  blocks.clear();
  return pages_fetched() - before;
}

/// Of this process in memory, in bytes.
std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t whole = 0;
  std::size_t pages = 0;
  file >> whole >> pages;
  return pages * 4096;
}

}  // namespace

class TestHeldMemory : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {  // moc knows of no sanitizer: the choice is within
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
    QSKIP("Memory is not glibc's here.");
#endif
  }

  void steps_get_their_memory_from_hand() {
    const std::size_t before = resident();
    {
      const HeldMemory held;
      step();
      for (int i = 0; i < 3; ++i) {
        const long fetched = step();
        QVERIFY2(fetched < 1000, qPrintable(QString::number(fetched)));  // of 32,768
      }
      QVERIFY(resident() > before + kBlock * kBlocks / 2);
    }
    const std::size_t after = resident();
    QVERIFY2(after < before + kBlock, qPrintable(QString::number(after - before)));
  }

  void it_is_held_until_the_last_one_goes() {
    const std::size_t before = resident();
    auto first = std::make_unique<HeldMemory>();
    auto second = std::make_unique<HeldMemory>();
    step();
    first.reset();
    QVERIFY(step() < 1000);
    QVERIFY(resident() > before + kBlock * kBlocks / 2);
    second.reset();
    QVERIFY(resident() < before + kBlock);
  }
};

QTEST_APPLESS_MAIN(TestHeldMemory)
#include "test_held_memory.moc"
