// What a program's instructions compute with (program.h).

// Columns of a packed panel.
constexpr int64_t kPanel = 2 * kLanes;

// Panels [from, to) of b (depth × columns, element (k, n) at b[k·bk + n·bn]): each depth × kPanel, the last filled up
// with zeros.
void PackPanels(const float *b, int64_t bk, int64_t bn, int64_t depth, int64_t columns, float *panels, int64_t from,
                int64_t to) {
  for (int64_t panel = from; panel < to; panel++) {
    const int64_t first = panel * kPanel, count = std::min(kPanel, columns - first);
    float *const out = panels + panel * depth * kPanel;
    const float *const in = b + first * bn;
    if (bn == 1) {
      for (int64_t k = 0; k < depth; k++) {
        for (int64_t n = 0; n < count; n++) out[k * kPanel + n] = in[k * bk + n];
        for (int64_t n = count; n < kPanel; n++) out[k * kPanel + n] = 0.0f;
      }
      continue;
    }
    int64_t k = 0;
    if (bk == 1 && count == kPanel) {
      for (; k + kLanes <= depth; k += kLanes) {
        for (int64_t n = 0; n < kPanel; n += kLanes) {
          TransposeBlock(in + n * bn + k, bn, out + k * kPanel + n, kPanel);
        }
      }
    }
    for (; k < depth; k++) {
      for (int64_t n = 0; n < kPanel; n++) out[k * kPanel + n] = n < count ? in[k * bk + n * bn] : 0.0f;
    }
  }
}

template <int rows>
INLINED void PanelBlock(const float *a, int64_t am, int64_t ak, const float *panel, int64_t ldb, float *c, int64_t ldc,
                        int64_t depth, int64_t columns) {
  if (columns == kPanel && ak == 1) return ProductBlock<rows, 2>(a, am, ak, panel, ldb, c, ldc, depth);
  if (columns == kPanel) return ProductBlock<rows, 2, true>(a, am, ak, panel, ldb, c, ldc, depth);
  float block[rows * kPanel];
  if (columns > kLanes) {
    ProductBlock<rows, 2>(a, am, ak, panel, ldb, block, kPanel, depth);
  } else {
    ProductBlock<rows, 1>(a, am, ak, panel, ldb, block, kPanel, depth);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t n = 0; n < columns; n++) c[r * ldc + n] = block[r * kPanel + n];
  }
}

// Rows that are multiplied by all panels before the next ones, so that they stay in the nearest cache.
constexpr int64_t kRowsAtOnce = 4 * kBlockRows;

// Columns of panels [from, to) of c (rows × columns, leading dimension ldc) = a·b with a (rows × depth, element (m, k)
// at a[m·am + k·ak]). Panels of b begin `step` after each other, their rows ldb.
void MultiplyPanels(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, int64_t step, float *c,
                    int64_t ldc, int64_t rows, int64_t columns, int64_t depth, int64_t from, int64_t to) {
  for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
    const int64_t last = std::min(rows, first + kRowsAtOnce);
    for (int64_t index = from; index < to; index++) {
      const int64_t column = index * kPanel, count = std::min(kPanel, columns - column);
      ForBlocks(first, last, [&](auto size, int64_t m) {
        PanelBlock<size()>(a + m * am, am, ak, b + index * step, ldb, c + m * ldc + column, ldc, depth, count);
      });
    }
  }
}

// c (rows × columns) = a·bᵀ with a (rows × depth) and few rows of b (columns × depth).
void MultiplyNarrow(const float *a, const float *b, float *c, int64_t rows, int64_t columns, int64_t depth) {
  for (int64_t m = 0; m < rows; m++, a += depth) {
    for (int64_t n = 0; n < columns; n++) {
      const float *const with = b + n * depth;
      Lanes sums = {};
      int64_t k = 0;
      for (; k + kLanes <= depth; k += kLanes) sums += LanesAt(a + k) * LanesAt(with + k);
      float sum = Sum(sums);
      for (; k < depth; k++) sum += a[k] * with[k];
      *c++ = sum;
    }
  }
}

// sin x and cos x by Cody–Waite reduction, to about 2 units in the last place of 1 where |x| ≤ 8192.
INLINED void SinCosOf(float x, float *sin, float *cos) {
  const float n = (x * 0.636619772f + 12582912.0f) - 12582912.0f;
  const float r = ((x - n * 1.5703125f) - n * 4.837512969970703125e-4f) - n * 7.54978995489188216e-8f;
  SinCos(r, static_cast<int32_t>(n), sin, cos);
}

INLINED bool Reducible(const float *x, int64_t count) {
  int32_t outside = 0;
#pragma omp simd reduction(+ : outside)
  for (int64_t i = 0; i < count; i++) outside += std::fabs(x[i]) <= 8192.0f ? 0 : 1;
  return outside == 0;
}

template <typename Function>
INLINED void Map(const float *x, float *y, int64_t count, const Function &function) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) y[i] = function(x[i]);
}

void Unary(UnaryOperation operation, const float *x, float *y, int64_t count) {
  switch (operation) {
    case UnaryOperation::kNeg:
      return Map(x, y, count, [](float v) { return -v; });
    case UnaryOperation::kSquare:
      return Map(x, y, count, [](float v) { return v * v; });
    case UnaryOperation::kSqrt:
      return Map(x, y, count, [](float v) { return std::sqrt(v); });
    case UnaryOperation::kRsqrt:
      return Map(x, y, count, [](float v) { return 1.0f / std::sqrt(v); });
    case UnaryOperation::kAbs:
      return Map(x, y, count, [](float v) { return std::fabs(v); });
    case UnaryOperation::kExp:
      for (int64_t i = 0; i < count; i++) y[i] = std::exp(x[i]);
      return;
    case UnaryOperation::kLog:
      for (int64_t i = 0; i < count; i++) y[i] = std::log(x[i]);
      return;
    case UnaryOperation::kSin:
      if (Reducible(x, count)) {
        return Map(x, y, count, [](float v) {
          float sin, cos;
          SinCosOf(v, &sin, &cos);
          return sin;
        });
      }
      for (int64_t i = 0; i < count; i++) y[i] = std::sin(x[i]);
      return;
    case UnaryOperation::kCos:
      if (Reducible(x, count)) {
        return Map(x, y, count, [](float v) {
          float sin, cos;
          SinCosOf(v, &sin, &cos);
          return cos;
        });
      }
      for (int64_t i = 0; i < count; i++) y[i] = std::cos(x[i]);
      return;
    case UnaryOperation::kSigmoid:
      for (int64_t i = 0; i < count; i++) y[i] = Sigmoid(x[i]);
      return;
    case UnaryOperation::kSoftplus:
      for (int64_t i = 0; i < count; i++) y[i] = (x[i] > 0 ? x[i] : 0) + std::log1p(std::exp(-std::fabs(x[i])));
      return;
  }
}

template <typename Function>
INLINED void ZipRow(const float *a, int64_t a_step, const float *b, int64_t b_step, float *y, int64_t count,
                    const Function &function) {
  if (a_step == 1 && b_step == 1) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = function(a[i], b[i]);
  } else if (a_step == 1) {
    const float other = *b;
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = function(a[i], other);
  } else {
    const float other = *a;
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = function(other, b[i * b_step]);
  }
}

constexpr int64_t kFewColumns = 8;

// Rows of a few numbers go by columns.
template <typename Function>
INLINED void Zip(const float *a, Steps a_steps, const float *b, Steps b_steps, float *y, int64_t rows, int64_t columns,
                 const Function &function) {
  if (columns >= kFewColumns) {
    for (int64_t row = 0; row < rows; row++, a += a_steps.row, b += b_steps.row, y += columns) {
      ZipRow(a, a_steps.column, b, b_steps.column, y, columns, function);
    }
    return;
  }
  for (int64_t column = 0; column < columns; column++, a += a_steps.column, b += b_steps.column) {
    for (int64_t row = 0; row < rows; row++) {
      y[row * columns + column] = function(a[row * a_steps.row], b[row * b_steps.row]);
    }
  }
}

void Binary(BinaryOperation operation, const float *a, Steps a_steps, const float *b, Steps b_steps, float *y,
            int64_t rows, int64_t columns) {
  const auto zip = [&](const auto &function) { Zip(a, a_steps, b, b_steps, y, rows, columns, function); };
  switch (operation) {
    case BinaryOperation::kAdd:
      return zip([](float u, float v) { return u + v; });
    case BinaryOperation::kSub:
      return zip([](float u, float v) { return u - v; });
    case BinaryOperation::kMul:
      return zip([](float u, float v) { return u * v; });
    case BinaryOperation::kDiv:
      return zip([](float u, float v) { return u / v; });
    case BinaryOperation::kPow:
      return zip([](float u, float v) { return std::pow(u, v); });
    // What is not a number stays it.
    case BinaryOperation::kMaximum:
      return zip([](float u, float v) { return u > v || u != u ? u : v; });
    case BinaryOperation::kMinimum:
      return zip([](float u, float v) { return u < v || u != u ? u : v; });
    case BinaryOperation::kGreater:
      return zip([](float u, float v) { return u > v ? 1.0f : 0.0f; });
    case BinaryOperation::kGreaterEqual:
      return zip([](float u, float v) { return u >= v ? 1.0f : 0.0f; });
    case BinaryOperation::kLess:
      return zip([](float u, float v) { return u < v ? 1.0f : 0.0f; });
  }
}

// The sum of `count` numbers.
double Total(const float *x, int64_t count) {
  double sum = 0;
  for (int64_t from = 0; from < count; from += 256) {
    const int64_t to = std::min(count, from + 256);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = from; i < to; i++) part += x[i];
    sum += part;
  }
  return sum;
}

// Adds `rows` rows of x to `sums` (columns).
void AddRows(const float *x, int64_t stride, int64_t rows, int64_t columns, float *sums) {
  for (int64_t row = 0; row < rows; row++, x += stride) {
#pragma omp simd
    for (int64_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}
