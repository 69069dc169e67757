// Standard normal noise: Philox 4×32-10 (Salmon et al. 2011) and Box–Muller, in the order of TensorFlow's
// StatelessRandomNormal.

// ln x for normal x > 0, to about 2 units in the last place (Cephes' polynomial).
INLINED float Log(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  // x = m·2ᵉ with m in [√½, √2).
  const int32_t e = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;
  bits -= static_cast<uint32_t>(e) << 23;
  float m;
  std::memcpy(&m, &bits, sizeof m);
  const float r = m - 1.0f, n = static_cast<float>(e);
  float p = 7.0376836292e-2f;
  p = p * r - 1.1514610310e-1f;
  p = p * r + 1.1676998740e-1f;
  p = p * r - 1.2420140846e-1f;
  p = p * r + 1.4249322787e-1f;
  p = p * r - 1.6668057665e-1f;
  p = p * r + 2.0000714765e-1f;
  p = p * r - 2.4999993993e-1f;
  p = p * r + 3.3333331174e-1f;
  const float square = r * r;
  return n * 0.693359375f + (r + (p * r * square - 0.5f * square - n * 2.12194440e-4f));
}

// sin 2πu and cos 2πu for u in [0, 1).
INLINED void SinCosOfTurn(float u, float *sin, float *cos) {
  const int32_t quarter = static_cast<int32_t>(u * 4.0f + 0.5f);
  SinCos((u - static_cast<float>(quarter) * 0.25f) * 6.28318531f, quarter, sin, cos);
}

// A number in [0, 1) of the low 23 bits.
INLINED float Unit(uint32_t word) {
  const uint32_t bits = 0x3f800000u | (word & 0x7fffffu);
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x - 1.0f;
}

// 4·kLanes numbers of the blocks from `first` on.
INLINED void NormalBlocks(const NormalStream &stream, uint32_t first, float *out) {
  uint32_t c[4][kLanes];
  float z[4][kLanes];
#pragma omp simd
  for (int lane = 0; lane < kLanes; lane++) {
    uint32_t a = first + lane, b = 0, d = stream.counter[0], e = stream.counter[1];
    uint32_t k0 = stream.key[0], k1 = stream.key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
      const uint64_t x = uint64_t{0xd2511f53u} * a, y = uint64_t{0xcd9e8d57u} * d;
      a = static_cast<uint32_t>(y >> 32) ^ b ^ k0;
      b = static_cast<uint32_t>(y);
      d = static_cast<uint32_t>(x >> 32) ^ e ^ k1;
      e = static_cast<uint32_t>(x);
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    c[0][lane] = a;
    c[1][lane] = b;
    c[2][lane] = d;
    c[3][lane] = e;
  }
  for (int pair = 0; pair < 4; pair += 2) {
#pragma omp simd
    for (int lane = 0; lane < kLanes; lane++) {
      const float u = Unit(c[pair][lane]);
      const float radius = std::sqrt(-2.0f * Log(u < 1e-7f ? 1e-7f : u));
      float s, t;
      SinCosOfTurn(Unit(c[pair + 1][lane]), &s, &t);
      z[pair][lane] = s * radius;
      z[pair + 1][lane] = t * radius;
    }
  }
  for (int lane = 0; lane < kLanes; lane++) {
    for (int i = 0; i < 4; i++) out[4 * lane + i] = z[i][lane];
  }
}

void Normals(const NormalStream &stream, float *out, int64_t count) {
  constexpr int64_t kBlocks = 4 * kLanes;
  int64_t i = 0;
  for (; i + kBlocks <= count; i += kBlocks) NormalBlocks(stream, static_cast<uint32_t>(i / 4), out + i);
  if (i == count) return;
  float rest[kBlocks];
  NormalBlocks(stream, static_cast<uint32_t>(i / 4), rest);
  std::copy(rest, rest + (count - i), out + i);
}
