// Operations of programs that make arrays from arrays.

#include <algorithm>
#include <limits>

#include "programBuilder.h"

namespace stillroom {

void Builder::GatherV2() {
  const Array table = In(0), indices = In(1);
  Require(Integers(2) == std::vector<int64_t>{0} && indices.shape.size() == 1, "gather but of rows");
  Shape shape = table.shape;
  shape[0] = indices.shape[0];
  const Array y = New(shape);
  ungathered_[y.value] = {table, indices};
  Out(y);
}

void Builder::Gather(const Array &array) {
  if (ungathered_.count(array.value) == 0) return;
  GatherRows(array, nullptr, array);
  ungathered_.erase(array.value);
}

void Builder::GatherRows(const Array &array, const Array *x, const Array &y) {
  const Array table = ungathered_.at(array.value).first, indices = ungathered_.at(array.value).second;
  const Array plus = x == nullptr ? array : *x;
  const bool is_sum = x != nullptr;
  const int64_t rows = table.shape[0], row = Elements(table.shape) / rows;
  const int64_t units = Units(y.shape[0]), part = RowsOf(y.shape[0], units);
  std::vector<Access> reads = {Whole(table, units), Parts(indices, units, part)};
  if (is_sum) reads.push_back(Parts(plus, units, part * row));
  Instruction &added = Add(units, reads, {Parts(y, units, part * row)},
                           [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
                             for (int64_t i = from * part; i < to * part; i++) {
                               const int64_t index = IndexAt(memory[indices.value] + indices.offset, i);
                               const float *const in = memory[table.value] + table.offset + index * row;
                               float *const out = memory[y.value] + i * row;
                               if (index < 0 || index >= rows) {
                                 std::fill_n(out, row, std::numeric_limits<float>::quiet_NaN());
                               } else if (is_sum) {
                                 kernels.binary(BinaryOperation::kAdd, memory[plus.value] + plus.offset + i * row,
                                                {0, 1}, in, {0, 1}, out, 1, row);
                               } else {
                                 std::copy_n(in, row, out);
                               }
                             }
                           });
  if (is_sum) added.in_place = 2;
}

void Builder::Plus() {
  // Rows that are added are not gathered first.
  if (ungathered_.count(Given(1).value) == 0 || Given(0).shape != Given(1).shape) return Binary(BinaryOperation::kAdd);
  const Array x = In(0), y = New(x.shape);
  GatherRows(Given(1), &x, y);
  Out(y);
}

void Builder::UnsortedSegmentSum() {
  const Array x = In(0), indices = In(1);
  Require(indices.shape.size() == 1, "segment sum but of rows");
  Shape shape = x.shape;
  shape[0] = Integers(2).at(0);
  const Array y = New(shape);
  const int64_t rows = x.shape[0], segments = shape[0], row = Elements(x.shape) / rows, units = Lines(row);
  Add(units, {Whole(x, units), Whole(indices, units)}, {Whole(y, units)},
      [=](Memory memory, int64_t from, int64_t to, int) {
        from *= kLine;
        const int64_t count = std::min(to * kLine, row) - from;
        float *const out = memory[y.value] + from;
        for (int64_t i = 0; i < segments; i++) std::fill_n(out + i * row, count, 0.0f);
        for (int64_t i = 0; i < rows; i++) {
          const int64_t index = IndexAt(memory[indices.value] + indices.offset, i);
          if (index < 0 || index >= segments) continue;
          const float *const in = memory[x.value] + x.offset + i * row + from;
          float *const sums = out + index * row;
#pragma omp simd
          for (int64_t j = 0; j < count; j++) sums[j] += in[j];
        }
      });
  Out(y);
}

void Builder::ConcatV2() {
  const int count = Inputs() - 1;
  std::vector<Array> inputs;
  for (int i = 0; i < count; i++) inputs.push_back(In(i));
  Join(inputs, Integers(count).at(0));
}

void Builder::Pack() {
  Require(Number("axis") == 0, "packing but along the first axis");
  std::vector<Array> inputs;
  for (int i = 0; i < Inputs(); i++) {
    Shape shape = In(i).shape;
    shape.insert(shape.begin(), 1);
    inputs.push_back(Reshaped(In(i), shape));
  }
  Join(inputs, 0);
}

// Runs of numbers of each input in turn, as often as there are indices before the axis.
void Builder::Join(const std::vector<Array> &inputs, int64_t axis) {
  Shape shape = inputs[0].shape;
  if (axis < 0) axis += static_cast<int64_t>(shape.size());
  shape[axis] = 0;
  for (const Array &input : inputs) shape[axis] += input.shape[axis];
  const Array y = New(shape);
  const int64_t runs = Elements(Shape(shape.begin(), shape.begin() + axis));
  const int64_t units = Units(runs), part = RowsOf(runs, units), row = Elements(shape) / runs;
  std::vector<Access> reads;
  std::vector<int64_t> sizes;
  for (const Array &input : inputs) {
    sizes.push_back(Elements(input.shape) / runs);
    reads.push_back(Parts(input, units, part * sizes.back()));
  }
  Add(units, reads, {Parts(y, units, part * row)}, [=](Memory memory, int64_t from, int64_t to, int) {
    float *out = memory[y.value] + from * part * row;
    for (int64_t i = from * part; i < to * part; i++) {
      for (size_t k = 0; k < inputs.size(); k++) {
        out = std::copy_n(memory[inputs[k].value] + inputs[k].offset + i * sizes[k], sizes[k], out);
      }
    }
  });
  Out(y);
}

Array Builder::Range(const Array &x, int64_t axis, int64_t first, int64_t count) {
  Shape shape = x.shape;
  shape[axis] = count;
  const int64_t runs = Elements(Shape(x.shape.begin(), x.shape.begin() + axis)), row = Elements(x.shape) / runs;
  const int64_t step = row / x.shape[axis], from_row = first * step, size = count * step;
  if (runs == 1) return {x.value, x.offset + from_row, shape};
  const int64_t units = Units(runs), part = RowsOf(runs, units);
  const Array y = New(shape);
  Add(units, {Parts(x, units, part * row)}, {Parts(y, units, part * size)},
      [=](Memory memory, int64_t from, int64_t to, int) {
        for (int64_t i = from * part; i < to * part; i++) {
          std::copy_n(memory[x.value] + x.offset + i * row + from_row, size, memory[y.value] + i * size);
        }
      });
  return y;
}

void Builder::SplitV() {
  const Array x = In(0);
  int64_t axis = Integers(2).at(0), first = 0;
  if (axis < 0) axis += static_cast<int64_t>(x.shape.size());
  int index = 0;
  for (const int64_t count : Integers(1)) {
    Out(Range(x, axis, first, count), index++);
    first += count;
  }
}

void Builder::Slice() {
  Array x = In(0);
  const std::vector<int64_t> begins = Integers(1), sizes = Integers(2);
  for (size_t axis = 0; axis < x.shape.size(); axis++) {
    const int64_t left = x.shape[axis] - begins[axis], count = sizes[axis] < 0 ? left : sizes[axis];
    if (count != x.shape[axis]) x = Range(x, static_cast<int64_t>(axis), begins[axis], count);
  }
  Out(x);
}

void Builder::Reshape() {
  Shape shape = Integers(1);
  int64_t known = 1;
  for (const int64_t size : shape) known *= size < 0 ? 1 : size;
  for (int64_t &size : shape) size = size < 0 ? Elements(In(0).shape) / known : size;
  Out(Reshaped(In(0), shape));
}

void Builder::ExpandDims() {
  Shape shape = In(0).shape;
  const int64_t axis = Integers(1).at(0);
  shape.insert(axis < 0 ? shape.end() + axis + 1 : shape.begin() + axis, 1);
  Out(Reshaped(In(0), shape));
}

void Builder::Cast() {
  const TF_DataType from = InType(0), to = TF_OperationOutputType({operation_, 0});
  // What is true is 1 already, see Greater.
  if (from == to || (from == TF_BOOL && to == TF_FLOAT)) return Out(In(0));
  Require(from == TF_INT32 && to == TF_FLOAT, "cast between these types");
  const Array x = In(0), y = New(x.shape);
  const int64_t size = Elements(x.shape);
  Add(1, {Whole(x, 1)}, {Whole(y, 1)}, [=](Memory memory, int64_t, int64_t, int) {
    for (int64_t i = 0; i < size; i++) {
      memory[y.value][i] = static_cast<float>(IndexAt(memory[x.value] + x.offset, i));
    }
  });
  Out(y);
}

void Builder::Const() {
  const OwnStatus status(TF_NewStatus(), TF_DeleteStatus);
  TF_Tensor *raw = nullptr;
  TF_OperationGetAttrTensor(operation_, "value", &raw, status.get());
  Check(status.get());
  const std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)> tensor(raw, TF_DeleteTensor);
  const TF_DataType type = TF_TensorType(raw);
  Require(type == TF_FLOAT || type == TF_INT32, "constant but of float32 and int32");
  Shape shape;
  for (int axis = 0; axis < TF_NumDims(raw); axis++) shape.push_back(TF_Dim(raw, axis));
  const float *const values = static_cast<const float *>(TF_TensorData(raw));
  if (type == TF_INT32) {
    std::vector<int64_t> &integers = integers_[TF_OperationName(operation_)];
    for (int64_t i = 0; i < Elements(shape); i++) integers.push_back(IndexAt(values, i));
  }
  Out(Constant(shape, values));
}

void Builder::Fill() {
  const Array value = In(1);
  Require(program_.values[value.value].home == Value::Home::kConstant, "fill by a computed number");
  const float number = program_.constants[program_.values[value.value].at];
  Out(Constant(Integers(0), &number, true));
}

void Builder::ZerosLike() {
  const float zero = 0;
  Out(Constant(In(0).shape, &zero, true));
}

}  // namespace stillroom
