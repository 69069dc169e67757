// Our own operations in programs, see fusedKernels.cc, and what changes variables.

#include <algorithm>
#include <functional>

#include "programBuilder.h"

namespace stillroom {
namespace {

// Calls `work` with an array's index and the range of its numbers, for lines [from, to) of all arrays together.
void ForLines(const std::vector<int64_t> &sizes, int64_t from, int64_t to,
              const std::function<void(size_t, int64_t, int64_t)> &work) {
  for (size_t i = 0; i < sizes.size(); i++) {
    const int64_t lines = Lines(sizes[i]), first = std::max<int64_t>(from, 0), last = std::min(to, lines);
    if (first < last) work(i, first * kLine, std::min(last * kLine, sizes[i]));
    from -= lines;
    to -= lines;
  }
}

}  // namespace

void Builder::Swish() {
  const Array x = In(0), bias = In(1), slope = In(2), y = New(x.shape);
  const int64_t width = Elements(bias.shape), rows = Elements(x.shape) / width;
  const int64_t units = Units(rows), part = RowsOf(rows, units);
  Add(units, {Parts(x, units, part * width), Whole(bias, units), Whole(slope, units)}, {Parts(y, units, part * width)},
      [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int) {
        kernels.swish(memory[x.value] + x.offset + from * part * width, memory[bias.value] + bias.offset,
                      memory[slope.value][slope.offset], memory[y.value] + from * part * width, width,
                      (to - from) * part);
      })
      .in_place = 0;
  Out(y);
}

void Builder::SwishGrad() {
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

void Builder::SumOfSquares() {
  std::vector<Array> inputs;
  std::vector<int64_t> sizes;
  std::vector<Access> reads;
  int64_t lines = 0;
  for (int i = 0; i < Inputs(); i++) {
    inputs.push_back(In(i));
    sizes.push_back(Elements(In(i).shape));
    lines += Lines(sizes.back());
  }
  const int64_t units = Units(lines), part = RowsOf(lines, units), count = units == 1 ? 1 : shares_;
  for (const Array &input : inputs) reads.push_back(Whole(input, units));
  const Array parts = New({count, 2}), y = New({});  // A number of 64 bits each.
  Add(units, reads, {Parts(parts, count, 2)},
      [=, &kernels = kernels_](Memory memory, int64_t from, int64_t to, int share) {
        double sum = 0;
        ForLines(sizes, from * part, to * part, [&](size_t i, int64_t first, int64_t last) {
          sum += kernels.sum_of_squares(memory[inputs[i].value] + inputs[i].offset + first, last - first);
        });
        std::memcpy(memory[parts.value] + (count == 1 ? 0 : 2 * share), &sum, sizeof sum);
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

void Builder::AdamWInPlace() {
  constexpr int kNumbers = 3;
  const int64_t count = Number("N"), kinds = (Inputs() - kNumbers) / count - 1;
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

void Builder::Assign() {
  const Array variable = In(0), value = In(1);
  const int64_t size = Elements(value.shape);
  Add(1, {Whole(value, 1)}, {Whole(variable, 1)}, [=](Memory memory, int64_t, int64_t, int) {
    std::copy_n(memory[value.value] + value.offset, size, memory[variable.value]);
  }).is_last = true;
}

}  // namespace stillroom
