// Multi-head attention, a head at a time in the caches of one core.

// What is needed to work on one head; tokens and width are padded to whole lanes with zeros.
class Scratch {
 public:
  Scratch(int64_t tokens, int64_t head)
      : tokens(tokens), head(head), tokens16(WholeLanes(tokens)), head16(WholeLanes(head)) {}

  // `rows` × `columns` floats, zero where they are not written; columns are a multiple of 16.
  float *Matrix(int64_t rows, int64_t columns) {
    blocks_.emplace_back(rows * columns / kLanes);
    return blocks_.back()[0].numbers;
  }

  const int64_t tokens, head, tokens16, head16;

 private:
  // A vector that lies in two lines of the cache takes twice as long to load.
  struct alignas(64) Line {
    float numbers[kLanes] = {};
  };
  std::vector<std::vector<Line>> blocks_;
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
      LanesAt(row + j) = Exp(LanesAt(row + j) + LanesAt(mask + j) - most);
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
void Attention(const float *qkv, const float *bias, const float *mask, float *out, int64_t tokens, int64_t heads,
               int64_t head, int64_t batch) {
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
INLINED void UnpackGradient(const float *from, float factor, const Scratch &s, float *to, int64_t stride, float *sum) {
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
void AttentionGrad(const float *qkv, const float *bias, const float *mask, const float *d_out, float *d_qkv,
                   float *d_bias, int64_t tokens, int64_t heads, int64_t head, int64_t batch) {
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
