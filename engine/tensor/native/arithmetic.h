// What the kernels compute with: functions that compilers make vector code of, vectors of 16 numbers, products of
// small matrices. These headers are parts of fusedKernels.cc, which alone includes them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

// The kernels' loops are compiled once for each instruction set, and the processor's best is chosen when loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define PER_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PER_PROCESSOR
#endif
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAS_SHUFFLES
#endif
#endif
#if defined(__GNUC__)
#define INLINED inline __attribute__((always_inline))
#else
#define INLINED __forceinline
#endif

namespace stillroom {
namespace {

typedef float Lanes __attribute__((vector_size(64), aligned(4), may_alias));
constexpr int64_t kLanes = 16;

INLINED Lanes &LanesAt(float *x) { return *reinterpret_cast<Lanes *>(x); }
INLINED const Lanes &LanesAt(const float *x) { return *reinterpret_cast<const Lanes *>(x); }

inline int64_t WholeLanes(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

typedef int32_t Integers __attribute__((vector_size(64)));

// e^x for x up to 87, to about 2 units in the last place where |x| < 20; below −87 it stays at e^−87, the smallest numbers
// being slow. What is not a number stays it.
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

// Adds to c, `rows` × `vectors`·16 of leading dimension ldc, the product of a (element (m, k) at a[m·am + k·ak]) and
// b of leading dimension ldb. The whole block of c stays in registers.
template <int rows, int vectors>
INLINED void ProductBlock(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                          int64_t depth) {
  Lanes sum[rows][vectors] = {};
  for (int64_t k = 0; k < depth; k++) {
    const Lanes *const from = &LanesAt(b + k * ldb);
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

template <int vectors>
INLINED void ProductColumns(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c,
                            int64_t ldc, int64_t rows, int64_t depth) {
  int64_t m = 0;
  for (; m + 8 <= rows; m += 8) ProductBlock<8, vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
  for (; m < rows; m++) ProductBlock<1, vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
}

// c = a·b with a (rows × depth) as above, b (depth × columns), columns a multiple of 16.
INLINED void Product(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                     int64_t rows, int64_t columns, int64_t depth) {
  int64_t n = 0;
  if (columns % (3 * kLanes) == 0) {
    for (; n < columns; n += 3 * kLanes) ProductColumns<3>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
    return;
  }
  for (; n + 2 * kLanes <= columns; n += 2 * kLanes) ProductColumns<2>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
  if (n < columns) ProductColumns<1>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
}

// Exchanges rows and columns of 16 × 16 numbers: in four rounds the halves, quarters, … of pairs of rows.
INLINED void TransposeBlock(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
#if defined(HAS_SHUFFLES)
  Lanes row[kLanes], next[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) row[i] = LanesAt(from + i * from_stride);
  // Each round interleaves rows i and i + 8 into 2i and 2i + 1.
  for (int round = 0; round < 4; round++) {
#pragma GCC unroll 8
    for (int i = 0; i < kLanes / 2; i++) {
      const Lanes a = row[i], b = row[i + kLanes / 2];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) row[i] = next[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) LanesAt(to + i * to_stride) = row[i];
#else
  for (int64_t i = 0; i < kLanes; i++) {
    for (int64_t j = 0; j < kLanes; j++) to[j * to_stride + i] = from[i * from_stride + j];
  }
#endif
}

// The lanes added up, and the highest of them: halves onto halves.
typedef float Eight __attribute__((vector_size(32)));
typedef float Four __attribute__((vector_size(16)));

INLINED float Sum(const Lanes &x) {
  Eight eight[2];
  std::memcpy(eight, &x, sizeof x);
  const Eight eights = eight[0] + eight[1];
  Four four[2];
  std::memcpy(four, &eights, sizeof eights);
  const Four fours = four[0] + four[1];
  return (fours[0] + fours[2]) + (fours[1] + fours[3]);
}

INLINED float Highest(const Lanes &x) {
  Eight eight[2];
  std::memcpy(eight, &x, sizeof x);
  const Eight eights = eight[0] > eight[1] ? eight[0] : eight[1];
  Four four[2];
  std::memcpy(four, &eights, sizeof eights);
  const Four fours = four[0] > four[1] ? four[0] : four[1];
  return std::max(std::max(fours[0], fours[2]), std::max(fours[1], fours[3]));
}

}  // namespace
}  // namespace stillroom
