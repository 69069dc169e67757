/** Random small changes of pictures, so that the classifier does not learn them by heart. No mirroring: flags. */
import { imageBytes, type Dataset } from '../../engine/data/dataset.ts';
import { randomNormal, randomUniform } from '../../engine/tensor/random.ts';

/** Largest shift in pixels, turn in radians, zoom, change of contrast and brightness, and the noise's deviation. */
const limits = { shift: 3, turn: 0.15, zoom: 0.15, contrast: 0.15, brightness: 0.1, noise: 0.08 };
const drawsPerImage = 10;

/** The pictures of `indices`, changed, as floats around [−1, 1]; a pure function of the seed and the step. */
export function augmentedImages(
  dataset: Dataset,
  indices: readonly number[],
  seed: number,
  step: number,
): Float32Array {
  const { size } = dataset;
  const length = size * size * 3;
  const out = new Float32Array(indices.length * length);
  const draws = randomUniform({ seed, purpose: 'data', step, index: 1 }, indices.length * drawsPerImage);
  const noise = noiseOf(seed);
  for (const [row, index] of indices.entries()) {
    const draw = draws.subarray(row * drawsPerImage, (row + 1) * drawsPerImage);
    const around = (k: number, limit: number) => (2 * (draw[k] ?? 0) - 1) * limit;
    const target = out.subarray(row * length, (row + 1) * length);
    const zoom = 1 + around(3, limits.zoom);
    const turn = around(2, limits.turn);
    resample(imageBytes(dataset, index), size, target, {
      cosine: Math.cos(turn) / zoom,
      sine: Math.sin(turn) / zoom,
      shiftX: around(0, limits.shift),
      shiftY: around(1, limits.shift),
    });
    const contrast = 1 + around(4, limits.contrast);
    const strength = limits.noise * (draw[5] ?? 0);
    const from = Math.floor((draw[6] ?? 0) * (noise.length - length));
    for (let i = 0; i < length; i++) {
      const brightness = around(7 + (i % 3), limits.brightness);
      target[i] = (target[i] ?? 0) * contrast + brightness + strength * (noise[from + i] ?? 0);
    }
  }
  return out;
}

/** Normal draws, made once: each picture takes a random stretch of them. */
let noiseBank: Float32Array | undefined;
function noiseOf(seed: number): Float32Array {
  noiseBank ??= randomNormal({ seed, purpose: 'noise', step: 0 }, 2 ** 20);
  return noiseBank;
}

interface Placement {
  readonly cosine: number;
  readonly sine: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Bilinear, edges repeated: each target pixel looks up its place in the source. */
function resample(bytes: Uint8Array, size: number, target: Float32Array, placement: Placement): void {
  const { cosine, sine, shiftX, shiftY } = placement;
  const middle = (size - 1) / 2;
  const clamp = (value: number) => Math.min(size - 1, Math.max(0, value));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [x - middle - shiftX, y - middle - shiftY];
      const sourceX = clamp(middle + cosine * dx + sine * dy);
      const sourceY = clamp(middle - sine * dx + cosine * dy);
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [right, bottom] = [clamp(left + 1), clamp(top + 1)];
      const [shareX, shareY] = [sourceX - left, sourceY - top];
      for (let channel = 0; channel < 3; channel++) {
        const at = (row: number, column: number) => bytes[(row * size + column) * 3 + channel] ?? 0;
        const upper = at(top, left) * (1 - shareX) + at(top, right) * shareX;
        const lower = at(bottom, left) * (1 - shareX) + at(bottom, right) * shareX;
        target[(y * size + x) * 3 + channel] = (upper * (1 - shareY) + lower * shareY) / 127.5 - 1;
      }
    }
  }
}
