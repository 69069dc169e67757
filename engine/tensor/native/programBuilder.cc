// A program's instructions from a recorded graph: one function for each of TensorFlow's operations that toys use. What
// the operations mean is TensorFlow's definition; engine/tensor/captured/program.ts lists them too.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <tuple>

#include "program.h"
#include "tensorflow/c/c_api.h"
#include "vectorKernels.h"

namespace stillroom {

int64_t Elements(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>());
}

namespace {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Graph = std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)>;

void Require(bool condition, const std::string &what) {
  if (!condition) throw std::runtime_error("a program has no " + what);
}

void Check(const Status &status) {
  if (TF_GetCode(status.get()) != TF_OK) throw std::runtime_error(TF_Message(status.get()));
}

constexpr int64_t kLine = 16;        // Numbers; what is shared out by the number is so by whole lines.
constexpr int64_t kRowsOfPart = 64;  // Rows that are summed together.

int64_t Lines(int64_t size) { return (size + kLine - 1) / kLine; }

class Builder {
 public:
  Builder(TF_Graph *graph, const std::vector<Shape> &feeds, const std::vector<Shape> &variables, int members)
      : graph_(graph), members_(members), kernels_(ProcessorKernels()) {
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
  // What is being translated.
  TF_Operation *operation_ = nullptr;

  void Place(const std::string &name, size_t index, const Shape &shape, Value::Home home) {
    program_.values.push_back({home, static_cast<int64_t>(index), Elements(shape)});
    arrays_[name + std::to_string(index) + ":0"] = {static_cast<int>(program_.values.size()) - 1, 0, shape};
  }

  // --- What an operation is given, and gives.

  int Inputs() const { return TF_OperationNumInputs(operation_); }

  TF_Output Source(int index) const { return TF_OperationInput({operation_, index}); }

  const Array &In(int index) const {
    const TF_Output source = Source(index);
    return arrays_.at(std::string(TF_OperationName(source.oper)) + ":" + std::to_string(source.index));
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
    const Status status(TF_NewStatus(), TF_DeleteStatus);
    unsigned char value = 0;
    TF_OperationGetAttrBool(operation_, name, &value, status.get());
    Check(status);
    return value != 0;
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
    for (int member = 0; member <= members_; member++) {
      access.bounds.push_back(array.offset + units * member / members_ * size);
    }
    return access;
  }

  // All of it, by each member or, where there is one unit, by the one that has it.
  Access Whole(const Array &array, int64_t units) const {
    return units == 1 ? Parts(array, 1, Elements(array.shape)) : Access{array.value, {}};
  }

  Instruction &Add(int64_t units, std::vector<Access> reads, std::vector<Access> writes,
                   std::function<void(Memory, int64_t, int64_t, int)> work) {
    program_.instructions.push_back({units, std::move(reads), std::move(writes), std::move(work)});
    return program_.instructions.back();
  }

  // Units for an array of so many rows: few are not worth to be shared out.
  int64_t Units(int64_t rows) const { return rows >= 4 * members_ ? rows : 1; }

  // A row of `units` units, as many of `rows`.
  static int64_t RowsOf(int64_t rows, int64_t units) { return units == rows ? 1 : rows; }

  // --- Elementwise.

  struct Dimension {
    int64_t count, a, b;  // Steps of both inputs, 0 where one number serves all.
  };

  static Shape Broadcast(const Shape &a, const Shape &b) {
    Shape shape(std::max(a.size(), b.size()), 1);
    for (size_t i = 0; i < shape.size(); i++) {
      const int64_t u = i < a.size() ? a[a.size() - 1 - i] : 1, v = i < b.size() ? b[b.size() - 1 - i] : 1;
      Require(u == v || u == 1 || v == 1, "elementwise operation on these shapes");
      shape[shape.size() - 1 - i] = u == 1 ? v : u;
    }
    return shape;
  }

  // Of the dimensions that have more than one element, outermost first; at least one.
  static std::vector<Dimension> Dimensions(const Shape &shape, const Shape &a, const Shape &b) {
    std::vector<Dimension> dimensions;
    int64_t a_step = 1, b_step = 1;
    for (size_t i = 0; i < shape.size(); i++) {
      const int64_t u = i < a.size() ? a[a.size() - 1 - i] : 1, v = i < b.size() ? b[b.size() - 1 - i] : 1;
      const int64_t count = shape[shape.size() - 1 - i];
      if (count != 1) dimensions.push_back({count, u == 1 ? 0 : a_step, v == 1 ? 0 : b_step});
      a_step *= u;
      b_step *= v;
    }
    if (dimensions.empty()) dimensions.push_back({1, 1, 1});
    std::reverse(dimensions.begin(), dimensions.end());
    return dimensions;
  }

  static bool Joins(const Dimension &outer, const Dimension &inner) {
    return outer.a == inner.count * inner.a && outer.b == inner.count * inner.b;
  }

  void Binary(BinaryOperation operation) {
    const Array a = In(0), b = In(1), y = New(Broadcast(a.shape, b.shape));
    std::vector<Dimension> dimensions = Dimensions(y.shape, a.shape, b.shape);
    const Dimension outer = dimensions.front();
    const int64_t units = Units(outer.count), rows = RowsOf(outer.count, units);
    const int64_t row = Elements(y.shape) / outer.count;
    for (size_t i = dimensions.size() - 1; i > 1; i--) {
      if (!Joins(dimensions[i - 1], dimensions[i])) continue;
      dimensions[i - 1] = {dimensions[i - 1].count * dimensions[i].count, dimensions[i].a, dimensions[i].b};
      dimensions.erase(dimensions.begin() + static_cast<int64_t>(i));
    }
    Require(dimensions.size() <= 3, "elementwise operation on so many dimensions");
    const bool is_one_run = dimensions.size() == 1 || (dimensions.size() == 2 && Joins(outer, dimensions[1]));
    const Dimension inner = dimensions.back();
    const Dimension middle = dimensions.size() == 3 ? dimensions[1] : Dimension{1, 0, 0};
    const auto work = [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
      const float *const u = memory[a.value] + a.offset, *const v = memory[b.value] + b.offset;
      float *const out = memory[y.value];
      from *= rows;
      to *= rows;
      if (is_one_run) {
        kernels.binary(operation, u + from * outer.a, inner.a, v + from * outer.b, inner.b, out + from * row,
                       (to - from) * row);
        return;
      }
      for (int64_t i = from; i < to; i++) {
        for (int64_t j = 0; j < middle.count; j++) {
          kernels.binary(operation, u + i * outer.a + j * middle.a, inner.a, v + i * outer.b + j * middle.b, inner.b,
                         out + i * row + j * inner.count, inner.count);
        }
      }
    };
    const auto read = [&](const Array &array, int64_t step) {
      return step != 0 && units > 1 ? Parts(array, units, step) : Whole(array, units);
    };
    Instruction &added = Add(units, {read(a, outer.a), read(b, outer.b)}, {Parts(y, units, rows * row)}, work);
    if (Elements(a.shape) == Elements(y.shape)) {
      added.in_place = 0;
    } else if (Elements(b.shape) == Elements(y.shape)) {
      added.in_place = 1;
    }
    Out(y);
  }

  void Unary(UnaryOperation operation) {
    const Array x = In(0), y = New(x.shape);
    const Dimension outer = Dimensions(x.shape, x.shape, x.shape).front();
    const int64_t units = Units(outer.count), part = Elements(x.shape) / units;
    Add(units, {Parts(x, units, part)}, {Parts(y, units, part)},
        [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
          kernels.unary(operation, memory[x.value] + x.offset + from * part, memory[y.value] + from * part,
                        (to - from) * part);
        })
        .in_place = 0;
    Out(y);
  }

  // --- Products.

  // b (K, N), or transposed, as panels.
  Array Packed(const Array &b, bool is_transposed, int64_t depth, int64_t columns) {
    const auto key = std::make_tuple(b.value, b.offset, is_transposed, columns);
    const auto known = packed_.find(key);
    if (known != packed_.end()) return known->second;
    const int64_t panels = (columns + kernels_.panel - 1) / kernels_.panel, size = depth * kernels_.panel;
    const Array packed = New({panels, size});
    Add(panels, {Whole(b, panels)}, {Parts(packed, panels, size)},
        [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
          kernels.pack_panels(memory[b.value] + b.offset, is_transposed ? 1 : columns, is_transposed ? depth : 1, depth,
                              columns, memory[packed.value], from, to);
        });
    return packed_[key] = packed;
  }

  void MatMul() {
    const Array a = In(0), b = In(1);
    const bool a_turned = Flag("transpose_a"), b_turned = Flag("transpose_b");
    const int64_t rows = a.shape[a_turned ? 1 : 0], depth = a.shape[a_turned ? 0 : 1];
    const int64_t columns = b.shape[b_turned ? 0 : 1];
    const Array packed = Packed(b, b_turned, depth, columns), c = New({rows, columns});
    const int64_t panels = packed.shape[0], am = a_turned ? 1 : depth, ak = a_turned ? rows : 1;
    // A gradient of weights needs all rows of both factors; members share its columns out.
    const bool by_rows = !a_turned && Units(rows) > 1;
    const auto work = [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
      const float *const in = memory[a.value] + a.offset;
      float *const out = memory[c.value];
      if (by_rows) {
        kernels.multiply_panels(in + from * am, am, ak, memory[packed.value], out + from * columns, columns, to - from,
                                columns, depth, 0, panels);
      } else {
        kernels.multiply_panels(in, am, ak, memory[packed.value], out, columns, rows, columns, depth, from, to);
      }
    };
    if (by_rows) {
      Add(rows, {Parts(a, rows, depth), Whole(packed, rows)}, {Parts(c, rows, columns)}, work);
    } else {
      Add(panels, {Whole(a, panels), Parts(packed, panels, packed.shape[1])}, {Whole(c, panels)}, work);
    }
    Out(c);
  }

  // --- Sums.

  void Reduce(bool is_mean) {
    const Array x = In(0);
    std::vector<bool> is_reduced(x.shape.size(), false);
    for (int64_t axis : Integers(1)) is_reduced[axis < 0 ? axis + is_reduced.size() : axis] = true;
    Shape shape;
    // Axes of one kind are one: kept (outer), reduced, kept (inner).
    int64_t outer = 1, reduced = 1, inner = 1;
    for (size_t i = 0; i < x.shape.size(); i++) {
      const int64_t count = x.shape[i];
      if (!is_reduced[i]) shape.push_back(count);
      if (is_reduced[i] && Flag("keep_dims")) shape.push_back(1);
      if (count == 1) continue;
      if (is_reduced[i]) {
        Require(inner == 1, "sums over separate axes");
        reduced *= count;
      } else {
        (reduced == 1 ? outer : inner) *= count;
      }
    }
    const float factor = is_mean ? 1.0f / static_cast<float>(reduced) : 1.0f;
    const Array y = New(shape);
    if (inner == 1) {
      const int64_t units = Units(outer), rows = RowsOf(outer, units);
      Add(units, {Parts(x, units, rows * reduced)}, {Parts(y, units, rows)},
          [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
            for (int64_t i = from * rows; i < to * rows; i++) {
              const double sum = kernels.total(memory[x.value] + x.offset + i * reduced, reduced);
              memory[y.value][i] = static_cast<float>(sum * factor);
            }
          });
    } else if (outer == 1) {
      const int64_t units = Units(reduced);
      const Array parts =
          SumsOfParts(reduced, inner, {Parts(x, units, Elements(x.shape) / units)}, {},
                      [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, float *sums) {
                        kernels.add_rows(memory[x.value] + x.offset + from * inner, inner, to - from, inner, sums);
                      });
      SumParts(parts, y, factor);
    } else {
      const int64_t units = Units(outer), rows = RowsOf(outer, units);
      Add(units, {Parts(x, units, rows * reduced * inner)}, {Parts(y, units, rows * inner)},
          [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
            for (int64_t i = from * rows; i < to * rows; i++) {
              float *const sums = memory[y.value] + i * inner;
              std::fill(sums, sums + inner, 0.0f);
              kernels.add_rows(memory[x.value] + x.offset + i * reduced * inner, inner, reduced, inner, sums);
              for (int64_t j = 0; j < inner; j++) sums[j] *= factor;
            }
          });
    }
    Out(y);
  }

  // Sums (columns) over rows, of each member's rows: `work` adds rows [from, to) to the sums that it is given.
  Array SumsOfParts(int64_t rows, int64_t columns, std::vector<Access> reads, std::vector<Access> writes,
                    std::function<void(Memory, int64_t, int64_t, float *)> work) {
    const int64_t units = Units(rows), rows_of_unit = RowsOf(rows, units), count = units == 1 ? 1 : members_;
    const Array parts = New({count, 2, columns});  // A member's sums, and what it adds up next.
    writes.push_back(Parts(parts, count, 2 * columns));
    Add(units, std::move(reads), std::move(writes), [=](Memory memory, int64_t from, int64_t to, int member) {
      float *const sums = memory[parts.value] + (count == 1 ? 0 : member) * 2 * columns, *const next = sums + columns;
      std::fill(sums, sums + columns, 0.0f);
      for (int64_t row = from * rows_of_unit; row < to * rows_of_unit; row += kRowsOfPart) {
        std::fill(next, next + columns, 0.0f);
        work(memory, row, std::min(row + kRowsOfPart, to * rows_of_unit), next);
        for (int64_t i = 0; i < columns; i++) sums[i] += next[i];
      }
    });
    return parts;
  }

  // y = the sum of the members' parts, times `factor`.
  void SumParts(const Array &parts, const Array &y, float factor) {
    const int64_t columns = Elements(y.shape);
    Add(1, {Whole(parts, 1)}, {Whole(y, 1)}, [=](Memory memory, int64_t, int64_t, int) {
      float *const sums = memory[y.value];
      std::fill(sums, sums + columns, 0.0f);
      for (int64_t part = 0; part < parts.shape[0]; part++) {
        const float *const of_part = memory[parts.value] + part * 2 * columns;
        for (int64_t i = 0; i < columns; i++) sums[i] += of_part[i];
      }
      for (int64_t i = 0; i < columns; i++) sums[i] *= factor;
    });
  }

  // --- Rows of tables.

  void GatherV2() {
    const Array table = In(0), indices = In(1);
    Require(Integers(2) == std::vector<int64_t>{0} && indices.shape.size() == 1, "gather but of rows");
    Shape shape = table.shape;
    const int64_t rows = table.shape[0], row = Elements(table.shape) / rows;
    shape[0] = indices.shape[0];
    const Array y = New(shape);
    const int64_t units = Units(shape[0]), part = RowsOf(shape[0], units);
    Add(units, {Whole(table, units), Parts(indices, units, part)}, {Parts(y, units, part * row)},
        [=](Memory memory, int64_t from, int64_t to, int) {
          for (int64_t i = from * part; i < to * part; i++) {
            const int64_t index = IndexAt(memory[indices.value] + indices.offset, i);
            float *const out = memory[y.value] + i * row;
            if (index >= 0 && index < rows) {
              std::copy_n(memory[table.value] + table.offset + index * row, row, out);
            } else {
              std::fill_n(out, row, std::numeric_limits<float>::quiet_NaN());
            }
          }
        });
    Out(y);
  }

  static int64_t IndexAt(const float *values, int64_t i) {
    int32_t index;
    std::memcpy(&index, values + i, sizeof index);
    return index;
  }

  void UnsortedSegmentSum() {
    const Array x = In(0), indices = In(1);
    Require(indices.shape.size() == 1, "segment sum but of rows");
    Shape shape = x.shape;
    shape[0] = Integers(2).at(0);
    const Array y = New(shape);
    const int64_t rows = x.shape[0], segments = shape[0], row = Elements(x.shape) / rows, units = Lines(row);
    Add(units, {Whole(x, units), Whole(indices, units)}, {Whole(y, units)},
        [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
          from *= kLine;
          const int64_t count = std::min(to * kLine, row) - from;
          float *const out = memory[y.value] + from;
          for (int64_t i = 0; i < segments; i++) std::fill_n(out + i * row, count, 0.0f);
          for (int64_t i = 0; i < rows; i++) {
            const int64_t index = IndexAt(memory[indices.value] + indices.offset, i);
            if (index < 0 || index >= segments) continue;
            kernels.add_rows(memory[x.value] + x.offset + i * row + from, row, 1, count, out + index * row);
          }
        });
    Out(y);
  }

  // --- Arrays from arrays.

  void ConcatV2() {
    const int count = Inputs() - 1;
    std::vector<Array> inputs;
    for (int i = 0; i < count; i++) inputs.push_back(In(i));
    Join(inputs, Integers(count).at(0));
  }

  void Pack() {
    Require(Flag0("axis"), "packing but along the first axis");
    std::vector<Array> inputs;
    for (int i = 0; i < Inputs(); i++) {
      Shape shape = In(i).shape;
      shape.insert(shape.begin(), 1);
      inputs.push_back(Reshaped(In(i), shape));
    }
    Join(inputs, 0);
  }

  bool Flag0(const char *name) const {
    const Status status(TF_NewStatus(), TF_DeleteStatus);
    int64_t value = 0;
    TF_OperationGetAttrInt(operation_, name, &value, status.get());
    Check(status);
    return value == 0;
  }

  // Runs of numbers of each input in turn, as often as there are indices before the axis.
  void Join(const std::vector<Array> &inputs, int64_t axis) {
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

  void SplitV() {
    const Array x = In(0);
    const std::vector<int64_t> sizes = Integers(1);
    int64_t axis = Integers(2).at(0);
    if (axis < 0) axis += static_cast<int64_t>(x.shape.size());
    const int64_t runs = Elements(Shape(x.shape.begin(), x.shape.begin() + axis)), row = Elements(x.shape) / runs;
    const int64_t units = Units(runs), part = RowsOf(runs, units), step = row / x.shape[axis];
    int64_t first = 0;
    for (size_t i = 0; i < sizes.size(); i++) {
      Shape shape = x.shape;
      shape[axis] = sizes[i];
      const int64_t count = sizes[i] * step;
      if (runs == 1) {
        Out({x.value, x.offset + first, shape}, static_cast<int>(i));
      } else {
        const Array y = New(shape);
        Add(units, {Parts(x, units, part * row)}, {Parts(y, units, part * count)},
            [=](Memory memory, int64_t from, int64_t to, int) {
              for (int64_t j = from * part; j < to * part; j++) {
                std::copy_n(memory[x.value] + x.offset + j * row + first, count, memory[y.value] + j * count);
              }
            });
        Out(y, static_cast<int>(i));
      }
      first += count;
    }
  }

  void Reshape() {
    Shape shape = Integers(1);
    int64_t known = 1;
    for (const int64_t size : shape) known *= size < 0 ? 1 : size;
    for (int64_t &size : shape) size = size < 0 ? Elements(In(0).shape) / known : size;
    Out(Reshaped(In(0), shape));
  }

  void ExpandDims() {
    Shape shape = In(0).shape;
    const int64_t axis = Integers(1).at(0);
    shape.insert(axis < 0 ? shape.end() + axis + 1 : shape.begin() + axis, 1);
    Out(Reshaped(In(0), shape));
  }

  void Cast() {
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

  void Const() {
    const Status status(TF_NewStatus(), TF_DeleteStatus);
    TF_Tensor *raw = nullptr;
    TF_OperationGetAttrTensor(operation_, "value", &raw, status.get());
    Check(status);
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

  void Fill() {
    const Array value = In(1);
    Require(program_.values[value.value].home == Value::Home::kConstant, "fill by a computed number");
    const float number = program_.constants[program_.values[value.value].at];
    Out(Constant(Integers(0), &number, true));
  }

  void ZerosLike() {
    const float zero = 0;
    Out(Constant(In(0).shape, &zero, true));
  }

  // --- Our own operations, see fusedKernels.cc.

  void Swish() {
    const Array x = In(0), bias = In(1), slope = In(2), y = New(x.shape);
    const int64_t width = Elements(bias.shape), rows = Elements(x.shape) / width;
    const int64_t units = Units(rows), part = RowsOf(rows, units);
    Add(units, {Parts(x, units, part * width), Whole(bias, units), Whole(slope, units)},
        {Parts(y, units, part * width)},
        [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
          kernels.swish(memory[x.value] + x.offset + from * part * width, memory[bias.value] + bias.offset,
                        memory[slope.value][slope.offset], memory[y.value] + from * part * width, width,
                        (to - from) * part);
        })
        .in_place = 0;
    Out(y);
  }

  void SwishGrad() {
    const Array x = In(0), bias = In(1), slope = In(2), dy = In(3), dx = New(x.shape), dbias = New(bias.shape);
    const int64_t width = Elements(bias.shape), rows = Elements(x.shape) / width;
    const int64_t units = Units(rows), part = RowsOf(rows, units) * width;
    const Array parts = SumsOfParts(
        rows, width, {Parts(dy, units, part), Parts(x, units, part), Whole(bias, units), Whole(slope, units)},
        {Parts(dx, units, part)}, [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, float *sums) {
          kernels.swish_grad(memory[x.value] + x.offset, memory[bias.value] + bias.offset,
                             memory[slope.value][slope.offset], memory[dy.value] + dy.offset, memory[dx.value], sums,
                             width, from, to);
        });
    program_.instructions.back().in_place = 0;
    SumParts(parts, dbias, 1.0f);
    Out(dx, 0);
    Out(dbias, 1);
  }

  // Calls `work` with an array's index and the range of its numbers, for lines [from, to) of all arrays together.
  static void ForLines(const std::vector<int64_t> &sizes, int64_t from, int64_t to,
                       const std::function<void(size_t, int64_t, int64_t)> &work) {
    for (size_t i = 0; i < sizes.size(); i++) {
      const int64_t lines = Lines(sizes[i]), first = std::max<int64_t>(from, 0), last = std::min(to, lines);
      if (first < last) work(i, first * kLine, std::min(last * kLine, sizes[i]));
      from -= lines;
      to -= lines;
    }
  }

  void SumOfSquares() {
    std::vector<Array> inputs;
    std::vector<int64_t> sizes;
    std::vector<Access> reads;
    int64_t lines = 0;
    for (int i = 0; i < Inputs(); i++) {
      inputs.push_back(In(i));
      sizes.push_back(Elements(In(i).shape));
      lines += Lines(sizes.back());
    }
    const int64_t units = Units(lines), part = RowsOf(lines, units), count = units == 1 ? 1 : members_;
    for (const Array &input : inputs) reads.push_back(Whole(input, units));
    const Array parts = New({count, 2}), y = New({});  // A number of 64 bits each.
    Add(units, reads, {Parts(parts, count, 2)},
        [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int member) {
          double sum = 0;
          ForLines(sizes, from * part, to * part, [&](size_t i, int64_t first, int64_t last) {
            sum += kernels.sum_of_squares(memory[inputs[i].value] + inputs[i].offset + first, last - first);
          });
          std::memcpy(memory[parts.value] + (count == 1 ? 0 : 2 * member), &sum, sizeof sum);
        });
    Add(1, {Whole(parts, 1)}, {Whole(y, 1)}, [=](Memory memory, int64_t, int64_t, int) {
      double sum = 0;
      for (int64_t i = 0; i < count; i++) {
        double of_part;
        std::memcpy(&of_part, memory[parts.value] + 2 * i, sizeof of_part);
        sum += of_part;
      }
      *memory[y.value] = static_cast<float>(sum);
    });
    Out(y);
  }

  void AdamWInPlace() {
    constexpr int kNumbers = 3;
    const Status status(TF_NewStatus(), TF_DeleteStatus);
    int64_t count = 0;
    TF_OperationGetAttrInt(operation_, "N", &count, status.get());
    Check(status);
    const int64_t kinds = (Inputs() - kNumbers) / count - 1;
    const Array schedule = In(0), settings = In(1), norm = In(2);
    std::vector<Array> arrays;  // Of each kind all weights', gradients last.
    std::vector<int64_t> sizes;
    int64_t units = 0;
    for (int i = kNumbers; i < Inputs(); i++) arrays.push_back(In(i));
    for (int64_t i = 0; i < count; i++) {
      sizes.push_back(Elements(arrays[i].shape));
      units += Lines(sizes.back());
    }
    std::vector<Access> reads = {Whole(schedule, units), Whole(settings, units), Whole(norm, units)}, writes;
    for (int64_t i = 0; i < kinds * count; i++) writes.push_back(Whole(arrays[i], units));
    for (int64_t i = kinds * count; i < (kinds + 1) * count; i++) reads.push_back(Whole(arrays[i], units));
    Add(units, reads, writes, [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
      AdamWSchedule of_update;
      AdamWSettings of_all;
      std::memcpy(&of_update, memory[schedule.value] + schedule.offset, sizeof of_update);
      std::memcpy(&of_all, memory[settings.value] + settings.offset, sizeof of_all);
      const AdamWFactors factors(of_update, of_all, memory[norm.value][norm.offset]);
      ForLines(sizes, from, to, [&](size_t i, int64_t first, int64_t last) {
        const auto at = [&](int64_t kind) {
          const Array &array = arrays[kind * count + i];
          return memory[array.value] + array.offset;
        };
        float *const weight = at(0), *const m = at(1), *const v = at(2), *const average = kinds == 4 ? at(3) : nullptr;
        kernels.adamw(weight, m, v, average, at(kinds), factors, weight, m, v, average, first, last);
      });
    }).is_last = true;
  }

  void Assign() {
    const Array variable = In(0), value = In(1);
    const int64_t size = Elements(value.shape);
    Add(1, {Whole(value, 1)}, {Whole(variable, 1)}, [=](Memory memory, int64_t, int64_t, int) {
      std::copy_n(memory[value.value] + value.offset, size, memory[variable.value]);
    }).is_last = true;
  }

  void Translate(TF_Operation *operation) {
    using Translation = void (*)(Builder &);
#define UNARY(name) [](Builder &b) { b.Unary(UnaryOperation::name); }
#define BINARY(name) [](Builder &b) { b.Binary(BinaryOperation::name); }
    static const std::map<std::string, Translation> translations = {
        {"Abs", UNARY(kAbs)},
        {"Add", BINARY(kAdd)},
        {"AddV2", BINARY(kAdd)},
        {"AssignVariableOp", [](Builder &b) { b.Assign(); }},
        {"Cast", [](Builder &b) { b.Cast(); }},
        {"ConcatV2", [](Builder &b) { b.ConcatV2(); }},
        {"Const", [](Builder &b) { b.Const(); }},
        {"Cos", UNARY(kCos)},
        {"Exp", UNARY(kExp)},
        {"ExpandDims", [](Builder &b) { b.ExpandDims(); }},
        {"Fill", [](Builder &b) { b.Fill(); }},
        {"GatherV2", [](Builder &b) { b.GatherV2(); }},
        {"Greater", BINARY(kGreater)},
        {"Identity", [](Builder &b) { b.Out(b.In(0)); }},
        {"Log", UNARY(kLog)},
        {"MatMul", [](Builder &b) { b.MatMul(); }},
        {"Maximum", BINARY(kMaximum)},
        {"Mean", [](Builder &b) { b.Reduce(true); }},
        {"Minimum", BINARY(kMinimum)},
        {"Mul", BINARY(kMul)},
        {"Neg", UNARY(kNeg)},
        {"Pack", [](Builder &b) { b.Pack(); }},
        {"ReadVariableOp", [](Builder &b) { b.Out(b.In(0)); }},
        {"RealDiv", BINARY(kDiv)},
        {"Reshape", [](Builder &b) { b.Reshape(); }},
        {"Rsqrt", UNARY(kRsqrt)},
        {"Sin", UNARY(kSin)},
        {"SplitV", [](Builder &b) { b.SplitV(); }},
        {"Sqrt", UNARY(kSqrt)},
        {"Square", UNARY(kSquare)},
        {"StillroomAdamWInPlace", [](Builder &b) { b.AdamWInPlace(); }},
        {"StillroomSumOfSquares", [](Builder &b) { b.SumOfSquares(); }},
        {"StillroomSwish", [](Builder &b) { b.Swish(); }},
        {"StillroomSwishGrad", [](Builder &b) { b.SwishGrad(); }},
        {"Sub", BINARY(kSub)},
        {"Sum", [](Builder &b) { b.Reduce(false); }},
        {"UnsortedSegmentSum", [](Builder &b) { b.UnsortedSegmentSum(); }},
        {"ZerosLike", [](Builder &b) { b.ZerosLike(); }},
    };
#undef UNARY
#undef BINARY
    const std::string type = TF_OperationOpType(operation);
    const auto translation = translations.find(type);
    Require(translation != translations.end(), type);
    operation_ = operation;
    translation->second(*this);
  }

  TF_Graph *const graph_;
  const int members_;
  const VectorKernels &kernels_;
  Program program_;
  std::map<std::string, Array> arrays_;
  std::map<std::string, std::vector<int64_t>> integers_;
  std::map<std::tuple<int, int64_t, bool, int64_t>, Array> packed_;
};

}  // namespace

Program BuildProgram(const std::string &graph_def, const std::vector<Shape> &feeds, const std::vector<Shape> &variables,
                     int members) {
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  const Graph graph(TF_NewGraph(), TF_DeleteGraph);
  const std::unique_ptr<TF_Buffer, decltype(&TF_DeleteBuffer)> buffer(
      TF_NewBufferFromString(graph_def.data(), graph_def.size()), TF_DeleteBuffer);
  const std::unique_ptr<TF_ImportGraphDefOptions, decltype(&TF_DeleteImportGraphDefOptions)> options(
      TF_NewImportGraphDefOptions(), TF_DeleteImportGraphDefOptions);
  TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  Check(status);
  Program program = Builder(graph.get(), feeds, variables, members).Build();
  Schedule(program, members);
  return program;
}

}  // namespace stillroom
