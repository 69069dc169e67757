// Threads for kernels that have the processor to themselves.
#pragma once

#include <algorithm>
#include <cfenv>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

namespace stillroom {

// As many threads as TensorFlow was told to use, or the processor has.
inline int WantedThreads() {
  const auto setting = [](const char *name) {
    const char *const value = std::getenv(name);
    return value ? std::atoi(value) : 0;
  };
  const int wanted = setting("TF_NUM_INTEROP_THREADS") * setting("TF_NUM_INTRAOP_THREADS");
  return wanted > 0 ? wanted : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

namespace {

// Of the thread, until the end of the scope: whether the smallest numbers count as zero, among others.
class WithEnvironment {
 public:
  explicit WithEnvironment(const std::fenv_t &environment) {
    std::fegetenv(&own_);
    std::fesetenv(&environment);
  }
  ~WithEnvironment() { std::fesetenv(&own_); }

 private:
  std::fenv_t own_;
};

// Splits [0, count) between the caller and a few waiting threads, for kernels that have the processor to themselves;
// the layers of a network run in lanes instead (engine/tensor/lanes.ts), each on its own thread. While another kernel
// has the threads, the caller works alone. How the range is split never changes a result: each row is computed by
// itself.
class Workers {
 public:
  static Workers &Get() {
    static Workers *const workers = new Workers();  // Never destroyed: kernels may run until the process ends.
    return *workers;
  }

  void ForRows(int64_t count, int64_t least, const std::function<void(int64_t, int64_t)> &work) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    const int64_t parts = std::min<int64_t>(threads_ + 1, count / std::max<int64_t>(least, 1));
    if (!turn.owns_lock() || parts < 2) return work(0, count);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      std::fegetenv(&environment_);
      count_ = count;
      parts_ = parts;
      next_ = 1;
      running_ = parts - 1;
    }
    wake_.notify_all();
    work(0, count / parts);
    std::unique_lock<std::mutex> lock(mutex_);
    while (next_ < parts_) RunNext(lock);  // Parts that no thread has woken up for yet.
    done_.wait(lock, [this] { return running_ == 0; });
    work_ = nullptr;
  }

 private:
  Workers() {
    threads_ = WantedThreads() - 1;
    for (int i = 0; i < threads_; i++) std::thread([this] { Loop(); }).detach();
  }

  void Loop() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return next_ < parts_; });
      RunNext(lock);
    }
  }

  void RunNext(std::unique_lock<std::mutex> &lock) {
    const int64_t part = next_++;
    const auto *const work = work_;
    const int64_t from = count_ * part / parts_, to = count_ * (part + 1) / parts_;
    std::fesetenv(&environment_);
    lock.unlock();
    (*work)(from, to);
    lock.lock();
    if (--running_ == 0) done_.notify_one();
  }

  int threads_;
  std::mutex turn_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t, int64_t)> *work_ = nullptr;
  std::fenv_t environment_;  // The caller's: whether the smallest numbers count as zero must not depend on the thread.
  int64_t count_ = 0, parts_ = 0, next_ = 0, running_ = 0;
};

}  // namespace
}  // namespace stillroom
