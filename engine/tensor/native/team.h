// Threads that run a whole program side by side and wait for each other a few times on the way.
#pragma once

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "workers.h"

namespace stillroom {

// What members wait for takes microseconds, so that they look out for it first. Then they sleep: where another thread
// has taken a core, the one that is waited for can go on on the core of the one that waits.
class Team {
 public:
  static Team &Get() {
    static Team *const team = new Team();  // Never destroyed: programs may run until the process ends.
    return *team;
  }

  int size() const { return size_; }

  // Calls `work` with each number below size() on a thread of its own, 0 on the caller's.
  void Run(const std::function<void(int)> &work) {
    const std::lock_guard<std::mutex> turn(turn_);
    work_ = &work;
    std::fegetenv(&environment_);
    busy_ = size_ - 1;
    runs_++;
    Wake();
    work(0);
    WaitUntil([this] { return busy_ == 0; });
  }

  // Every member of a run calls it as often as the others, and goes on when all have.
  void Meet() {
    const int meeting = meetings_;
    if (++arrived_ == size_) {
      arrived_ = 0;
      meetings_++;
      return Wake();
    }
    WaitUntil([this, meeting] { return meetings_ != meeting; });
  }

 private:
  // Some 100 µs for the others, and 500 for the next run, which often comes at once.
  static constexpr int kLooksForOthers = 4000, kLooksForRun = 20000;
  static constexpr int kMost = 4;

  Team() : size_(std::min(kMost, WantedThreads())) {
    for (int member = 1; member < size_; member++) std::thread([this, member] { Loop(member); }).detach();
  }

  template <typename Condition>
  void WaitUntil(const Condition &condition, int most = kLooksForOthers) {
    for (int looks = 0; looks < most; looks++) {
      if (condition()) return;
#if defined(__x86_64__) && defined(__GNUC__)
      _mm_pause();
#endif
    }
    std::unique_lock<std::mutex> lock(mutex_);
    sleeping_++;  // Before it looks once more, as Wake comes after what it tells of.
    wake_.wait(lock, condition);
    sleeping_--;
  }

  void Wake() {
    if (sleeping_ == 0) return;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
    }
    wake_.notify_all();
  }

  void Loop(int member) {
    for (int seen = 0;; seen++) {
      WaitUntil([this, seen] { return runs_ != seen; }, kLooksForRun);
      std::fesetenv(&environment_);
      (*work_)(member);
      if (--busy_ == 0) Wake();
    }
  }

  const int size_;
  std::mutex turn_, mutex_;
  std::condition_variable wake_;
  const std::function<void(int)> *work_ = nullptr;
  std::fenv_t environment_;  // The caller's, see Workers.
  std::atomic<int> runs_{0}, busy_{0}, arrived_{0}, meetings_{0}, sleeping_{0};
};

}  // namespace stillroom
