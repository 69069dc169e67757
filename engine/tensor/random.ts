/**
 * Counter-based random numbers: a draw is a pure function of (seed, purpose, step, index), so a resumed run
 * repeats an interrupted one exactly. The generator is Philox 4×32-10 (Salmon et al. 2011) laid out as
 * TensorFlow's StatelessRandomNormal and StatelessRandomUniform, so native draws can be compared with ours.
 */

/** What a draw is for; each purpose is its own stream. */
const purposes = {
  initialization: 0,
  dataOrder: 1,
  noise: 2,
  timestep: 3,
  dropout: 4,
  simulation: 5,
  renoiseDM: 6,
  renoiseCA: 7,
  fakeNoise: 8,
  fakeTimestep: 9,
  fakeRenoise: 10,
  sample: 11,
  condition: 12,
  data: 13,
  discriminate: 14,
  discriminatorUpdate: 15,
} as const;
export type Purpose = keyof typeof purposes;

export interface RandomKey {
  readonly seed: number;
  readonly purpose: Purpose;
  readonly step: number;
  /** Distinguishes several draws of one purpose within a step. */
  readonly index?: number;
}

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** One Philox 4×32-10 block: writes four uint32 to `out`. */
export function philox(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  // Not by destructuring, which walks arrays by their iterators and takes twice as long.
  let c0 = counter[0];
  let c1 = counter[1];
  let c2 = counter[2];
  let c3 = counter[3];
  let k0 = key[0];
  let k1 = key[1];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The two 32-bit seeds that name a draw, as TensorFlow's stateless operations take them (int32[2]). */
export function nativeSeeds(key: RandomKey): [number, number] {
  const block = new Uint32Array(4);
  philox(
    block,
    [key.step >>> 0, key.index ?? 0, purposes[key.purpose], 0x57111],
    [key.seed >>> 0, 0x0d157111],
  );
  return [(block[0] ?? 0) | 0, (block[1] ?? 0) | 0];
}

/** Philox's key and the upper half of its counter, which TensorFlow derives from two int32 seeds. */
export function streamOf(key: RandomKey): readonly [number, number, number, number] {
  const seeds = nativeSeeds(key);
  const block = new Uint32Array(4);
  const sign = (value: number) => (value < 0 ? 0xffffffff : 0);
  philox(block, [seeds[0] >>> 0, sign(seeds[0]), seeds[1] >>> 0, sign(seeds[1])], [0x3ec8f720, 0x02461e29]);
  const [a = 0, b = 0, c = 0, d = 0] = block;
  return [a, b, c, d];
}

/** Calls `emit` with consecutive Philox blocks of the key's stream. */
function forEachBlock(key: RandomKey, blocks: number, emit: (block: Uint32Array, i: number) => void) {
  const [k0, k1, high0, high1] = streamOf(key);
  const block = new Uint32Array(4);
  const counter: [number, number, number, number] = [0, 0, high0, high1];
  const words = [k0, k1] as const;
  for (let i = 0; i < blocks; i++) {
    counter[0] = i;
    philox(block, counter, words);
    emit(block, i);
  }
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
/** A uint32 to a float32 in [0, 1) from its low 23 bits, as TensorFlow does. */
function unitFloat(word: number): number {
  bits[0] = 0x3f800000 | (word & 0x7fffff);
  return (float[0] ?? 1) - 1;
}

/** Standard normal draws by Box–Muller, float32. */
export function randomNormal(key: RandomKey, length: number): Float32Array {
  const values = new Float32Array(length);
  forEachBlock(key, Math.ceil(length / 4), (block, i) => {
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(Math.max(unitFloat(block[pair] ?? 0), 1e-7)));
      const angle = 2 * Math.PI * unitFloat(block[pair + 1] ?? 0);
      const at = 4 * i + pair;
      if (at < length) values[at] = Math.sin(angle) * radius;
      if (at + 1 < length) values[at + 1] = Math.cos(angle) * radius;
    }
  });
  return values;
}

/** Uniform draws in [0, 1), float32. */
export function randomUniform(key: RandomKey, length: number): Float32Array {
  const values = new Float32Array(length);
  forEachBlock(key, Math.ceil(length / 4), (block, i) => {
    for (let k = 0; k < 4 && 4 * i + k < length; k++) values[4 * i + k] = unitFloat(block[k] ?? 0);
  });
  return values;
}

/** Uniform integers in [0, bound). */
export function randomIntegers(key: RandomKey, length: number, bound: number): Int32Array {
  const values = new Int32Array(length);
  const uniform = randomUniform(key, length);
  for (let i = 0; i < length; i++) values[i] = Math.min(bound - 1, (uniform[i] ?? 0) * bound);
  return values;
}
