// The kernels' loops over numbers, built for several instruction sets: what they are called with, and which are this
// processor's. The headers beside say what each computes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace stillroom {

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

// Which stream: Philox's key, and the upper half of its counter.
struct NormalStream {
  uint32_t key[2], counter[2];
};

enum class UnaryOperation { kNeg, kSquare, kSqrt, kRsqrt, kAbs, kExp, kLog, kSin, kCos, kSigmoid, kSoftplus };
enum class BinaryOperation { kAdd, kSub, kMul, kDiv, kPow, kMaximum, kMinimum, kGreater, kGreaterEqual, kLess };

// From a row of an array to the next, and from a column, which is 1; 0 where one number serves all.
struct Steps {
  int64_t row, column;
};

struct VectorKernels {
  void (*swish)(const float *x, const float *bias, float slope, float *y, int64_t width, int64_t rows);
  void (*swish_grad)(const float *x, const float *bias, float slope, const float *dy, float *dx, float *dbias,
                     int64_t width, int64_t from, int64_t to);
  void (*modulate)(const float *x, const float *shift, const float *scale, float epsilon, float *y, int64_t tokens,
                   int64_t width, int64_t batch);
  void (*modulate_grad)(const float *x, const float *scale, const float *dy, float epsilon, float *dx, float *dshift,
                        float *dscale, int64_t tokens, int64_t width, int64_t batch);
  void (*gated_add)(const float *h, const float *y, const float *bias, const float *gate, float *out, int64_t tokens,
                    int64_t width, int64_t batch);
  void (*gated_add_grad)(const float *y, const float *bias, const float *gate, const float *d_out, float *dy,
                         float *dbias, float *dgate, int64_t tokens, int64_t width, int64_t batch);
  void (*attention)(const float *qkv, const float *bias, const float *mask, float *out, int64_t tokens, int64_t heads,
                    int64_t head, int64_t batch);
  void (*attention_grad)(const float *qkv, const float *bias, const float *mask, const float *d_out, float *d_qkv,
                         float *d_bias, int64_t tokens, int64_t heads, int64_t head, int64_t batch);
  double (*sum_of_squares)(const float *x, int64_t count);
  void (*adamw)(const float *weight, const float *first, const float *second, const float *average,
                const float *gradient, const AdamWFactors &factors, float *weight_out, float *first_out,
                float *second_out, float *average_out, int64_t from, int64_t to);
  void (*normals)(const NormalStream &stream, float *out, int64_t count);

  // Of programs.
  int64_t panel;
  void (*pack_panels)(const float *b, int64_t bk, int64_t bn, int64_t depth, int64_t columns, float *panels,
                      int64_t from, int64_t to);
  void (*multiply_panels)(const float *a, int64_t am, int64_t ak, const float *b, int64_t ldb, int64_t step, float *c,
                          int64_t ldc, int64_t rows, int64_t columns, int64_t depth, int64_t from, int64_t to);
  void (*multiply_narrow)(const float *a, const float *b, float *c, int64_t rows, int64_t columns, int64_t depth);
  void (*unary)(UnaryOperation operation, const float *x, float *y, int64_t count);
  void (*binary)(BinaryOperation operation, const float *a, Steps a_steps, const float *b, Steps b_steps, float *y,
                 int64_t rows, int64_t columns);
  double (*total)(const float *x, int64_t count);
  void (*add_rows)(const float *x, int64_t stride, int64_t rows, int64_t columns, float *sums);
};

// The quickest that this processor can run.
const VectorKernels &ProcessorKernels();

}  // namespace stillroom
