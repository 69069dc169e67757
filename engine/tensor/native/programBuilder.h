// What translates a recorded graph into a program's instructions. The operations are in programArithmetic.cc,
// programArrays.cc and programTraining.cc, one function each; what they mean is TensorFlow's definition.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "program.h"
#include "tensorflow/c/c_api.h"
#include "vectorKernels.h"

namespace stillroom {

inline void Require(bool condition, const std::string &what) {
  if (!condition) throw std::runtime_error("a program has no " + what);
}

inline void Check(const TF_Status *status) {
  if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
}

using OwnStatus = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;

constexpr int64_t kLine = 16;  // Numbers; what is shared out by the number is so by whole lines of the cache.

inline int64_t Lines(int64_t size) { return (size + kLine - 1) / kLine; }

inline int64_t IndexAt(const float *values, int64_t i) {
  int32_t index;
  std::memcpy(&index, values + i, sizeof index);
  return index;
}

class Builder {
 public:
  Builder(TF_Graph *graph, const std::vector<Shape> &feeds, const std::vector<Shape> &variables, int shares)
      : graph_(graph), shares_(shares), kernels_(ProcessorKernels()) {
    for (size_t i = 0; i < feeds.size(); i++) Place("feed", i, feeds[i], Value::Home::kFeed);
    for (size_t i = 0; i < variables.size(); i++) Place("variable", i, variables[i], Value::Home::kVariable);
  }

  Program Build() {
    size_t position = 0;
    for (TF_Operation *operation; (operation = TF_GraphNextOperation(graph_, &position)) != nullptr;) {
      if (std::string(TF_OperationOpType(operation)) != "Placeholder") Translate(operation);
    }
    for (int i = 0;; i++) {
      const auto output = arrays_.find("output" + std::to_string(i) + ":0");
      if (output == arrays_.end()) break;
      program_.outputs.push_back(Kept(output->second));
    }
    return std::move(program_);
  }

 private:
  void Place(const std::string &name, size_t index, const Shape &shape, Value::Home home) {
    program_.values.push_back({home, static_cast<int64_t>(index), Elements(shape)});
    arrays_[name + std::to_string(index) + ":0"] = {static_cast<int>(program_.values.size()) - 1, 0, shape};
  }

  // --- What an operation is given, and gives.

  int Inputs() const { return TF_OperationNumInputs(operation_); }

  TF_Output Source(int index) const { return TF_OperationInput({operation_, index}); }

  const Array &Given(int index) const {
    const TF_Output source = Source(index);
    return arrays_.at(std::string(TF_OperationName(source.oper)) + ":" + std::to_string(source.index));
  }

  const Array &In(int index) {
    const Array &array = Given(index);
    Gather(array);
    return array;
  }

  TF_DataType InType(int index) const { return TF_OperationInputType({operation_, index}); }

  void Out(const Array &array, int index = 0) {
    arrays_[std::string(TF_OperationName(operation_)) + ":" + std::to_string(index)] = array;
  }

  // The whole numbers that input `index` is, which must be constant.
  std::vector<int64_t> Integers(int index) const {
    const TF_Output source = Source(index);
    const auto found = integers_.find(TF_OperationName(source.oper));
    Require(found != integers_.end(), std::string(TF_OperationOpType(operation_)) + " by computed numbers");
    return found->second;
  }

  bool Flag(const char *name) const {
    const OwnStatus status(TF_NewStatus(), TF_DeleteStatus);
    unsigned char value = 0;
    TF_OperationGetAttrBool(operation_, name, &value, status.get());
    Check(status.get());
    return value != 0;
  }

  int64_t Number(const char *name) const {
    const OwnStatus status(TF_NewStatus(), TF_DeleteStatus);
    int64_t value = 0;
    TF_OperationGetAttrInt(operation_, name, &value, status.get());
    Check(status.get());
    return value;
  }

  // --- Values and instructions.

  Array New(const Shape &shape) {
    program_.values.push_back({Value::Home::kScratch, 0, Elements(shape)});
    return {static_cast<int>(program_.values.size()) - 1, 0, shape};
  }

  Array Constant(const Shape &shape, const float *values, bool is_uniform = false) {
    while (program_.constants.size() % kLine != 0) program_.constants.push_back(0);
    const int64_t size = Elements(shape);
    program_.values.push_back({Value::Home::kConstant, static_cast<int64_t>(program_.constants.size()), size});
    for (int64_t i = 0; i < size; i++) program_.constants.push_back(values[is_uniform ? 0 : i]);
    return {static_cast<int>(program_.values.size()) - 1, 0, shape};
  }

  // As it is before variables change.
  Array Kept(const Array &array) {
    if (program_.values[array.value].home != Value::Home::kVariable) return array;
    const Array copy = New(array.shape);
    const int64_t size = Elements(array.shape);
    Add(1, {Whole(array, 1)}, {Whole(copy, 1)}, [=](Memory memory, int64_t, int64_t, int) {
      std::copy_n(memory[array.value] + array.offset, size, memory[copy.value]);
    });
    return copy;
  }

  static Array Reshaped(Array array, const Shape &shape) {
    array.shape = shape;
    return array;
  }

  // Of `units` parts of `size` numbers each.
  Access Parts(const Array &array, int64_t units, int64_t size) const {
    Access access = {array.value, {}};
    for (int share = 0; share <= shares_; share++) {
      access.bounds.push_back(array.offset + units * share / shares_ * size);
    }
    return access;
  }

  // All of it, by each share or, where there is one unit, by the one that has it.
  Access Whole(const Array &array, int64_t units) const {
    return units == 1 ? Parts(array, 1, Elements(array.shape)) : Access{array.value, {}};
  }

  Instruction &Add(int64_t units, std::vector<Access> reads, std::vector<Access> writes,
                   std::function<void(Memory, int64_t, int64_t, int)> work) {
    program_.instructions.push_back({units, std::move(reads), std::move(writes), std::move(work)});
    return program_.instructions.back();
  }

  // Units for an array of so many rows: few are not worth to be shared out.
  int64_t Units(int64_t rows) const { return rows >= 4 * shares_ ? rows : 1; }

  // Of so many rows those of one unit.
  static int64_t RowsOf(int64_t rows, int64_t units) { return units == rows ? 1 : rows; }

  // --- Operations.

  void Binary(BinaryOperation operation) { Out(Paired(operation, In(0), In(1))); }
  void Plus();
  // One number for each pair; arrays are broadcast.
  Array Paired(BinaryOperation operation, const Array &a, const Array &b);
  void AddN();
  void Unary(UnaryOperation operation);
  int64_t Panels(int64_t columns) const { return (columns + kernels_.panel - 1) / kernels_.panel; }
  // b (K, N), or transposed, as panels.
  Array Packed(const Array &b, bool is_transposed, int64_t depth, int64_t columns);
  void MatMul();
  // a (M, K) times b (N, K) turned, with few columns.
  Array Narrow(const Array &a, const Array &b);
  void Reduce(bool is_mean);
  // Sums (columns) over rows, of each share's rows: `work` adds rows [from, to) to the sums that it is given.
  Array SumsOfParts(int64_t rows, int64_t columns, std::vector<Access> reads, std::vector<Access> writes,
                    std::function<void(Memory, int64_t, int64_t, float *)> work);
  // y = the sum of the shares' parts, times `factor`.
  void SumParts(const Array &parts, const Array &y, float factor);

  void GatherV2();
  // Gathers `array`, where it is one that GatherV2 left to its readers.
  void Gather(const Array &array);
  // y = the rows of a table that `array` is to be, and x besides where there is one.
  void GatherRows(const Array &array, const Array *x, const Array &y);
  void UnsortedSegmentSum();
  void ConcatV2();
  void Pack();
  // Runs of numbers of each input in turn, as often as there are indices before the axis.
  void Join(const std::vector<Array> &inputs, int64_t axis);
  void SplitV();
  void Slice();
  // x's [first, first + count) along the axis.
  Array Range(const Array &x, int64_t axis, int64_t first, int64_t count);
  void Reshape();
  void ExpandDims();
  void Cast();
  void Const();
  void Fill();
  void ZerosLike();

  void Swish();
  void SwishGrad();
  void SumOfSquares();
  void AdamWInPlace();
  void Assign();

  void Translate(TF_Operation *operation);

  TF_Graph *const graph_;
  TF_Operation *operation_ = nullptr;  // What is being translated.
  const int shares_;
  const VectorKernels &kernels_;
  Program program_;
  std::map<std::string, Array> arrays_;
  std::map<std::string, std::vector<int64_t>> integers_;
  std::map<std::tuple<int, int64_t, bool, int64_t>, Array> packed_;
  std::map<int, std::pair<Array, Array>> ungathered_;  // Tables and indices, by the value that their rows are to be.
};

}  // namespace stillroom
