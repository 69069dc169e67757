// Elementwise operations, products and sums of programs.

#include <algorithm>
#include <functional>
#include <utility>

#include "programBuilder.h"

namespace stillroom {
namespace {

constexpr int64_t kRowsOfPart = 64;  // Rows that are summed together.
constexpr int64_t kNarrow = 4;       // Columns that are not worth a panel.

struct Dimension {
  int64_t count, a, b;  // Steps of both inputs, 0 where one number serves all.
};

Shape Broadcast(const Shape &a, const Shape &b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < shape.size(); i++) {
    const int64_t u = i < a.size() ? a[a.size() - 1 - i] : 1, v = i < b.size() ? b[b.size() - 1 - i] : 1;
    Require(u == v || u == 1 || v == 1, "elementwise operation on these shapes");
    shape[shape.size() - 1 - i] = u == 1 ? v : u;
  }
  return shape;
}

// Of the dimensions that have more than one element, outermost first; at least one.
std::vector<Dimension> Dimensions(const Shape &shape, const Shape &a, const Shape &b) {
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

bool Joins(const Dimension &outer, const Dimension &inner) {
  return outer.a == inner.count * inner.a && outer.b == inner.count * inner.b;
}

}  // namespace

Array Builder::Paired(BinaryOperation operation, const Array &a, const Array &b) {
  const Array y = New(Broadcast(a.shape, b.shape));
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
  const Dimension inner = dimensions.back(), middle = dimensions[dimensions.size() / 2];
  const auto work = [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
    const float *const u = memory[a.value] + a.offset, *const v = memory[b.value] + b.offset;
    float *const out = memory[y.value];
    from *= rows;
    to *= rows;
    if (is_one_run) {
      kernels.binary(operation, u + from * outer.a, {0, inner.a}, v + from * outer.b, {0, inner.b}, out + from * row, 1,
                     (to - from) * row);
    } else if (dimensions.size() == 2) {
      kernels.binary(operation, u + from * outer.a, {outer.a, inner.a}, v + from * outer.b, {outer.b, inner.b},
                     out + from * row, to - from, row);
    } else {
      for (int64_t i = from; i < to; i++) {
        kernels.binary(operation, u + i * outer.a, {middle.a, inner.a}, v + i * outer.b, {middle.b, inner.b},
                       out + i * row, middle.count, inner.count);
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
  return y;
}

void Builder::AddN() {
  Array sum = In(0);
  for (int i = 1; i < Inputs(); i++) sum = Paired(BinaryOperation::kAdd, sum, In(i));
  Out(sum);
}

void Builder::Unary(UnaryOperation operation) {
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

// b (K, N), or transposed, as panels.
Array Builder::Packed(const Array &b, bool is_transposed, int64_t depth, int64_t columns) {
  const auto key = std::make_tuple(b.value, b.offset, is_transposed, columns);
  const auto known = packed_.find(key);
  if (known != packed_.end()) return known->second;
  const int64_t panels = Panels(columns), size = depth * kernels_.panel;
  const Array packed = New({panels, size});
  Add(panels, {Whole(b, panels)}, {Parts(packed, panels, size)},
      [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
        kernels.pack_panels(memory[b.value] + b.offset, is_transposed ? 1 : columns, is_transposed ? depth : 1, depth,
                            columns, memory[packed.value], from, to);
      });
  return packed_[key] = packed;
}

void Builder::MatMul() {
  const Array a = In(0), b = In(1);
  const bool a_turned = Flag("transpose_a"), b_turned = Flag("transpose_b");
  const int64_t rows = a.shape[a_turned ? 1 : 0], depth = a.shape[a_turned ? 0 : 1];
  const int64_t columns = b.shape[b_turned ? 0 : 1];
  if (columns <= kNarrow && b_turned && !a_turned) return Out(Narrow(a, b));
  // Panels lie in b already where they fill its rows.
  const bool is_packed = b_turned || columns % kernels_.panel != 0;
  const Array in = is_packed ? Packed(b, b_turned, depth, columns) : b, c = New({rows, columns});
  const int64_t panels = Panels(columns);
  const int64_t ldb = is_packed ? kernels_.panel : columns, step = is_packed ? depth * ldb : kernels_.panel;
  const int64_t am = a_turned ? 1 : depth, ak = a_turned ? rows : 1;
  const auto multiply = [=, &kernels = kernels_](Memory memory, int64_t row, int64_t end, int64_t from, int64_t to) {
    kernels.multiply_panels(memory[a.value] + a.offset + row * am, am, ak, memory[in.value] + in.offset, ldb, step,
                            memory[c.value] + row * columns, columns, end - row, columns, depth, from, to);
  };
  // A gradient of weights needs all rows of both factors.
  if (!a_turned && Units(rows) > 1) {
    Add(rows, {Parts(a, rows, depth), Whole(in, rows)}, {Parts(c, rows, columns)},
        [=](Memory memory, int64_t from, int64_t to, int) { multiply(memory, from, to, 0, panels); });
  } else {
    const Access factor = is_packed ? Parts(in, panels, step) : Whole(in, panels);
    Add(panels, {Whole(a, panels), factor}, {Whole(c, panels)},
        [=](Memory memory, int64_t from, int64_t to, int) { multiply(memory, 0, rows, from, to); });
  }
  Out(c);
}

// a (M, K) times b (N, K) turned, with few columns.
Array Builder::Narrow(const Array &a, const Array &b) {
  const int64_t rows = a.shape[0], depth = a.shape[1], columns = b.shape[0];
  const int64_t units = Units(rows), part = RowsOf(rows, units);
  const Array c = New({rows, columns});
  Add(units, {Parts(a, units, part * depth), Whole(b, units)}, {Parts(c, units, part * columns)},
      [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
        kernels.multiply_narrow(memory[a.value] + a.offset + from * part * depth, memory[b.value] + b.offset,
                                memory[c.value] + from * part * columns, (to - from) * part, columns, depth);
      });
  return c;
}

void Builder::Reduce(bool is_mean) {
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

// Sums (columns) over rows, of each share's rows: `work` adds rows [from, to) to the sums that it is given.
Array Builder::SumsOfParts(int64_t rows, int64_t columns, std::vector<Access> reads, std::vector<Access> writes,
                           std::function<void(Memory, int64_t, int64_t, float *)> work) {
  const int64_t units = Units(rows), rows_of_unit = RowsOf(rows, units), count = units == 1 ? 1 : shares_;
  const Array parts = New({count, 2, columns});  // A share's sums, and what it adds up next.
  writes.push_back(Parts(parts, count, 2 * columns));
  Add(units, std::move(reads), std::move(writes), [=](Memory memory, int64_t from, int64_t to, int share) {
    float *const sums = memory[parts.value] + (count == 1 ? 0 : share) * 2 * columns, *const next = sums + columns;
    std::fill(sums, sums + columns, 0.0f);
    for (int64_t row = from * rows_of_unit; row < to * rows_of_unit; row += kRowsOfPart) {
      std::fill(next, next + columns, 0.0f);
      work(memory, row, std::min(row + kRowsOfPart, to * rows_of_unit), next);
      for (int64_t i = 0; i < columns; i++) sums[i] += next[i];
    }
  });
  return parts;
}

// y = the sum of the shares' parts, times `factor`.
void Builder::SumParts(const Array &parts, const Array &y, float factor) {
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

}  // namespace stillroom
