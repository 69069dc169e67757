// AdamW and the gradients' norm.

double SumOfSquares(const float *x, int64_t count) {
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

void AdamW(const float *weight, const float *first, const float *second, const float *average, const float *gradient,
           const AdamWFactors &factors, float *weight_out, float *first_out, float *second_out, float *average_out,
           int64_t from, int64_t to) {
  const AdamWFactors n = factors;  // Which no result lies over.
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
