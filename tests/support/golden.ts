/** Reads what `tests/goldens/makeGoldens.py` wrote, and compares with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

import type { Condition } from '../../engine/model/network.ts';
import type { NamedTensors } from '../../engine/tensor/residentState.ts';
import { tensor, tensor1d, type Tensor, type Tensor1D, type Tensor2D } from '../../engine/tensor/tf.ts';
import { parseSafetensors, type ArrayRecord } from '../../engine/training/safetensors.ts';

const folder = join(import.meta.dirname, '../goldens/engine');

/** Largest difference over the largest value that is wanted. */
const TOLERANCE = 1e-4;
/** What float32 makes of a zero. */
const FLOOR = 1e-7;

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what = 'values',
  tolerance = TOLERANCE,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  const wanted = Array.from(expected);
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = wanted.reduce((most, value, i) => {
    const distance = Math.abs((actual[i] ?? NaN) - value);
    return Number.isNaN(distance) ? Infinity : Math.max(most, distance);
  }, 0);
  expect(worst, `${what}: largest difference`).toBeLessThanOrEqual(tolerance * largest + FLOOR);
}

/** `H` is the type of the header that the script wrote. */
export class Golden<H> {
  readonly header: H;
  private readonly arrays: ReadonlyMap<string, ArrayRecord>;

  constructor(name: string) {
    const { arrays, metadata } = parseSafetensors(readFileSync(join(folder, `${name}.safetensors`)));
    this.arrays = arrays;
    this.header = JSON.parse(metadata['golden'] ?? '{}') as H;
  }

  has(path: string): boolean {
    return this.arrays.has(path);
  }

  values(path: string): Float32Array | Int32Array {
    const { dtype, data } = this.record(path);
    const bytes = new Uint8Array(data).buffer;
    return dtype === 'I32' ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  /** The caller disposes it. */
  tensor(path: string): Tensor {
    const { dtype, shape } = this.record(path);
    return tensor(this.values(path), [...shape], dtype === 'I32' ? 'int32' : 'float32');
  }

  /** Times and scales, (B). */
  vector(path: string): Tensor1D {
    return tensor1d(this.values(path), 'float32');
  }

  /** The rows of the first axis as tensors. */
  rows(path: string): Tensor[] {
    const { shape } = this.record(path);
    const [count = 0, ...rest] = shape;
    const values = this.values(path);
    const length = values.length / count;
    return Array.from({ length: count }, (_, i) =>
      tensor(values.slice(i * length, (i + 1) * length), rest, 'float32'),
    );
  }

  /** Names directly or deeper under `prefix.`, without it. */
  names(prefix: string): string[] {
    const start = `${prefix}.`;
    return [...this.arrays.keys()]
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length));
  }

  named(prefix: string): NamedTensors {
    return Object.fromEntries(this.names(prefix).map((name) => [name, this.tensor(`${prefix}.${name}`)]));
  }

  /** The batch's condition, of the arrays `in.classes` and `in.captions`. */
  condition(): Condition {
    const classes = this.values('in.classes');
    return {
      classes: tensor1d(classes, 'int32'),
      ...(this.has('in.captions') && {
        captions: this.tensor('in.captions') as Tensor2D,
      }),
    };
  }

  async expectTensor(actual: Tensor | undefined, path: string): Promise<void> {
    if (!actual) throw new Error(`nothing was computed for ${path}`);
    expect(actual.shape, `${path}: shape`).toEqual([...this.record(path).shape]);
    expectClose(await actual.data(), this.values(path), path);
  }

  /** Exactly the golden's names, each with its values. */
  async expectNamed(actual: NamedTensors, prefix: string): Promise<void> {
    expect(Object.keys(actual).sort()).toEqual(this.names(prefix).sort());
    for (const [name, value] of Object.entries(actual)) await this.expectTensor(value, `${prefix}.${name}`);
  }

  private record(path: string): ArrayRecord {
    const record = this.arrays.get(path);
    if (!record) throw new Error(`the golden has no ${path}`);
    return record;
  }
}
