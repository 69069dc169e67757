// A recorded step of a small network as a program: instructions on memory that is laid out beforehand, each in a few
// shares. Threads take a share through many instructions, to the end of a segment, and wait for the others only where
// one share reads what another wrote. TensorFlow starts an operation in microseconds, on one thread; a toy's operations
// take no longer than that.
#pragma once

#include <atomic>
#include <cfenv>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tensorflow/c/tf_tensor.h"

namespace stillroom {

using Shape = std::vector<int64_t>;
int64_t Elements(const Shape &shape);

// Numbers of four bytes that lie together.
struct Value {
  enum class Home { kFeed, kVariable, kConstant, kScratch } home;
  // Of feeds and variables their number, of constants and scratch where they begin in their memory.
  int64_t at, size;
};

// Where each value lies, by its number.
using Memory = float *const *;

// What shares touch of a value: share s from bounds[s] to bounds[s + 1]; without bounds any of it.
struct Access {
  int value;
  std::vector<int64_t> bounds;
};

struct Instruction {
  // What is shared out, in parts that follow each other.
  int64_t units;
  std::vector<Access> reads, writes;
  std::function<void(Memory memory, int64_t from, int64_t to, int share)> work;
  // The read in whose memory the first write may be, or −1.
  int in_place = -1;
  // Changes variables, so that all others come before.
  bool is_last = false;
  // Begun when all shares of the segments before are done.
  int segment = 0;
};

// A part of a value, or all of it, as an array.
struct Array {
  int value = -1;
  int64_t offset = 0;
  Shape shape;
};

struct Program {
  std::vector<Value> values;
  std::vector<float> constants;
  std::vector<Instruction> instructions;
  std::vector<Array> outputs;
  int64_t scratch = 0;
};

// Of a graph whose placeholders are feed0 … and variable0 … of these shapes, and whose results are output0 …. Throws
// std::runtime_error where the graph has what programs have not.
Program BuildProgram(const std::string &graph_def, const std::vector<Shape> &feeds, const std::vector<Shape> &variables,
                     int shares);

// Orders the instructions in segments, and gives scratch values their places.
void Schedule(Program &program);

// A program that runs, from its first run on built for what it is given.
class RunningProgram {
 public:
  explicit RunningProgram(const std::string &graph_def) : graph_def_(graph_def) {}

  // As TensorFlow's operation, which finds the variables. Inputs are feeds, then variables, whose memory is changed.
  void Compute(struct TF_OpKernelContext *context);

  // Where TensorFlow found the variables last they are as long as nothing but programs reads or writes them. `version`,
  // which is not 0, changes with whatever else does.
  void Remember(int64_t version) { remembered_ = version; }
  bool Remembers(int64_t version) const { return version != 0 && version == remembered_; }

  using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;
  // For a run's results. Throws std::bad_alloc.
  std::vector<Tensor> NewOutputs() const;
  // Runs by itself, on the variables where it remembers them.
  void RunAgain(const std::vector<Tensor> &feeds, const std::vector<Tensor> &outputs);

 private:
  // A line of the cache.
  struct alignas(64) Line {
    float numbers[16];
  };

  void Build(const std::vector<Shape> &feeds, const std::vector<Shape> &variables);
  void Run(const std::vector<float *> &feeds);
  void RunSegment(int segment, int share) const;
  void CopyOutput(const Array &output, float *to) const;

  // Whether threads share the next run, or one takes all shares, which gives the same numbers: what took less time
  // lately. Threads that wait for each other lose more than they gain where other programs want their cores.
  bool IsShared();
  // Shares follow from the batch alone, so that the number of cores changes no bit. The smaller they are, the less a
  // thread waits for another; products of few rows are slow.
  static constexpr int64_t kFewestShares = 4, kMostShares = 16, kRowsOfShare = 16;
  static constexpr int kRunsToTry = 64;  // The other way, once in so many runs.
  static constexpr double kNews = 0.2;   // The last run's weight in the average.
  // A run counts as this many times the average at most: one that was disturbed does not turn the others round.
  static constexpr double kMostNews = 1.5;

  const std::string graph_def_;
  std::mutex turn_;
  bool is_built_ = false;
  int shares_ = 0;
  std::vector<float *> variables_;
  std::fenv_t environment_;  // TensorFlow's, see Workers.
  std::atomic<int64_t> remembered_{0};
  Program program_;
  std::vector<size_t> segments_;  // Where each begins, and the last one's end.
  std::vector<int64_t> bounds_;   // Of each instruction's units, where each share begins, and the last one's end.
  std::vector<Line> scratch_, constants_;
  std::vector<float *> memory_;  // Of each value.
  double seconds_[2] = {0, 0};   // Of a run by one thread, and of a shared one.
  int runs_ = 0;
};

// The programs that the operation StillroomProgram knows, by its attribute.
class Programs {
 public:
  static Programs &Get();
  void Add(const std::string &name, const std::string &graph_def);
  void Remove(const std::string &name);
  RunningProgram *Find(const std::string &name);

 private:
  std::mutex mutex_;
  std::map<std::string, RunningProgram> programs_;
};

// Of the operation's kernel.
void *CreateProgram(struct TF_OpKernelConstruction *construction);
void ComputeProgram(void *name, struct TF_OpKernelContext *context);
void RemoveProgram(void *name);

}  // namespace stillroom
