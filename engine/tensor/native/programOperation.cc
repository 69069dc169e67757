// StillroomProgram: runs a program as one operation of TensorFlow's, which knows where variables lie.

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "call.h"
#include "program.h"
#include "team.h"

namespace stillroom {

void RunningProgram::Build(const std::vector<Shape> &feeds, const std::vector<Shape> &variables) {
  int64_t rows = 0;
  for (const Shape &feed : feeds) rows = std::max(rows, feed.empty() ? 0 : feed[0]);
  shares_ = static_cast<int>(std::clamp(rows / kRowsOfShare, kFewestShares, kMostShares));
  program_ = BuildProgram(graph_def_, feeds, variables, shares_);
  const auto lines = [](int64_t numbers) { return static_cast<size_t>((numbers + 15) / 16); };
  scratch_.resize(lines(program_.scratch));
  constants_.resize(lines(static_cast<int64_t>(program_.constants.size())));
  std::memcpy(constants_.data(), program_.constants.data(), program_.constants.size() * sizeof(float));
  memory_.resize(program_.values.size());
  const std::vector<Instruction> &instructions = program_.instructions;
  for (size_t i = 0; i < instructions.size(); i++) {
    if (i == 0 || instructions[i].segment != instructions[i - 1].segment) segments_.push_back(i);
    for (int share = 0; share <= shares_; share++) bounds_.push_back(instructions[i].units * share / shares_);
  }
  segments_.push_back(instructions.size());
  is_built_ = true;
}

void RunningProgram::Run(const std::vector<float *> &feeds) {
  for (size_t i = 0; i < memory_.size(); i++) {
    const Value &value = program_.values[i];
    switch (value.home) {
      case Value::Home::kFeed:
        memory_[i] = feeds[value.at];
        break;
      case Value::Home::kVariable:
        memory_[i] = variables_[value.at];
        break;
      case Value::Home::kConstant:
        memory_[i] = constants_.data()->numbers + value.at;
        break;
      case Value::Home::kScratch:
        memory_[i] = scratch_.data()->numbers + value.at;
        break;
    }
  }
  const bool is_shared = IsShared();
  const auto begun = std::chrono::steady_clock::now();
  Team::Get().Run(static_cast<int>(segments_.size()) - 1, shares_, is_shared,
                  [this](int segment, int share) { RunSegment(segment, share); });
  double &seconds = seconds_[is_shared];
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  seconds = seconds == 0 ? taken : seconds + (std::min(taken, kMostNews * seconds) - seconds) * kNews;
}

void RunningProgram::RunSegment(int segment, int share) const {
  for (size_t i = segments_[segment]; i < segments_[segment + 1]; i++) {
    const int64_t *const bounds = &bounds_[i * (shares_ + 1) + share];
    if (bounds[0] < bounds[1]) program_.instructions[i].work(memory_.data(), bounds[0], bounds[1], share);
  }
}

bool RunningProgram::IsShared() {
  const bool is_shared = seconds_[true] <= seconds_[false];
  return ++runs_ % kRunsToTry == 0 ? !is_shared : is_shared;
}

void RunningProgram::Compute(TF_OpKernelContext *context) {
  const std::lock_guard<std::mutex> turn(turn_);
  Call call(context);
  std::vector<float *> feeds;
  variables_.clear();
  std::vector<Shape> feed_shapes, variable_shapes;
  for (int i = 0; i < TF_NumInputs(context); i++) {
    const bool is_variable = TF_InputDatatype(context, i) == TF_RESOURCE;
    // What is fed is never written to.
    float *const memory = is_variable ? call.Variable(i) : const_cast<float *>(call.In(i));
    if (!call.Ok()) return;
    (is_variable ? variables_ : feeds).push_back(memory);
    if (!is_built_) (is_variable ? variable_shapes : feed_shapes).push_back(call.ShapeOf(i));
  }
  try {
    if (!is_built_) Build(feed_shapes, variable_shapes);
  } catch (const std::exception &error) {
    return call.Fail(error.what());
  }
  std::fegetenv(&environment_);
  Run(feeds);
  for (size_t i = 0; i < program_.outputs.size() && call.Ok(); i++) {
    const Array &output = program_.outputs[i];
    float *const out = call.Out(static_cast<int>(i), output.shape);
    if (out != nullptr) CopyOutput(output, out);
  }
}

void RunningProgram::CopyOutput(const Array &output, float *to) const {
  std::copy_n(memory_[output.value] + output.offset, Elements(output.shape), to);
}

std::vector<RunningProgram::Tensor> RunningProgram::NewOutputs() const {
  std::vector<Tensor> outputs;
  for (const Array &output : program_.outputs) {
    const size_t bytes = Elements(output.shape) * sizeof(float);
    outputs.emplace_back(TF_AllocateTensor(TF_FLOAT, output.shape.data(), static_cast<int>(output.shape.size()), bytes),
                         TF_DeleteTensor);
    if (outputs.back() == nullptr) throw std::bad_alloc();
  }
  return outputs;
}

void RunningProgram::RunAgain(const std::vector<Tensor> &feeds, const std::vector<Tensor> &outputs) {
  const std::lock_guard<std::mutex> turn(turn_);
  std::vector<float *> memory;
  for (const Tensor &feed : feeds) memory.push_back(static_cast<float *>(TF_TensorData(feed.get())));
  const WithEnvironment environment(environment_);
  Run(memory);
  for (size_t i = 0; i < outputs.size(); i++) {
    CopyOutput(program_.outputs[i], static_cast<float *>(TF_TensorData(outputs[i].get())));
  }
}

Programs &Programs::Get() {
  static Programs *const programs = new Programs();  // Never destroyed: kernels may run until the process ends.
  return *programs;
}

void Programs::Add(const std::string &name, const std::string &graph_def) {
  const std::lock_guard<std::mutex> lock(mutex_);
  programs_.erase(name);  // Of a context that is no more.
  programs_.emplace(std::piecewise_construct, std::forward_as_tuple(name), std::forward_as_tuple(graph_def));
}

void Programs::Remove(const std::string &name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  programs_.erase(name);
}

RunningProgram *Programs::Find(const std::string &name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = programs_.find(name);
  return found == programs_.end() ? nullptr : &found->second;
}

// A kernel, which TensorFlow keeps, knows its program by name: it may have gone, and another come.
void *CreateProgram(TF_OpKernelConstruction *construction) {
  const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
  int32_t count = 0, size = 0;
  std::unique_ptr<std::string> name(new std::string());
  TF_OpKernelConstruction_GetAttrSize(construction, "program", &count, &size, status.get());
  if (TF_GetCode(status.get()) == TF_OK) {
    name->resize(size);
    TF_OpKernelConstruction_GetAttrString(construction, "program", &(*name)[0], name->size(), status.get());
  }
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return name.release();
}

void ComputeProgram(void *name, TF_OpKernelContext *context) {
  RunningProgram *const program = Programs::Get().Find(*static_cast<std::string *>(name));
  if (program == nullptr) return Call(context).Fail("there is no such program");
  program->Compute(context);
}

void RemoveProgram(void *name) { delete static_cast<std::string *>(name); }

}  // namespace stillroom
