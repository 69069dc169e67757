// What the kernels compute with: functions that compilers make vector code of, vectors of kLanes numbers, products of
// small matrices.

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAS_SHUFFLES
#endif
#endif

constexpr int64_t kLanes = KERNEL_LANES;
typedef float Lanes __attribute__((vector_size(KERNEL_LANES * 4), aligned(4), may_alias));
typedef int32_t Integers __attribute__((vector_size(KERNEL_LANES * 4)));

INLINED Lanes &LanesAt(float *x) { return *reinterpret_cast<Lanes *>(x); }
INLINED const Lanes &LanesAt(const float *x) { return *reinterpret_cast<const Lanes *>(x); }

INLINED int64_t WholeLanes(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

// e^x for x up to 87, to about 2 units in the last place where |x| < 20; below −87 it stays at e^−87, the smallest
// numbers being slow. What is not a number stays it.
INLINED Lanes Exp(Lanes x) {
  x = x < -87.0f ? Lanes{} - 87.0f : x;
  // Added to a float of moderate size, 1.5·2²³ rounds it to an integer, which is then in the lowest bits; with 127 more
  // they are the exponent of 2ⁿ.
  constexpr float kRounding = 12582912.0f + 127.0f;
  const Lanes shifted = x * 1.44269504f + kRounding, n = shifted - kRounding, f = x * 1.44269504f - n;
  Lanes p = f * 1.32647273e-3f + 9.67151276e-3f;  // 2ᶠ
  p = p * f + 5.55073374e-2f;
  p = p * f + 2.40222421e-1f;
  p = p * f + 6.93146978e-1f;
  p = p * f + 1.0f;
  Integers bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits <<= 23;
  Lanes scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

INLINED float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

// Of two vectors, with one division; held at 2·10⁻¹⁹ below −43, since the product of both denominators must be finite.
// What is no number in one makes its neighbour in the other none.
INLINED void Sigmoid(Lanes *x, Lanes *y) {
  const Lanes least = Lanes{} - 43.0f;
  const Lanes a = 1.0f + Exp(-(*x < least ? least : *x)), b = 1.0f + Exp(-(*y < least ? least : *y));
  const Lanes inverse = 1.0f / (a * b);
  *x = inverse * b;
  *y = inverse * a;
}

// c, `rows` × `vectors`·kLanes of leading dimension ldc, becomes the product of a (element (m, k) at a[m·am + k·ak])
// and b of leading dimension ldb. The whole block of c stays in registers. Factors that are `far`, in another core's
// cache and not one after the other, are asked for kAhead rows before they are needed.
template <int rows, int vectors, bool far = false>
INLINED void ProductBlock(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                          int64_t depth) {
  constexpr int64_t kAhead = 24;
  Lanes sum[rows][vectors] = {};
  for (int64_t k = 0; k < depth; k++) {
    const Lanes *const from = &LanesAt(b + k * ldb);
    if (far) {
      __builtin_prefetch(a + (k + kAhead) * ak);
      for (int v = 0; v < vectors; v++) __builtin_prefetch(b + (k + kAhead) * ldb + v * kLanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) sum[r][v] += a[r * am + k * ak] * from[v];
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int v = 0; v < vectors; v++) LanesAt(c + r * ldc + v * kLanes) = sum[r][v];
  }
}

// As many rows at once as leave registers for b and a beside the sums.
constexpr int kBlockRows = KERNEL_REGISTERS >= 32 ? 8 : 6;

// Calls work(count, m) for blocks of rows m … m + count from `first` to `last`: kBlockRows, then powers of two.
template <typename Work>
INLINED void ForBlocks(int64_t first, int64_t last, const Work &work) {
  int64_t m = first;
  const auto blocks = [&](auto count) {
    for (; m + count() <= last; m += count()) work(count, m);
  };
  blocks(std::integral_constant<int, kBlockRows>());
  blocks(std::integral_constant<int, 4>());
  blocks(std::integral_constant<int, 2>());
  blocks(std::integral_constant<int, 1>());
}

template <int vectors>
INLINED void ProductColumns(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                            int64_t rows, int64_t depth) {
  ForBlocks(0, rows, [&](auto count, int64_t m) {
    ProductBlock<count(), vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
  });
}

// c = a·b with a (rows × depth) as above, b (depth × columns), columns a multiple of kLanes.
INLINED void Product(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                     int64_t rows, int64_t columns, int64_t depth) {
  int64_t n = 0;
  if (KERNEL_REGISTERS >= 32 && columns % (3 * kLanes) == 0) {
    for (; n < columns; n += 3 * kLanes) ProductColumns<3>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
    return;
  }
  for (; n + 2 * kLanes <= columns; n += 2 * kLanes) ProductColumns<2>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
  if (n < columns) ProductColumns<1>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
}

#if defined(HAS_SHUFFLES) && KERNEL_LANES >= 8
// a₀ b₀ a₁ b₁ … of the first halves, and of the second ones.
INLINED void Interleave(const Lanes &a, const Lanes &b, Lanes *first, Lanes *second) {
#if KERNEL_LANES == 16
  *first = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *second = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#else
  *first = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  *second = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#endif
}

// Exchanges rows and columns of kLanes × kLanes numbers. Each round interleaves row i with i + kLanes/2.
INLINED void TransposeBlock(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
  Lanes row[kLanes], next[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) row[i] = LanesAt(from + i * from_stride);
  for (int done = 1; done < kLanes; done *= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < kLanes / 2; i++) Interleave(row[i], row[i + kLanes / 2], &next[2 * i], &next[2 * i + 1]);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) row[i] = next[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) LanesAt(to + i * to_stride) = row[i];
}
#else
INLINED void TransposeBlock(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
  for (int64_t i = 0; i < kLanes; i++) {
    for (int64_t j = 0; j < kLanes; j++) to[j * to_stride + i] = from[i * from_stride + j];
  }
}
#endif

// Halves of x onto each other by `join` until one number is left.
template <typename Join>
INLINED float Folded(const Lanes &x, const Join &join) {
  typedef float Four __attribute__((vector_size(16)));
  Four part[kLanes / 4];
  std::memcpy(part, &x, sizeof x);
#pragma GCC unroll 4
  for (int half = kLanes / 8; half > 0; half /= 2) {
#pragma GCC unroll 4
    for (int i = 0; i < half; i++) part[i] = join(part[i], part[i + half]);
  }
  return join(join(part[0][0], part[0][2]), join(part[0][1], part[0][3]));
}

INLINED float Sum(const Lanes &x) {
  return Folded(x, [](const auto &a, const auto &b) { return a + b; });
}

INLINED float Highest(const Lanes &x) {
  return Folded(x, [](const auto &a, const auto &b) { return a > b ? a : b; });
}

// sin and cos of x + quarter·π/2 for |x| ≤ π/4.
INLINED void SinCos(float x, int32_t quarter, float *sin, float *cos) {
  const float square = x * x;
  const float s = x + x * square * (-1.6666654611e-1f + square * (8.3321608736e-3f + square * -1.9515295891e-4f));
  const float c =
      1.0f - 0.5f * square +
      square * square * (4.166664568298827e-2f + square * (-1.388731625493765e-3f + square * 2.443315711809948e-5f));
  const float a = quarter & 1 ? c : s, b = quarter & 1 ? s : c;
  *sin = quarter & 2 ? -a : a;
  *cos = (quarter + 1) & 2 ? -b : b;
}
