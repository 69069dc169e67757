// Calls of recorded steps, and the thread that runs those that are begun.
#pragma once

#include <node_api.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "program.h"
#include "team.h"
#include "tensorflow/c/eager/c_api.h"

namespace stillroom {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Operation = std::unique_ptr<TFE_Op, decltype(&TFE_DeleteOp)>;

// A function or program with its inputs. It is made and destroyed on JavaScript's thread, where memory of JavaScript's
// must be let go: the operation gives its inputs up when it has run, so that the call holds them too.
struct NativeCall {
  Operation operation{nullptr, TFE_DeleteOp};  // None where a program runs by itself, on `feeds` to `results`.
  Status status{TF_NewStatus(), TF_DeleteStatus};
  std::vector<TFE_TensorHandle *> inputs, outputs;
  RunningProgram *program = nullptr;
  int64_t version = 0;  // Of the variables, see program.h.
  std::atomic<bool> is_done{false};
  std::vector<RunningProgram::Tensor> feeds, results;

  explicit NativeCall(size_t output_count) : outputs(output_count, nullptr) {}

  ~NativeCall() {
    ReleaseInputs();
    for (TFE_TensorHandle *const output : outputs) {
      if (output != nullptr) TFE_DeleteTensorHandle(output);
    }
  }

  void ReleaseInputs() {
    feeds.clear();
    results.clear();
    operation.reset();
    for (TFE_TensorHandle *const input : inputs) TFE_DeleteTensorHandle(input);
    inputs.clear();
  }

  void Run() {
    if (operation == nullptr) return program->RunAgain(feeds, results);
    int count = static_cast<int>(outputs.size());
    TFE_Execute(operation.get(), outputs.data(), &count, status.get());
    if (program != nullptr && TF_GetCode(status.get()) == TF_OK) program->Remember(version);
  }
};

// The thread of a module's functions, which helps with programs while there are none; who waits for them helps too.
class Runner {
 public:
  static Runner &Of(napi_env env) {
    thread_local Runner *runner = nullptr;
    if (runner == nullptr) {
      runner = new Runner();  // Never destroyed: calls that nobody ended are collected after the module's end.
      napi_add_env_cleanup_hook(env, [](void *ended) { static_cast<Runner *>(ended)->End(); }, runner);
    }
    return *runner;
  }

  void Begin(NativeCall *call) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      calls_.push_back(call);
    }
    left_++;
    Team::Get().Wake();
  }

  void Await() {
    Team::Get().HelpUntil([this] { return left_ == 0; });
  }

  void Await(const NativeCall &call) {
    Team::Get().HelpUntil([&] { return call.is_done.load(); });
  }

 private:
  // Some 500 µs, since the next call often comes soon.
  static constexpr int kLooksForCall = 20000;

  Runner() : thread_([this] { Loop(); }) {}

  void End() {
    ended_ = true;
    Team::Get().Wake();
    thread_.join();
  }

  void Loop() {
    for (;;) {
      Team::Get().HelpUntil([this] { return ended_ || left_ > 0; }, kLooksForCall);
      if (left_ == 0) return;
      NativeCall *call;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        call = calls_.front();
        calls_.pop_front();
      }
      call->Run();
      call->is_done = true;
      left_--;
      Team::Get().Wake();
    }
  }

  std::mutex mutex_;
  std::deque<NativeCall *> calls_;
  std::atomic<int> left_{0};  // Begun and not done.
  std::atomic<bool> ended_{false};
  std::thread thread_;  // Last, so that what it uses is there before it.
};

}  // namespace stillroom
