// A transformer's layers between its matrix products: one pass over memory each.

// x (N, D) with bias (D).
void Swish(const float *x, const float *bias, float slope, float *y, int64_t width, int64_t rows) {
  for (int64_t row = 0; row < rows; row++, x += width, y += width) {
    int64_t d = 0;
    for (; d + 2 * kLanes <= width; d += 2 * kLanes) {
      const Lanes u = LanesAt(x + d) + LanesAt(bias + d), v = LanesAt(x + d + kLanes) + LanesAt(bias + d + kLanes);
      Lanes s = slope * u, t = slope * v;
      Sigmoid(&s, &t);
      LanesAt(y + d) = u * s;
      LanesAt(y + d + kLanes) = v * t;
    }
    for (; d < width; d++) {
      const float u = x[d] + bias[d];
      y[d] = u * Sigmoid(slope * u);
    }
  }
}

// Of dy, for u and s = σ(slope·u).
template <typename Numbers>
INLINED Numbers SwishSlope(Numbers u, Numbers s, float slope, Numbers dy) {
  return dy * (s + slope * u * s * (1.0f - s));
}

// Of rows [from, to), whose dx it adds to dbias.
void SwishGrad(const float *x, const float *bias, float slope, const float *dy, float *dx, float *dbias, int64_t width,
               int64_t from, int64_t to) {
  for (int64_t row = from; row < to; row++) {
    const float *const in = x + row * width, *const g = dy + row * width;
    float *const out = dx + row * width;
    int64_t d = 0;
    for (; d + 2 * kLanes <= width; d += 2 * kLanes) {
      const Lanes u = LanesAt(in + d) + LanesAt(bias + d), v = LanesAt(in + d + kLanes) + LanesAt(bias + d + kLanes);
      Lanes s = slope * u, t = slope * v;
      Sigmoid(&s, &t);
      const Lanes du = SwishSlope(u, s, slope, LanesAt(g + d)), dv = SwishSlope(v, t, slope, LanesAt(g + d + kLanes));
      LanesAt(dbias + d) += du;
      LanesAt(dbias + d + kLanes) += dv;
      LanesAt(out + d) = du;
      LanesAt(out + d + kLanes) = dv;
    }
    for (; d < width; d++) {
      const float u = in[d] + bias[d];
      out[d] = SwishSlope(u, Sigmoid(slope * u), slope, g[d]);
      dbias[d] += out[d];
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
void Modulate(const float *x, const float *shift, const float *scale, float epsilon, float *y, int64_t tokens,
              int64_t width, int64_t batch) {
  for (int64_t row = 0; row < batch * tokens; row++) {
    const float *const in = x + row * width, *const a = scale + row / tokens * width,
                       *const b = shift + row / tokens * width;
    float *const out = y + row * width;
    const Moments m = MomentsOf(in, width, epsilon);
#pragma omp simd
    for (int64_t d = 0; d < width; d++) out[d] = (in[d] - m.mean) * m.inverse * (1.0f + a[d]) + b[d];
  }
}

void ModulateGrad(const float *x, const float *scale, const float *dy, float epsilon, float *dx, float *dshift,
                  float *dscale, int64_t tokens, int64_t width, int64_t batch) {
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
void GatedAdd(const float *h, const float *y, const float *bias, const float *gate, float *out, int64_t tokens,
              int64_t width, int64_t batch) {
  for (int64_t row = 0; row < batch * tokens; row++) {
    const float *const g = gate + row / tokens * width;
    const int64_t at = row * width;
#pragma omp simd
    for (int64_t d = 0; d < width; d++) out[at + d] = h[at + d] + (y[at + d] + bias[d]) * g[d];
  }
}

// dbias (B, D) is each sample's own part.
void GatedAddGrad(const float *y, const float *bias, const float *gate, const float *d_out, float *dy, float *dbias,
                  float *dgate, int64_t tokens, int64_t width, int64_t batch) {
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
