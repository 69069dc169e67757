// Threads that share programs out.
#pragma once

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "workers.h"

namespace stillroom {

// A thread that waits for something helps meanwhile with the program that runs: JavaScript's, once it needs a result,
// and those that run what it begins.
class Team {
 public:
  static Team &Get() {
    static Team *const team = new Team();  // Never destroyed: programs may run until the process ends.
    return *team;
  }

  // Threads that run one program at most, as many as TensorFlow is told to use.
  int size() const { return size_; }

  // Calls work(segment, share) for all of them, those of a segment when all of the one before are done; on the caller's
  // thread and, where it is shared, on those of helpers, who take the next one when they are free.
  void Run(int segments, int shares, bool is_shared, const std::function<void(int, int)> &work) {
    const std::lock_guard<std::mutex> turn(turn_);
    std::vector<std::atomic<uint32_t>> taken(segments);
    SharedRun run{work, shares, segments, taken.data(), {}};
    std::fegetenv(&run.environment);
    if (is_shared) {
      open_ = &run;
      Wake();
    }
    Take(run, false);
    WaitUntil([&] { return run.done == segments * shares && helpers_ == 0; });
  }

  // Whoever makes `condition` true calls Wake.
  template <typename Condition>
  void HelpUntil(const Condition &condition, int looks = kLooks) {
    for (int left = looks; !condition();) {
      if (Help()) {
        left = looks;
      } else if (left-- > 0) {
        Pause();
      } else {
        Sleep([&] { return condition() || open_ != nullptr; });
      }
    }
  }

  void Wake() {
    if (sleeping_ == 0) return;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
    }
    wake_.notify_all();
  }

 private:
  struct SharedRun {
    const std::function<void(int, int)> &work;
    const int shares, segments;
    // Of each segment the shares that are taken: of the first ones in the lower half, of the last ones in the upper.
    std::atomic<uint32_t> *const taken;
    std::fenv_t environment;  // The caller's, see Workers.
    std::atomic<int> done{0};
  };

  // What is waited for takes microseconds, so that a thread looks out for it, for some 100 µs. Then it sleeps: where
  // another program has taken a core, the thread that is waited for can go on on the core of the one that waits.
  static constexpr int kLooks = 4000;
  static constexpr int kMost = 4;

  Team() : size_(std::min(kMost, WantedThreads())) {
    // Besides JavaScript's and the one that runs what it begins.
    for (int i = 2; i < size_; i++) {
      std::thread([this] { HelpUntil([] { return false; }); }).detach();
    }
  }

  // From the first share on, or from the last one backwards: what a thread reads it has mostly written itself.
  void Take(SharedRun &run, bool is_backwards) {
    for (int segment = 0; segment < run.segments; segment++) {
      for (;;) {
        const uint32_t taken = run.taken[segment].fetch_add(is_backwards ? 1 << 16 : 1);
        const int first = taken & 0xffff, last = taken >> 16;
        if (first + last >= run.shares) break;
        WaitUntil([&] { return run.done >= segment * run.shares; });
        run.work(segment, is_backwards ? run.shares - 1 - last : first);
        run.done++;
        Wake();
      }
    }
    open_ = nullptr;
  }

  // False where there is nothing to do.
  bool Help() {
    if (open_ == nullptr) return false;
    // Counted first: the run that is open then does not end.
    const int helper = ++helpers_;
    const bool is_wanted = helper < size_;
    SharedRun *const run = open_;
    const bool helps = is_wanted && run != nullptr;
    if (helps) {
      const WithEnvironment environment(run->environment);
      Take(*run, helper % 2 == 1);
    }
    helpers_--;
    Wake();
    return helps;
  }

  template <typename Condition>
  void WaitUntil(const Condition &condition) {
    for (int left = kLooks; !condition();) {
      if (left-- > 0) {
        Pause();
      } else {
        Sleep(condition);
      }
    }
  }

  template <typename Condition>
  void Sleep(const Condition &condition) {
    std::unique_lock<std::mutex> lock(mutex_);
    sleeping_++;  // Before it looks once more, as Wake comes after what it tells of.
    wake_.wait(lock, condition);
    sleeping_--;
  }

  static void Pause() {
#if defined(__x86_64__) && defined(__GNUC__)
    _mm_pause();
#endif
  }

  const int size_;
  std::mutex turn_, mutex_;
  std::condition_variable wake_;
  std::atomic<SharedRun *> open_{nullptr};
  std::atomic<int> helpers_{0}, sleeping_{0};
};

}  // namespace stillroom
