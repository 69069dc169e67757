// TensorFlow kernels for the chains of elementwise operations that a diffusion transformer and AdamW spend their
// time in: one pass over memory where a graph of primitive operations makes ten. Processor only, float32.
// engine/tensor/fused.ts says what each computes, has the same in primitive operations, and its gradient.

#include "fusedKernels.h"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/kernels_experimental.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// The loops below are compiled once for each instruction set, and the processor's best is chosen when loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define PER_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PER_PROCESSOR
#endif
#if defined(__GNUC__)
#define INLINED inline __attribute__((always_inline))
#else
#define INLINED __forceinline
#endif

namespace stillroom {
namespace {

// --- Threads ------------------------------------------------------------------------------------------------------

// Splits [0, count) between the caller and a few waiting threads, for kernels that have the processor to themselves;
// the layers of a network run in lanes instead (engine/tensor/lanes.ts), each on its own thread. While another kernel
// has the threads, the caller works alone. How the range is split never changes a result: each row is computed by itself.
class Workers {
 public:
  static Workers &Get() {
    static Workers *const workers = new Workers();  // Never destroyed: kernels may run until the process ends.
    return *workers;
  }

  void ForRows(int64_t count, int64_t least, const std::function<void(int64_t, int64_t)> &work) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    const int64_t parts = std::min<int64_t>(threads_ + 1, count / std::max<int64_t>(least, 1));
    if (!turn.owns_lock() || parts < 2) return work(0, count);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      std::fegetenv(&environment_);
      count_ = count;
      parts_ = parts;
      next_ = 1;
      running_ = parts - 1;
    }
    wake_.notify_all();
    work(0, count / parts);
    std::unique_lock<std::mutex> lock(mutex_);
    while (next_ < parts_) RunNext(lock);  // Parts that no thread has woken up for yet.
    lock.unlock();
    LookOut([this] { return running_ == 0; });
    lock.lock();
    done_.wait(lock, [this] { return running_ == 0; });
    work_ = nullptr;
  }

 private:
  Workers() {
    const auto setting = [](const char *name) {
      const char *const value = std::getenv(name);
      return value ? std::atoi(value) : 0;
    };
    const int wanted = setting("TF_NUM_INTEROP_THREADS") * setting("TF_NUM_INTRAOP_THREADS");
    threads_ = (wanted > 0 ? wanted : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))) - 1;
    for (int i = 0; i < threads_; i++) std::thread([this] { Loop(); }).detach();
  }

  void Loop() {
    const auto has_part = [this] { return next_ < parts_; };
    for (;;) {
      LookOut(has_part);
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, has_part);
      RunNext(lock);
    }
  }

  // Waits awake for a moment, since to fall asleep and be woken takes as long as a small kernel.
  template <typename Condition>
  static void LookOut(const Condition &condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
    while (!condition() && std::chrono::steady_clock::now() < end) Pause();
  }

  static void Pause() {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#endif
  }

  void RunNext(std::unique_lock<std::mutex> &lock) {
    const int64_t part = next_++;
    const auto *const work = work_;
    const int64_t from = count_ * part / parts_, to = count_ * (part + 1) / parts_;
    std::fesetenv(&environment_);
    lock.unlock();
    (*work)(from, to);
    lock.lock();
    if (--running_ == 0) done_.notify_one();
  }

  int threads_;
  std::mutex turn_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t, int64_t)> *work_ = nullptr;
  std::fenv_t environment_;  // The caller's: whether the smallest numbers count as zero must not depend on the thread.
  int64_t count_ = 0;
  std::atomic<int64_t> parts_{0}, next_{0}, running_{0};
};

// --- Arithmetic ---------------------------------------------------------------------------------------------------

// 1.5·2²³: added to a float of moderate size it rounds it to an integer, which is then in the lowest bits.
constexpr float kRounding = 12582912.0f;

// e^x to about 2 units in the last place (Cephes' polynomial), written so that compilers make vector code of it.
INLINED float Exp(float x) {
  const float above = x < -87.0f ? -87.0f : x;  // In this order what is not a number stays it.
  const float bounded = above > 88.0f ? 88.0f : above;
  const float shifted = bounded * 1.44269504f + kRounding, n = shifted - kRounding;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;  // 2ⁿ
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

INLINED float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

// x (N, D) with bias (D).
PER_PROCESSOR void Swish(const float *x, const float *bias, float slope, float *y, int64_t width, int64_t rows) {
  for (int64_t row = 0; row < rows; row++) {
    const int64_t at = row * width;
#pragma omp simd
    for (int64_t d = 0; d < width; d++) {
      const float u = x[at + d] + bias[d];
      y[at + d] = u * Sigmoid(slope * u);
    }
  }
}

// Of rows [from, to), whose dx it adds to dbias.
PER_PROCESSOR void SwishGrad(const float *x, const float *bias, float slope, const float *dy, float *dx, float *dbias,
                             int64_t width, int64_t from, int64_t to) {
  for (int64_t row = from; row < to; row++) {
    const int64_t at = row * width;
#pragma omp simd
    for (int64_t d = 0; d < width; d++) {
      const float u = x[at + d] + bias[d], s = Sigmoid(slope * u);
      const float du = dy[at + d] * (s + slope * u * s * (1.0f - s));
      dx[at + d] = du;
      dbias[d] += du;
    }
  }
}

struct Moments {
  float mean, inverse;
};

INLINED Moments MomentsOf(const float *x, int64_t width, float epsilon) {
  float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t d = 0; d < width; d++) sum += x[d];
  const float mean = sum / width;
#pragma omp simd reduction(+ : squares)
  for (int64_t d = 0; d < width; d++) squares += (x[d] - mean) * (x[d] - mean);
  return {mean, 1.0f / std::sqrt(squares / width + epsilon)};
}

// x (B, T, D) with shift and scale (B, D).
PER_PROCESSOR void Modulate(const float *x, const float *shift, const float *scale, float epsilon, float *y,
                            int64_t tokens, int64_t width, int64_t batch) {
  for (int64_t row = 0; row < batch * tokens; row++) {
    const float *const in = x + row * width, *const a = scale + row / tokens * width,
                *const b = shift + row / tokens * width;
    float *const out = y + row * width;
    const Moments m = MomentsOf(in, width, epsilon);
#pragma omp simd
    for (int64_t d = 0; d < width; d++) out[d] = (in[d] - m.mean) * m.inverse * (1.0f + a[d]) + b[d];
  }
}

PER_PROCESSOR void ModulateGrad(const float *x, const float *scale, const float *dy, float epsilon, float *dx,
                                float *dshift, float *dscale, int64_t tokens, int64_t width, int64_t batch) {
  std::fill(dshift, dshift + batch * width, 0.0f);
  std::fill(dscale, dscale + batch * width, 0.0f);
  for (int64_t row = 0; row < batch * tokens; row++) {
    const int64_t sample = row / tokens;
    const float *const in = x + row * width, *const a = scale + sample * width, *const g = dy + row * width;
    float *const out = dx + row * width, *const da = dscale + sample * width, *const db = dshift + sample * width;
    const Moments m = MomentsOf(in, width, epsilon);
    float sum = 0, along = 0;
#pragma omp simd reduction(+ : sum, along)
    for (int64_t d = 0; d < width; d++) {
      const float normal = (in[d] - m.mean) * m.inverse, inner = g[d] * (1.0f + a[d]);
      sum += inner;
      along += inner * normal;
      da[d] += g[d] * normal;
      db[d] += g[d];
    }
    sum /= width;
    along /= width;
#pragma omp simd
    for (int64_t d = 0; d < width; d++) {
      const float normal = (in[d] - m.mean) * m.inverse;
      out[d] = m.inverse * (g[d] * (1.0f + a[d]) - sum - normal * along);
    }
  }
}

// h and y (B, T, D) with bias (D) and gate (B, D).
PER_PROCESSOR void GatedAdd(const float *h, const float *y, const float *bias, const float *gate, float *out,
                            int64_t tokens, int64_t width, int64_t batch) {
  for (int64_t row = 0; row < batch * tokens; row++) {
    const float *const g = gate + row / tokens * width;
    const int64_t at = row * width;
#pragma omp simd
    for (int64_t d = 0; d < width; d++) out[at + d] = h[at + d] + (y[at + d] + bias[d]) * g[d];
  }
}

// dbias (B, D) is each sample's own part.
PER_PROCESSOR void GatedAddGrad(const float *y, const float *bias, const float *gate, const float *d_out, float *dy,
                                float *dbias, float *dgate, int64_t tokens, int64_t width, int64_t batch) {
  for (int64_t sample = 0; sample < batch; sample++) {
    const float *const g = gate + sample * width;
    float *const db = dbias + sample * width, *const dg = dgate + sample * width;
    std::fill(db, db + width, 0.0f);
    std::fill(dg, dg + width, 0.0f);
    for (int64_t row = sample * tokens; row < (sample + 1) * tokens; row++) {
      const int64_t at = row * width;
#pragma omp simd
      for (int64_t d = 0; d < width; d++) {
        const float inner = d_out[at + d] * g[d];
        dy[at + d] = inner;
        db[d] += inner;
        dg[d] += d_out[at + d] * (y[at + d] + bias[d]);
      }
    }
  }
}

// --- Attention ----------------------------------------------------------------------------------------------------

typedef float Lanes __attribute__((vector_size(64), aligned(4), may_alias));
constexpr int64_t kLanes = 16;

INLINED Lanes &LanesAt(float *x) { return *reinterpret_cast<Lanes *>(x); }
INLINED const Lanes &LanesAt(const float *x) { return *reinterpret_cast<const Lanes *>(x); }

inline int64_t WholeLanes(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

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
  for (; m + 6 <= rows; m += 6) ProductBlock<6, vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
  for (; m + 2 <= rows; m += 2) ProductBlock<2, vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
  if (m < rows) ProductBlock<1, vectors>(a + m * am, am, ak, b, ldb, c + m * ldc, ldc, depth);
}

// c = a·b with a (rows × depth) as above, b (depth × columns), columns a multiple of 16.
INLINED void Product(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, float *c, int64_t ldc,
                     int64_t rows, int64_t columns, int64_t depth) {
  int64_t n = 0;
  for (; n + 4 * kLanes <= columns; n += 4 * kLanes) {
    ProductColumns<4>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
  }
  if (n + 3 * kLanes == columns) return ProductColumns<3>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
  for (; n < columns; n += kLanes) ProductColumns<1>(a, am, ak, b + n, ldb, c + n, ldc, rows, depth);
}

// What is needed to work on one head; tokens and width are padded to whole lanes with zeros.
class Scratch {
 public:
  Scratch(int64_t tokens, int64_t head)
      : tokens(tokens), head(head), tokens16(WholeLanes(tokens)), head16(WholeLanes(head)) {}

  // `rows` × `columns` floats, zero where they are not written.
  float *Matrix(int64_t rows, int64_t columns) {
    blocks_.emplace_back(rows * columns, 0.0f);
    return blocks_.back().data();
  }

  const int64_t tokens, head, tokens16, head16;

 private:
  std::vector<std::vector<float>> blocks_;
};

// Rows of `from`, `stride` apart, close together, with `bias` added and times `factor`.
INLINED void Pack(const float *from, int64_t stride, const float *bias, float factor, const Scratch &s, float *to) {
  const int64_t whole = s.head / kLanes * kLanes;
  for (int64_t t = 0; t < s.tokens; t++) {
    const float *const row = from + t * stride;
    float *const out = to + t * s.head16;
    for (int64_t d = 0; d < whole; d += kLanes) LanesAt(out + d) = (LanesAt(row + d) + LanesAt(bias + d)) * factor;
    for (int64_t d = whole; d < s.head; d++) out[d] = (row[d] + bias[d]) * factor;
  }
}

// Exchanges rows and columns of 16 × 16 numbers: in four rounds the halves, quarters, … of pairs of rows.
INLINED void TransposeBlock(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
#if defined(__has_builtin) && __has_builtin(__builtin_shufflevector)
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

// (tokens16 × head16) to (head16 × tokens16).
INLINED void Transpose(const float *from, const Scratch &s, float *to) {
  for (int64_t t = 0; t < s.tokens16; t += kLanes) {
    for (int64_t d = 0; d < s.head16; d += kLanes) {
      TransposeBlock(from + t * s.head16 + d, s.head16, to + d * s.tokens16 + t, s.tokens16);
    }
  }
}

INLINED void Unpack(const float *from, const Scratch &s, float *to, int64_t stride) {
  const int64_t whole = s.head / kLanes * kLanes;
  for (int64_t t = 0; t < s.tokens; t++) {
    const float *const row = from + t * s.head16;
    float *const out = to + t * stride;
    for (int64_t d = 0; d < whole; d += kLanes) LanesAt(out + d) = LanesAt(row + d);
    for (int64_t d = whole; d < s.head; d++) out[d] = row[d];
  }
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

// softmax(q·kᵀ + mask) (T × T); the mask (tokens16) is −∞ after the last token.
INLINED void Probabilities(const float *q, const float *k_transposed, const float *mask, const Scratch &s, float *p) {
  Product(q, s.head16, 1, k_transposed, s.tokens16, p, s.tokens16, s.tokens, s.tokens16, s.head);
  for (int64_t i = 0; i < s.tokens; i++) {
    float *const row = p + i * s.tokens16;
    Lanes highest = LanesAt(row) + LanesAt(mask), sum = {};
    for (int64_t j = kLanes; j < s.tokens16; j += kLanes) {
      const Lanes x = LanesAt(row + j) + LanesAt(mask + j);
      highest = x > highest ? x : highest;
    }
    const float most = Highest(highest);
    for (int64_t j = 0; j < s.tokens16; j += kLanes) {
      LanesAt(row + j) += LanesAt(mask + j) - most;
#pragma omp simd
      for (int64_t lane = 0; lane < kLanes; lane++) row[j + lane] = Exp(row[j + lane]);
      sum += LanesAt(row + j);
    }
    const float inverse = 1.0f / Sum(sum);
    for (int64_t j = 0; j < s.tokens16; j += kLanes) LanesAt(row + j) *= inverse;
  }
}

// A sample's mask, or 0 where `mask` is null; −∞ after the last token.
INLINED void PackMask(const float *mask, const Scratch &s, float *to) {
  for (int64_t t = 0; t < s.tokens16; t++) to[t] = t >= s.tokens ? -INFINITY : mask ? mask[t] : 0.0f;
}

// qkv (B, T, 3, H, d), bias (3, H, d) and mask (B, T) → out (B, T, H, d).
PER_PROCESSOR void Attention(const float *qkv, const float *bias, const float *mask, float *out, int64_t tokens,
                             int64_t heads, int64_t head, int64_t batch) {
  const int64_t width = heads * head, stride = 3 * width;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head));
  Scratch s(tokens, head);
  float *const q = s.Matrix(tokens, s.head16), *const kv = s.Matrix(s.tokens16, s.head16);
  float *const k_transposed = s.Matrix(s.head16, s.tokens16), *const p = s.Matrix(tokens, s.tokens16);
  float *const masks = s.Matrix(1, s.tokens16);
  for (int64_t index = 0; index < batch * heads; index++) {
    const int64_t sample = index / heads, at = index % heads * head;
    const float *const in = qkv + sample * tokens * stride + at;
    Pack(in, stride, bias + at, scale, s, q);
    Pack(in + width, stride, bias + width + at, 1, s, kv);
    Transpose(kv, s, k_transposed);
    PackMask(mask ? mask + sample * tokens : nullptr, s, masks);
    Probabilities(q, k_transposed, masks, s, p);
    Pack(in + 2 * width, stride, bias + 2 * width + at, 1, s, kv);
    Product(p, s.tokens16, 1, kv, s.head16, q, s.head16, tokens, s.head16, tokens);
    Unpack(q, s, out + sample * tokens * width + at, width);
  }
}

// Writes a gradient of one of q, k and v, times `factor`, and its sum over the tokens.
INLINED void UnpackGradient(const float *from, float factor, const Scratch &s, float *to, int64_t stride,
                            float *sum) {
  const int64_t whole = s.head / kLanes * kLanes;
  std::fill(sum, sum + s.head, 0.0f);
  for (int64_t t = 0; t < s.tokens; t++) {
    const float *const row = from + t * s.head16;
    float *const out = to + t * stride;
    for (int64_t d = 0; d < whole; d += kLanes) {
      const Lanes x = LanesAt(row + d) * factor;
      LanesAt(out + d) = x;
      LanesAt(sum + d) += x;
    }
    for (int64_t d = whole; d < s.head; d++) {
      out[d] = row[d] * factor;
      sum[d] += row[d] * factor;
    }
  }
}

// d_bias (B, 3, H, d) is each sample's own part.
PER_PROCESSOR void AttentionGrad(const float *qkv, const float *bias, const float *mask, const float *d_out,
                                 float *d_qkv, float *d_bias, int64_t tokens, int64_t heads, int64_t head,
                                 int64_t batch) {
  const int64_t width = heads * head, stride = 3 * width;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head));
  Scratch s(tokens, head);
  const std::vector<float> no_bias(head, 0.0f);
  float *const q = s.Matrix(tokens, s.head16), *const k = s.Matrix(s.tokens16, s.head16);
  float *const v = s.Matrix(s.tokens16, s.head16), *const d_o = s.Matrix(tokens, s.head16);
  float *const transposed = s.Matrix(s.head16, s.tokens16), *const result = s.Matrix(tokens, s.head16);
  float *const p = s.Matrix(tokens, s.tokens16), *const dp = s.Matrix(tokens, s.tokens16);
  float *const masks = s.Matrix(1, s.tokens16);
  for (int64_t index = 0; index < batch * heads; index++) {
    const int64_t sample = index / heads, at = index % heads * head;
    const float *const in = qkv + sample * tokens * stride + at;
    float *const out = d_qkv + sample * tokens * stride + at, *const sums = d_bias + sample * stride + at;
    Pack(in, stride, bias + at, scale, s, q);
    Pack(in + width, stride, bias + width + at, 1, s, k);
    Pack(in + 2 * width, stride, bias + 2 * width + at, 1, s, v);
    Pack(d_out + sample * tokens * width + at, width, no_bias.data(), 1, s, d_o);
    Transpose(k, s, transposed);
    PackMask(mask ? mask + sample * tokens : nullptr, s, masks);
    Probabilities(q, transposed, masks, s, p);
    Product(p, 1, s.tokens16, d_o, s.head16, result, s.head16, tokens, s.head16, tokens);  // dv = pᵀ·do
    UnpackGradient(result, 1, s, out + 2 * width, stride, sums + 2 * width);
    Transpose(v, s, transposed);
    Product(d_o, s.head16, 1, transposed, s.tokens16, dp, s.tokens16, tokens, s.tokens16, head);  // dp = do·vᵀ
    for (int64_t i = 0; i < tokens; i++) {
      const float *const row = p + i * s.tokens16;
      float *const d_row = dp + i * s.tokens16;
      Lanes sums = {};
      for (int64_t j = 0; j < s.tokens16; j += kLanes) sums += LanesAt(row + j) * LanesAt(d_row + j);
      const float sum = Sum(sums);
      for (int64_t j = 0; j < s.tokens16; j += kLanes) {
        LanesAt(d_row + j) = LanesAt(row + j) * (LanesAt(d_row + j) - sum);  // through the softmax
      }
    }
    Product(dp, s.tokens16, 1, k, s.head16, result, s.head16, tokens, s.head16, tokens);  // dq = ds·k/√d
    UnpackGradient(result, scale, s, out, stride, sums);
    Product(dp, 1, s.tokens16, q, s.head16, result, s.head16, tokens, s.head16, tokens);  // dk = dsᵀ·q/√d
    UnpackGradient(result, 1, s, out + width, stride, sums + width);
  }
}

// --- Perceptron ---------------------------------------------------------------------------------------------------

// A linear layer: weight (outputs × inputs), bias (outputs).
struct Linear {
  const float *weight, *bias;
  int64_t inputs, outputs;
};

// The layer's weights transposed, (inputs × whole lanes of outputs); `to` is zero before.
PER_PROCESSOR void PackTransposed(const Linear &layer, float *to) {
  const int64_t stride = WholeLanes(layer.outputs);
  for (int64_t first = 0; first < layer.outputs; first += kLanes) {
    const int64_t end = std::min(layer.outputs, first + kLanes);
    for (int64_t i = 0; i < layer.inputs; i++) {
#pragma omp simd
      for (int64_t o = first; o < end; o++) to[i * stride + o] = layer.weight[o * layer.inputs + i];
    }
  }
}

// Rows [from, to) of x (B, inputs): `values[i]` (B, outputs) is what layer i gives, before SiLU where another follows.
PER_PROCESSOR void Perceptron(const float *x, const std::vector<Linear> &layers,
                              const std::vector<std::vector<float>> &transposed, float *const *values, int64_t from,
                              int64_t to) {
  constexpr int64_t kRows = 96;
  int64_t widest = 0;
  for (const Linear &layer : layers) widest = std::max(widest, WholeLanes(layer.outputs));
  std::vector<float> inner(kRows * widest), product(kRows * widest);
  for (int64_t first = from; first < to; first += kRows) {
    const int64_t rows = std::min(kRows, to - first);
    const float *in = x + first * layers[0].inputs;
    for (size_t i = 0; i < layers.size(); i++) {
      const Linear &layer = layers[i];
      const int64_t outputs = layer.outputs, stride = WholeLanes(outputs);
      Product(in, layer.inputs, 1, transposed[i].data(), stride, product.data(), stride, rows, stride, layer.inputs);
      const bool last = i + 1 == layers.size();
      for (int64_t row = 0; row < rows; row++) {
        const float *const sum = product.data() + row * stride;
        float *const out = values[i] + (first + row) * outputs, *const activated = inner.data() + row * outputs;
#pragma omp simd
        for (int64_t d = 0; d < outputs; d++) out[d] = sum[d] + layer.bias[d];
        if (last) continue;
#pragma omp simd
        for (int64_t d = 0; d < outputs; d++) activated[d] = out[d] * Sigmoid(out[d]);
      }
      in = inner.data();
    }
  }
}

// Of rows [from, to): dfirst (B, outputs of the first layer), the gradient of what the first layer gives, and these
// rows' part of the layers' gradients. `values` are the perceptron's, without the last layer's.
PER_PROCESSOR void PerceptronGrad(const float *x, const std::vector<Linear> &layers, const float *const *values,
                                  const float *dy, float *dfirst, float *const *dweights, float *const *dbiases,
                                  int64_t from, int64_t to) {
  const int64_t rows = to - from;
  int64_t widest = WholeLanes(layers[0].inputs);
  for (const Linear &layer : layers) widest = std::max(widest, WholeLanes(layer.outputs));
  std::vector<float> in(rows * widest), slope(rows * widest), next(rows * widest), wide(widest * widest);
  std::vector<float> g(dy + from * layers.back().outputs, dy + to * layers.back().outputs);
  g.resize(rows * widest);
  for (size_t i = layers.size(); i-- > 0;) {
    const Linear &layer = layers[i];
    const int64_t outputs = layer.outputs, inputs = layer.inputs, stride = WholeLanes(inputs);
    const float *const before = i > 0 ? values[i - 1] + from * inputs : x + from * inputs;
    for (int64_t row = 0; row < rows; row++) {
      const float *const u = before + row * inputs;
      float *const to_in = in.data() + row * stride, *const to_slope = slope.data() + row * inputs;
      if (i == 0) {
        std::memcpy(to_in, u, inputs * sizeof(float));
        continue;
      }
#pragma omp simd
      for (int64_t d = 0; d < inputs; d++) {
        const float s = Sigmoid(u[d]);
        to_in[d] = u[d] * s;
        to_slope[d] = s + u[d] * s * (1.0f - s);
      }
    }
    // dW = gᵀ·in, whole lanes wide.
    Product(g.data(), 1, outputs, in.data(), stride, wide.data(), stride, outputs, stride, rows);
    for (int64_t o = 0; o < outputs; o++) {
      std::memcpy(dweights[i] + o * inputs, wide.data() + o * stride, inputs * sizeof(float));
    }
    std::fill(dbiases[i], dbiases[i] + outputs, 0.0f);
    for (int64_t row = 0; row < rows; row++) {
#pragma omp simd
      for (int64_t o = 0; o < outputs; o++) dbiases[i][o] += g[row * outputs + o];
    }
    if (i == 0) break;
    // The gradient of what the layer before gave: (g·W) ∘ SiLU′.
    for (int64_t o = 0; o < outputs; o++) {
      std::memcpy(wide.data() + o * stride, layer.weight + o * inputs, inputs * sizeof(float));
    }
    Product(g.data(), outputs, 1, wide.data(), stride, next.data(), stride, rows, stride, outputs);
    for (int64_t row = 0; row < rows; row++) {
#pragma omp simd
      for (int64_t d = 0; d < inputs; d++) {
        g[row * inputs + d] = next[row * stride + d] * slope[row * inputs + d];
      }
    }
  }
  std::memcpy(dfirst + from * layers[0].outputs, g.data(), rows * layers[0].outputs * sizeof(float));
}

// --- Optimiser ----------------------------------------------------------------------------------------------------

// What changes from update to update, and what does not, in the order of fused.ts.
struct AdamWSchedule {
  float learning_rate, correction1, correction2, averaging;
};
struct AdamWSettings {
  float weight_decay, beta1, beta2, epsilon, clip_norm;
};

// What an AdamW update of any weight is made with.
struct AdamWFactors {
  AdamWFactors(const AdamWSchedule &schedule, const AdamWSettings &settings, float gradient_norm)
      : finite(std::isfinite(gradient_norm)),
        rate1((finite ? schedule.learning_rate : 0.0f) / schedule.correction1),
        root2(1.0f / std::sqrt(schedule.correction2)),
        decay((finite ? schedule.learning_rate : 0.0f) * settings.weight_decay),
        beta1(settings.beta1),
        beta2(settings.beta2),
        epsilon(settings.epsilon),
        clip(std::min(1.0f, settings.clip_norm / std::max(gradient_norm, 1e-12f))),
        averaging(schedule.averaging) {}

  const bool finite;
  const float rate1, root2, decay, beta1, beta2, epsilon, clip, averaging;
};

PER_PROCESSOR double SumOfSquares(const float *x, int64_t count) {
  double sum = 0;
  for (int64_t from = 0; from < count; from += 1024) {
    const int64_t to = std::min(count, from + 1024);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t i = from; i < to; i++) part += x[i] * x[i];
    sum += part;
  }
  return sum;
}

PER_PROCESSOR void AdamW(const float *weight, const float *first, const float *second, const float *average,
                         const float *gradient, const AdamWFactors n, float *weight_out, float *first_out,
                         float *second_out, float *average_out, int64_t from, int64_t to) {
#pragma omp simd
  for (int64_t i = from; i < to; i++) {
    const float g = n.finite ? gradient[i] * n.clip : 0.0f;
    const float m = first[i] * n.beta1 + g * (1.0f - n.beta1);
    const float v = second[i] * n.beta2 + g * g * (1.0f - n.beta2);
    const float w = weight[i] - weight[i] * n.decay - m * n.rate1 / (std::sqrt(v) * n.root2 + n.epsilon);
    first_out[i] = m;
    second_out[i] = v;
    weight_out[i] = w;
    if (average_out) average_out[i] = w + (average[i] - w) * n.averaging;
  }
}

// --- Elementwise programs -----------------------------------------------------------------------------------------

// What an instruction computes, in the order of captured/fuseElementwise.ts.
enum Code { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum, kNegate, kSquare, kRoot, kInverseRoot, kAbsolute };

PER_PROCESSOR void Execute(int code, const float *a, const float *b, float *out, int64_t count) {
#define EACH(value)                                       \
  _Pragma("omp simd") for (int64_t i = 0; i < count; i++) \
    out[i] = value;                                       \
  return
  switch (code) {
    case kAdd: EACH(a[i] + b[i]);
    case kSubtract: EACH(a[i] - b[i]);
    case kMultiply: EACH(a[i] * b[i]);
    case kDivide: EACH(a[i] / b[i]);
    case kMaximum: EACH(a[i] > b[i] ? a[i] : b[i]);
    case kMinimum: EACH(a[i] < b[i] ? a[i] : b[i]);
    case kNegate: EACH(-a[i]);
    case kSquare: EACH(a[i] * a[i]);
    case kRoot: EACH(std::sqrt(a[i]));
    case kInverseRoot: EACH(1.0f / std::sqrt(a[i]));
    case kAbsolute: EACH(std::fabs(a[i]));
  }
#undef EACH
}

// Instructions over all elements of one shape. Values are numbered: the inputs', then the instructions'.
struct Program {
  struct Input {
    int64_t divisor, count;  // Element i of the shape reads element i / divisor % count.
  };
  struct Instruction {
    int64_t code, a, b;
  };

  // Numbers as fuseElementwise.ts writes them.
  explicit Program(const std::vector<int64_t> &numbers) {
    auto at = numbers.begin();
    shape.resize(*at++);
    for (int64_t &length : shape) length = *at++;
    inputs.resize(*at++);
    for (Input &input : inputs) input.divisor = *at++, input.count = *at++;
    instructions.resize(*at++);
    for (Instruction &i : instructions) i.code = *at++, i.a = *at++, i.b = *at++;
    results.assign(at, numbers.end());
  }

  std::vector<int64_t> shape;
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;
  std::vector<int64_t> results;  // The values that are outputs.
};

// --- TensorFlow ---------------------------------------------------------------------------------------------------

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

// One run of a kernel: its inputs, and its outputs each shaped like an input.
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus(), TF_DeleteStatus) {}
  ~Call() {
    if (!Ok()) TF_OpKernelContext_Failure(context_, status_.get());
  }

  bool Ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  const float *In(int index) {
    if (!Input(index)) {
      TF_Tensor *tensor = nullptr;
      TF_GetInput(context_, index, &tensor, status_.get());
      inputs_[index].reset(tensor);
    }
    return static_cast<const float *>(TF_TensorData(Input(index)));
  }

  // The memory of the variable that input `index` is, to be changed; its own, once nobody else reads it.
  float *Variable(int index) {
    const auto copy = [](TF_OpKernelContext *, TF_Tensor *source, TF_Tensor *target) {
      std::memcpy(TF_TensorData(target), TF_TensorData(source), TF_TensorByteSize(source));
      TF_DeleteTensor(source);  // Both are handed over.
      TF_DeleteTensor(target);
    };
    if (!Input(index)) {
      TF_Tensor *tensor = nullptr;
      TF_GetInputTensorFromVariable(context_, index, /*lock_held=*/true, /*isVariantType=*/false, /*sparse=*/false,
                                    copy, &tensor, status_.get());
      inputs_[index].reset(tensor);
    }
    return Ok() ? static_cast<float *>(TF_TensorData(Input(index))) : nullptr;
  }

  int64_t Size(int input) { return In(input), TF_TensorElementCount(Input(input)); }
  int64_t Dimension(int input, int axis) { return In(input), TF_Dim(Input(input), axis); }

  // Output `index`, shaped like input `like`.
  float *Out(int index, int like) {
    In(like);
    const TF_Tensor *const model = Input(like);
    std::vector<int64_t> shape(TF_NumDims(model));
    for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(model, static_cast<int>(axis));
    return Out(index, shape);
  }

  // Likewise, in the memory of one of the inputs `instead` where nobody else needs that; to be asked for before them.
  float *OutInPlace(int index, int like, std::initializer_list<int> instead) {
    std::vector<int64_t> shape;
    {
      TF_Tensor *tensor = nullptr;
      TF_GetInput(context_, like, &tensor, status_.get());
      const Tensor model(tensor, TF_DeleteTensor);
      if (!Ok()) return nullptr;
      for (int axis = 0; axis < TF_NumDims(tensor); axis++) shape.push_back(TF_Dim(tensor, axis));
    }
    std::vector<int> candidates(instead);
    int forwarded;
    outputs_.emplace_back(TF_ForwardInputOrAllocateOutput(
                              context_, candidates.data(), static_cast<int>(candidates.size()), index, shape.data(),
                              static_cast<int>(shape.size()), &forwarded, status_.get()),
                          TF_DeleteTensor);
    return Ok() ? static_cast<float *>(TF_TensorData(outputs_.back().get())) : nullptr;
  }

  float *Out(int index, const std::vector<int64_t> &shape) {
    size_t bytes = sizeof(float);
    for (const int64_t size : shape) bytes *= size;
    outputs_.emplace_back(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(),
                                            static_cast<int>(shape.size()), bytes, status_.get()),
                          TF_DeleteTensor);
    return Ok() ? static_cast<float *>(TF_TensorData(outputs_.back().get())) : nullptr;
  }

 private:
  TF_Tensor *Input(int index) {
    while (static_cast<int>(inputs_.size()) <= index) inputs_.emplace_back(nullptr, TF_DeleteTensor);
    return inputs_[index].get();
  }

  TF_OpKernelContext *context_;
  Status status_;
  std::vector<Tensor> inputs_, outputs_;
};

// out (width) = the sum of the rows of parts (rows × width), always in the same order.
void SumRows(const std::vector<float> &parts, int64_t width, float *out) {
  std::fill(out, out + width, 0.0f);
  for (size_t at = 0; at < parts.size(); at += width) {
    for (int64_t d = 0; d < width; d++) out[d] += parts[at + d];
  }
}

// Inputs x (N, D), bias (D), slope.
void ComputeSwish(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const y = call.OutInPlace(0, 0, {0});
  const float *const x = call.In(0), *const bias = call.In(1);
  const float slope = *call.In(2);
  const int64_t width = call.Size(1), rows = call.Size(0) / width;
  if (!call.Ok()) return;
  Swish(x, bias, slope, y, width, rows);
}

// Inputs x, bias, slope, dy; outputs dx, dbias.
void ComputeSwishGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const dx = call.OutInPlace(0, 3, {3});
  const float *const x = call.In(0), *const bias = call.In(1), *const dy = call.In(3);
  const float slope = *call.In(2);
  const int64_t width = call.Size(1), rows = call.Size(0) / width;
  float *const dbias = call.Out(1, 1);
  if (!call.Ok()) return;
  constexpr int64_t kChunk = 64;  // Rows that are summed together, which keeps the sum exact.
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  std::vector<float> parts(chunks * width, 0.0f);
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    SwishGrad(x, bias, slope, dy, dx, parts.data() + chunk * width, width, chunk * kChunk,
              std::min(rows, (chunk + 1) * kChunk));
  }
  SumRows(parts, width, dbias);
}

// Inputs x, shift, scale, epsilon.
void ComputeModulate(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const x = call.In(0), *const shift = call.In(1), *const scale = call.In(2);
  const float epsilon = *call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const y = call.Out(0, 0);
  if (!call.Ok()) return;
  Modulate(x, shift, scale, epsilon, y, tokens, width, batch);
}

// Inputs x, scale, dy, epsilon; outputs dx, dshift, dscale.
void ComputeModulateGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const dx = call.OutInPlace(0, 2, {2});
  const float *const x = call.In(0), *const scale = call.In(1), *const dy = call.In(2);
  const float epsilon = *call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const dshift = call.Out(1, 1), *const dscale = call.Out(2, 1);
  if (!call.Ok()) return;
  ModulateGrad(x, scale, dy, epsilon, dx, dshift, dscale, tokens, width, batch);
}

// Inputs h, y, bias, gate.
void ComputeGatedAdd(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const out = call.OutInPlace(0, 0, {0, 1});
  const float *const h = call.In(0), *const y = call.In(1), *const bias = call.In(2), *const gate = call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  if (!call.Ok()) return;
  GatedAdd(h, y, bias, gate, out, tokens, width, batch);
}

// Inputs y, bias, gate and the output's gradient; outputs dy, dbias, dgate.
void ComputeGatedAddGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const y = call.In(0), *const bias = call.In(1), *const gate = call.In(2), *const d_out = call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const dy = call.Out(0, 0), *const dbias = call.Out(1, 1), *const dgate = call.Out(2, 2);
  if (!call.Ok()) return;
  std::vector<float> parts(batch * width);
  GatedAddGrad(y, bias, gate, d_out, dy, parts.data(), dgate, tokens, width, batch);
  SumRows(parts, width, dbias);
}

// Inputs qkv (B, T, 3D), bias (3D), mask (B, T) or empty, heads.
void ComputeAttention(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const qkv = call.In(0), *const bias = call.In(1);
  const float *const mask = call.Size(2) > 0 ? call.In(2) : nullptr;
  const int64_t heads = static_cast<int64_t>(*call.In(3)), batch = call.Dimension(0, 0);
  const int64_t tokens = call.Dimension(0, 1), width = call.Dimension(0, 2) / 3, head = width / heads;
  float *const out = call.Out(0, {batch, tokens, width});
  if (!call.Ok()) return;
  Attention(qkv, bias, mask, out, tokens, heads, head, batch);
}

// Inputs qkv, bias, mask, heads as above and the output's gradient (B, T, D); outputs dqkv, dbias.
void ComputeAttentionGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const qkv = call.In(0), *const bias = call.In(1);
  const float *const mask = call.Size(2) > 0 ? call.In(2) : nullptr;
  const int64_t heads = static_cast<int64_t>(*call.In(3)), batch = call.Dimension(0, 0);
  const float *const d_out = call.In(4);
  const int64_t tokens = call.Dimension(0, 1), triple = call.Dimension(0, 2), head = triple / 3 / heads;
  float *const d_qkv = call.Out(0, 0), *const d_bias = call.Out(1, 1);
  if (!call.Ok()) return;
  std::vector<float> parts(batch * triple);
  AttentionGrad(qkv, bias, mask, d_out, d_qkv, parts.data(), tokens, heads, head, batch);
  SumRows(parts, triple, d_bias);
}

// The layers of a perceptron: weights are the inputs from 1 on, then biases.
std::vector<Linear> LayersOf(Call &call, int count) {
  std::vector<Linear> layers;
  for (int i = 0; i < count && call.Ok(); i++) {
    const int weight = 1 + i, bias = 1 + count + i;
    layers.push_back({call.In(weight), call.In(bias), call.Dimension(weight, 1), call.Dimension(weight, 0)});
  }
  return layers;
}

// Inputs x (B, D), N weights, N biases; outputs y, then what each layer but the last gives before SiLU.
void ComputePerceptron(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const std::vector<Linear> layers = LayersOf(call, *static_cast<const int *>(count));
  const float *const x = call.In(0);
  const int64_t batch = call.Dimension(0, 0);
  std::vector<float *> values;
  std::vector<std::vector<float>> transposed;
  for (size_t i = 0; i < layers.size() && call.Ok(); i++) {
    const bool last = i + 1 == layers.size();
    values.push_back(call.Out(last ? 0 : static_cast<int>(i) + 1, {batch, layers[i].outputs}));
    transposed.emplace_back(layers[i].inputs * WholeLanes(layers[i].outputs), 0.0f);
    PackTransposed(layers[i], transposed.back().data());
  }
  if (!call.Ok()) return;
  Workers::Get().ForRows(batch, 64, [&](int64_t from, int64_t to) {
    Perceptron(x, layers, transposed, values.data(), from, to);
  });
}

// Inputs x, N weights, N biases, the N − 1 layers' values and the output's gradient; outputs the gradients of the first
// layer's values, of weights and of biases.
void ComputePerceptronGrad(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const int n = *static_cast<const int *>(count);
  const std::vector<Linear> layers = LayersOf(call, n);
  const float *const x = call.In(0), *const dy = call.In(3 * n);
  const int64_t batch = call.Dimension(0, 0);
  std::vector<const float *> values;
  for (int i = 0; i + 1 < n; i++) values.push_back(call.In(1 + 2 * n + i));
  if (!call.Ok()) return;
  float *const dfirst = call.Out(0, {batch, layers[0].outputs});
  std::vector<float *> gradients;  // Of weights, then of biases.
  std::vector<int64_t> sizes;
  for (int i = 0; i < 2 * n && call.Ok(); i++) {
    gradients.push_back(call.Out(1 + i, 1 + i));
    sizes.push_back(call.Size(1 + i));
  }
  if (!call.Ok()) return;
  constexpr int64_t kChunk = 128;  // Rows that are summed together, however many threads there are.
  const int64_t chunks = std::max<int64_t>(1, (batch + kChunk - 1) / kChunk);
  std::vector<std::vector<std::vector<float>>> parts(chunks);  // The first chunk's are the outputs themselves.
  Workers::Get().ForRows(chunks, 1, [&](int64_t from, int64_t to) {
    for (int64_t chunk = from; chunk < to; chunk++) {
      std::vector<float *> own = gradients;
      for (int i = 0; i < 2 * n && chunk > 0; i++) {
        parts[chunk].emplace_back(sizes[i]);
        own[i] = parts[chunk].back().data();
      }
      PerceptronGrad(x, layers, values.data(), dy, dfirst, own.data(), own.data() + n, chunk * kChunk,
                     std::min(batch, (chunk + 1) * kChunk));
    }
  });
  for (int64_t chunk = 1; chunk < chunks; chunk++) {
    for (int i = 0; i < 2 * n; i++) {
      for (int64_t at = 0; at < sizes[i]; at++) gradients[i][at] += parts[chunk][i][at];
    }
  }
}

// What elements [from, from + count) of a program's shape read of an input that broadcasts to it.
void Repeat(const float *values, const Program::Input &input, int64_t from, int64_t count, float *to) {
  if (input.count == 1) return std::fill(to, to + count, values[0]);
  int64_t at = from / input.divisor % input.count, left = input.divisor - from % input.divisor;
  while (count > 0) {
    const int64_t same = std::min(left, count);
    std::fill(to, to + same, values[at]);
    to += same;
    count -= same;
    left = input.divisor;
    if (++at == input.count) at = 0;
  }
}

// Inputs and outputs of the program.
void ComputeElementwise(void *held, TF_OpKernelContext *context) {
  constexpr int64_t kBlock = 512;  // Elements that every instruction is run on before the next block.
  const Program &program = *static_cast<const Program *>(held);
  Call call(context);
  const size_t inputs = program.inputs.size(), values = inputs + program.instructions.size();
  int64_t size = 1;
  for (const int64_t length : program.shape) size *= length;
  std::vector<const float *> given;
  std::vector<float *> outputs;
  for (size_t i = 0; i < inputs && call.Ok(); i++) given.push_back(call.In(static_cast<int>(i)));
  for (size_t i = 0; i < program.results.size() && call.Ok(); i++) {
    outputs.push_back(call.Out(static_cast<int>(i), program.shape));
  }
  if (!call.Ok()) return;
  const int64_t block = std::min(size, kBlock);
  std::vector<float> memory(values * block);
  std::vector<const float *> value(values);
  for (int64_t from = 0; from < size; from += block) {
    const int64_t count = std::min(block, size - from);
    for (size_t i = 0; i < inputs; i++) {
      const Program::Input &input = program.inputs[i];
      float *const own = memory.data() + i * block;
      value[i] = input.count == size ? given[i] + from : own;
      if (input.count < size) Repeat(given[i], input, from, count, own);
    }
    for (size_t i = inputs; i < values; i++) {
      const Program::Instruction &instruction = program.instructions[i - inputs];
      float *const own = memory.data() + i * block;
      Execute(static_cast<int>(instruction.code), value[instruction.a], value[instruction.b], own, count);
      value[i] = own;
    }
    for (size_t i = 0; i < outputs.size(); i++) {
      std::memcpy(outputs[i] + from, value[program.results[i]], count * sizeof(float));
    }
  }
}

// Input tensors: N of any shape; output: the sum of the squares of all their elements, a scalar.
void ComputeSumOfSquares(void *, TF_OpKernelContext *context) {
  Call call(context);
  struct Part {
    const float *values;
    int64_t count;
  };
  constexpr int64_t kPart = 65536;  // Elements that are summed together, however many threads there are.
  std::vector<Part> parts;
  for (int i = 0; i < TF_NumInputs(context); i++) {
    const float *const values = call.In(i);
    for (int64_t at = 0, size = call.Size(i); at < size; at += kPart) {
      parts.push_back({values + at, std::min(kPart, size - at)});
    }
  }
  float *const out = call.Out(0, std::vector<int64_t>{});
  if (!call.Ok()) return;
  std::vector<double> sums(parts.size());
  Workers::Get().ForRows(parts.size(), 2, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) sums[i] = SumOfSquares(parts[i].values, parts[i].count);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  *out = static_cast<float>(sum);
}

// One weight's share of an AdamW update: what is read and what is written, which may be the same.
struct AdamWTensors {
  const float *weight, *first, *second, *gradient, *average;
  float *weight_out, *first_out, *second_out, *average_out;
  int64_t size;
};

constexpr int64_t kLeastElements = 16384;  // Fewer are not worth another thread.

void RunAdamW(const std::vector<AdamWTensors> &tensors, const AdamWFactors &factors) {
  struct Part {
    const AdamWTensors *tensors;
    int64_t from, to;
  };
  std::vector<Part> parts;
  for (const AdamWTensors &t : tensors) {
    for (int64_t at = 0; at < t.size; at += kLeastElements) {
      parts.push_back({&t, at, std::min(t.size, at + kLeastElements)});
    }
  }
  Workers::Get().ForRows(parts.size(), 2, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
      const AdamWTensors &t = *parts[i].tensors;
      AdamW(t.weight, t.first, t.second, t.average, t.gradient, factors, t.weight_out, t.first_out, t.second_out,
            t.average_out, parts[i].from, parts[i].to);
    }
  });
}

constexpr int kAdamWNumbers = 3;  // Inputs before the weights: schedule, settings, norm of the gradients.

AdamWFactors FactorsOf(Call &call) {
  AdamWSchedule schedule;
  AdamWSettings settings;
  std::memcpy(&schedule, call.In(0), sizeof schedule);
  std::memcpy(&settings, call.In(1), sizeof settings);
  return AdamWFactors(schedule, settings, *call.In(2));
}

// Inputs schedule, settings and norm, then of all N weights: the weights, first moments, second moments, averages where
// they are kept, and gradients; outputs likewise without the numbers and gradients.
void ComputeAdamW(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const int n = *static_cast<const int *>(count), kinds = (TF_NumInputs(context) - kAdamWNumbers) / n - 1;
  std::vector<AdamWTensors> tensors;
  for (int i = 0; i < n && call.Ok(); i++) {
    const auto in = [&](int kind) { return call.In(kAdamWNumbers + kind * n + i); };
    const auto out = [&](int kind) { return call.Out(kind * n + i, kAdamWNumbers + i); };
    const bool averaged = kinds == 4;
    tensors.push_back({in(0), in(1), in(2), in(kinds), averaged ? in(3) : nullptr, out(0), out(1), out(2),
                       averaged ? out(3) : nullptr, call.Size(kAdamWNumbers + i)});
  }
  if (call.Ok()) RunAdamW(tensors, FactorsOf(call));
}

// The same in the memory of the variables that the inputs between numbers and gradients are; no outputs.
void ComputeAdamWInPlace(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const int n = *static_cast<const int *>(count), kinds = (TF_NumInputs(context) - kAdamWNumbers) / n - 1;
  std::vector<AdamWTensors> tensors;
  for (int i = 0; i < n && call.Ok(); i++) {
    const auto at = [&](int kind) { return call.Variable(kAdamWNumbers + kind * n + i); };
    float *const weight = at(0), *const first = at(1), *const second = at(2),
                 *const average = kinds == 4 ? at(3) : nullptr;
    const int gradient = kAdamWNumbers + kinds * n + i;
    tensors.push_back({weight, first, second, call.In(gradient), average, weight, first, second, average,
                       call.Size(gradient)});
  }
  if (call.Ok()) RunAdamW(tensors, FactorsOf(call));
}

struct Operation {
  const char *name;
  std::vector<std::string> inputs, outputs;  // Tensors of float32 where no type follows the name.
  void (*infer)(TF_ShapeInferenceContext *, TF_Status *);
  void (*compute)(void *, TF_OpKernelContext *);
  std::vector<const char *> attributes = {};
  void *(*create)(TF_OpKernelConstruction *) = nullptr;
  void (*remove)(void *) = nullptr;
  bool changes_variables = false;
};

// A kernel's own number: attribute N.
void *CreateCount(TF_OpKernelConstruction *construction) {
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  int32_t count = 0;
  TF_OpKernelConstruction_GetAttrInt32(construction, "N", &count, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return new int(count);
}

void RemoveCount(void *count) { delete static_cast<int *>(count); }

// A kernel's own program: attribute program.
void *CreateProgram(TF_OpKernelConstruction *construction) {
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  int32_t count = 0, total = 0;
  TF_OpKernelConstruction_GetAttrSize(construction, "program", &count, &total, status.get());
  std::vector<int64_t> numbers(std::max(count, 0));
  if (TF_GetCode(status.get()) == TF_OK) {
    TF_OpKernelConstruction_GetAttrInt64List(construction, "program", numbers.data(), count, status.get());
  }
  if (TF_GetCode(status.get()) == TF_OK) return new Program(numbers);
  TF_OpKernelConstruction_Failure(construction, status.get());
  return nullptr;
}

void RemoveProgram(void *program) { delete static_cast<Program *>(program); }

std::string Typed(const std::string &name) { return name.find(':') == std::string::npos ? name + ": float" : name; }

// Says that output i has the shape of input `like[i]`.
template <int... like>
void ShapesLike(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeHandle *const shape = TF_NewShapeHandle();
  int output = 0;
  for (const int input : {like...}) {
    TF_ShapeInferenceContextGetInput(context, input, shape, status);
    if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output++, shape, status);
  }
  TF_DeleteShapeHandle(shape);
}

void UnknownShape(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

}  // namespace

std::string RegisterFusedKernels() {
  Workers::Get();  // Reads how many threads are wanted while TensorFlow does.
  const std::vector<Operation> operations = {
      {"StillroomSwish", {"x", "bias", "slope"}, {"y"}, ShapesLike<0>, ComputeSwish},
      {"StillroomSwishGrad", {"x", "bias", "slope", "dy"}, {"dx", "dbias"}, ShapesLike<0, 1>, ComputeSwishGrad},
      {"StillroomModulate", {"x", "shift", "scale", "epsilon"}, {"y"}, ShapesLike<0>, ComputeModulate},
      {"StillroomModulateGrad",
       {"x", "scale", "dy", "epsilon"},
       {"dx", "dshift", "dscale"},
       ShapesLike<0, 1, 1>,
       ComputeModulateGrad},
      {"StillroomGatedAdd", {"h", "y", "bias", "gate"}, {"out"}, ShapesLike<0>, ComputeGatedAdd},
      {"StillroomGatedAddGrad",
       {"y", "bias", "gate", "d_out"},
       {"dy", "dbias", "dgate"},
       ShapesLike<0, 1, 2>,
       ComputeGatedAddGrad},
      {"StillroomAttention", {"qkv", "bias", "mask", "heads"}, {"out"}, UnknownShape, ComputeAttention},
      {"StillroomAttentionGrad",
       {"qkv", "bias", "mask", "heads", "d_out"},
       {"dqkv", "dbias"},
       ShapesLike<0, 1>,
       ComputeAttentionGrad},
      {"StillroomPerceptron",
       {"x", "weights: N * float", "biases: N * float"},
       {"y", "values: M * float"},
       UnknownShape,
       ComputePerceptron,
       {"N: int", "M: int"},
       CreateCount,
       RemoveCount},
      {"StillroomPerceptronGrad",
       {"x", "weights: N * float", "biases: N * float", "values: M * float", "dy"},
       {"dfirst", "dweights: N * float", "dbiases: N * float"},
       UnknownShape,
       ComputePerceptronGrad,
       {"N: int", "M: int"},
       CreateCount,
       RemoveCount},
      {"StillroomElementwise",
       {"inputs: N * float"},
       {"outputs: M * float"},
       UnknownShape,
       ComputeElementwise,
       {"N: int", "M: int", "program: list(int)"},
       CreateProgram,
       RemoveProgram},
      {"StillroomSumOfSquares", {"x: N * float"}, {"sum"}, UnknownShape, ComputeSumOfSquares, {"N: int"}},
      {"StillroomAdamW",
       {"schedule", "settings", "norm", "values: V * float", "gradients: N * float"},
       {"next: V * float"},
       UnknownShape,
       ComputeAdamW,
       {"V: int", "N: int"},
       CreateCount,
       RemoveCount},
      {"StillroomAdamWInPlace",
       {"schedule", "settings", "norm", "variables: V * resource", "gradients: N * float"},
       {},
       UnknownShape,
       ComputeAdamWInPlace,
       {"V: int", "N: int"},
       CreateCount,
       RemoveCount,
       /*changes_variables=*/true},
  };
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  for (const Operation &operation : operations) {
    TF_OpDefinitionBuilder *const definition = TF_NewOpDefinitionBuilder(operation.name);
    for (const std::string &name : operation.inputs) {
      TF_OpDefinitionBuilderAddInput(definition, Typed(name).c_str());
    }
    for (const std::string &name : operation.outputs) {
      TF_OpDefinitionBuilderAddOutput(definition, Typed(name).c_str());
    }
    for (const char *attribute : operation.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
    TF_OpDefinitionBuilderSetIsStateful(definition, operation.changes_variables);
    TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, operation.infer);
    TF_RegisterOpDefinition(definition, status.get());
    if (TF_GetCode(status.get()) == TF_OK) {
      TF_KernelBuilder *const kernel =
          TF_NewKernelBuilder(operation.name, "CPU", operation.create, operation.compute, operation.remove);
      TF_RegisterKernelBuilder(operation.name, kernel, status.get());
    }
    if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
  }
  return "";
}

}  // namespace stillroom
