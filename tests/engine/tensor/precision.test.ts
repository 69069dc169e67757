import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { assertNoLeaks } from '../../../engine/tensor/memory.ts';
import { choosePrecision, judge, measurePrecisions } from '../../../engine/tensor/precision.ts';
import { createResidentState, named } from '../../../engine/tensor/residentState.ts';
import { Step } from '../../../engine/tensor/step.ts';
import { dispose, tensor } from '../../../engine/tensor/tf.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';
import { fromFloat32, toFloat32 } from '../../../engine/training/halfPrecision.ts';
import { nativeTest } from '../../support/nativeEngine.ts';
import { createToyTrainer, iterate, stateValues } from '../../support/toyDistillation.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'precision-'));
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(cache, { recursive: true });
  };
});

describe('auto', () => {
  const measured = (products: 'bfloat16' | 'float16', milliseconds: number, gradientError: number) => ({
    ...{ products, milliseconds, gradientError },
  });
  test.each([
    [[measured('bfloat16', 60, 0.008)], 'bfloat16', /0\.60 of float32's time.*0\.8 %/],
    [[measured('bfloat16', 95, 0.008)], 'float32', /0\.95/],
    [[measured('bfloat16', 164, 0.008)], 'float32', /1\.64/],
    [[measured('bfloat16', 50, 0.03)], 'float32', /3\.0 %/],
    [[measured('bfloat16', 50, NaN)], 'float32', /NaN/],
    [[measured('bfloat16', 300, 0.008), measured('float16', 70, 0.001)], 'float16', /3\.00.*0\.70/],
    [[measured('bfloat16', 300, 0.008), measured('float16', 500, 0.001)], 'float32', /3\.00.*5\.00/],
    [[{ products: 'bfloat16', failure: 'no such product' }], 'float32', /bfloat16 fails \(no such product\)/],
  ] as const)('of %j takes %s', (narrow, products, reason) => {
    expect(judge({ float32: 100, narrow: [...narrow] })).toEqual({
      ...{ products, reason: expect.stringMatching(reason) as unknown },
    });
  });

  nativeTest('measures once a device, and keeps what it measured', async () => {
    await activateBackend('tensorflow');
    vi.stubEnv('STILLROOM_CACHE', cache);
    const [first, second] = await Promise.all([choosePrecision('auto'), choosePrecision('auto')]);
    expect(second).toEqual(first);
    const [file = ''] = readdirSync(join(cache, 'precision'));
    const path = join(cache, 'precision', file);
    expect(judge(JSON.parse(readFileSync(path, 'utf8')) as never)).toEqual(await choosePrecision('auto'));
    writeFileSync(path, JSON.stringify({ float32: 9, narrow: [measured('bfloat16', 3, 0)] }));
    expect((await choosePrecision('auto')).products).toBe('bfloat16');
    writeFileSync(path, '{');
    expect((await choosePrecision('auto')).reason).toContain('as measured');
  });

  nativeTest.each([
    ['bfloat16', 2 ** -9, 2 ** -5],
    ['float16', 2 ** -12, 2 ** -8],
  ] as const)(
    'leaves no tensor behind, and finds gradients within what the bits of %s allow',
    async (type, least, most) => {
      await activateBackend('tensorflow');
      await assertNoLeaks(async () => {
        const { narrow } = await measurePrecisions({ batch: 2, tokens: 16, width: 32 }, [type]);
        const errors = narrow.map((one) => ('gradientError' in one ? one.gradientError : NaN));
        expect(narrow).toMatchObject([{ products: type }]);
        expect(errors[0]).toBeGreaterThan(least);
        expect(errors[0]).toBeLessThan(most);
      });
    },
  );

  nativeTest('measures float16 where a device refuses products in bfloat16', async () => {
    await activateBackend('tensorflow');
    const run = Reflect.get<typeof Step.prototype, 'run'>(Step.prototype, 'run');
    vi.spyOn(Step.prototype, 'run').mockImplementation(function (this: Step, feeds) {
      if (this['definition'].products === 'bfloat16') throw new Error('no such product');
      return run.call(this, feeds);
    });
    const { narrow } = await measurePrecisions({ batch: 2, tokens: 16, width: 32 }, ['bfloat16', 'float16']);
    expect(narrow).toEqual([
      { products: 'bfloat16', failure: 'no such product' },
      {
        products: 'float16',
        milliseconds: expect.any(Number) as unknown,
        gradientError: expect.any(Number) as unknown,
      },
    ]);
  });
});

describe('asked for', () => {
  test('wasm computes in float32, and says that it has nothing narrower', async () => {
    await activateBackend('wasm');
    expect((await choosePrecision('auto')).products).toBe('float32');
    expect((await choosePrecision('float32')).products).toBe('float32');
    for (const asked of ['bfloat16', 'float16'] as const)
      await expect(choosePrecision(asked)).rejects.toMatchObject({
        code: 'engine-unavailable',
        message: expect.stringContaining(`asks for ${asked}`) as unknown,
      });
  });

  const rounded = (values: Float32Array, type: 'BF16' | 'F16' = 'BF16') =>
    toFloat32(fromFloat32(values, [values.length], type));
  /** As float16 holds what was divided by four times the largest magnitude. */
  const scaledAndRounded = (values: Float32Array) => {
    const scale = 4 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return rounded(
      values.map((value) => value / scale),
      'F16',
    ).map((value) => value * scale);
  };

  nativeTest.each([
    { products: 'bfloat16', batches: 1, magnitude: 1, round: rounded, bits: 8, roundings: 2 },
    { products: 'bfloat16', batches: 3, magnitude: 1, round: rounded, bits: 8, roundings: 2 },
    { products: 'float16', batches: 1, magnitude: 1, round: scaledAndRounded, bits: 11, roundings: 1 },
    // Gradients of a mean over many elements, which float16 by itself takes for zero; and values that it takes for infinite.
    { products: 'float16', batches: 3, magnitude: 1e-10, round: scaledAndRounded, bits: 11, roundings: 1 },
    { products: 'float16', batches: 3, magnitude: 1e6, round: scaledAndRounded, bits: 11, roundings: 1 },
  ] as const)(
    '$products rounds the factors of $batches products of magnitude $magnitude, and nothing else',
    async ({ products, batches, magnitude, round, bits, roundings }) => {
      await activateBackend('tensorflow');
      const [rows, depth, columns] = [5, 40, 7];
      const draw = (index: number, length: number) =>
        randomNormal({ seed: 1, purpose: 'data', step: 0, index }, length);
      const a = draw(0, batches * rows * depth).map((value) => value * magnitude);
      const b = draw(1, batches * columns * depth);
      const weights = { b: tensor(b, [batches, columns, depth]) };
      const state = createResidentState(weights);
      const feeds = { a: tensor(a, [batches, rows, depth]) };
      const step = new Step({
        name: 'product',
        state,
        products,
        run: (values, inputs) => {
          const b = named(values, 'b');
          return { outputs: { product: named(inputs, 'a').matMul(b, false, true), sum: b.add(2 ** -20) } };
        },
      });
      const outputs = step.run(feeds);
      expect(step.eagerBecause).toBeUndefined();
      const product = await named(outputs, 'product').data();
      const sum = await named(outputs, 'sum').data();
      expect([...sum]).toEqual([...b.map((value) => value + 2 ** -20)]);
      const [nearA, nearB] = [round(a), round(b)];
      let different = 0;
      product.forEach((value, i) => {
        const [batch, row, column] = [
          Math.floor(i / rows / columns),
          Math.floor(i / columns) % rows,
          i % columns,
        ];
        let [near, exact, size] = [0, 0, 0];
        for (let k = 0; k < depth; k++) {
          const [x, y] = [(batch * rows + row) * depth + k, (batch * columns + column) * depth + k];
          near += (nearA[x] ?? NaN) * (nearB[y] ?? NaN);
          exact += (a[x] ?? NaN) * (b[y] ?? NaN);
          size += Math.abs((a[x] ?? NaN) * (b[y] ?? NaN));
        }
        // The result is rounded to so many bits once, its sum within float32; by processors without products in bfloat16
        // once more on the way.
        expect(Math.abs(value - near)).toBeLessThanOrEqual(
          roundings * 2 ** -bits * Math.abs(near) + 1e-6 * size,
        );
        if (Math.abs(value - exact) > 2 ** -bits * 3e-3 * size) different++;
      });
      expect(different).toBeGreaterThan(product.length / 2);
      step.dispose();
      state.dispose();
      dispose([weights, feeds, outputs]);
    },
  );

  // More than one product's rounding: CA is a difference of predictions.
  nativeTest.each([
    ['bfloat16', 1e-5, 0.05],
    ['float16', 1e-6, 0.01],
  ] as const)(
    'a distillation in %s keeps float32 weights, and a first gradient between %d and %d off float32',
    async (type, least, most) => {
      await activateBackend('tensorflow');
      const [wide, narrow] = (['float32', type] as const).map((precision) =>
        createToyTrainer(
          parseRecipe({ training: { batch: 8, precision }, distributionMatching: { weight: 0 } }),
          'dit',
        ),
      );
      if (!wide || !narrow) throw new Error('two trainers were made');
      const gradients = async (trainer: typeof wide) => {
        await iterate(trainer, 0, 1);
        const values = Object.entries(await stateValues(trainer));
        // β₁ is 0, so the first moment is the gradient.
        return values.filter(([name]) => name.startsWith('studentAdam.first')).flatMap(([, v]) => [...v]);
      };
      const [expected, actual] = [await gradients(wide), await gradients(narrow)];
      const norm = (values: readonly number[]) => Math.hypot(...values);
      const error = norm(actual.map((value, i) => value - (expected[i] ?? NaN))) / norm(expected);
      expect(error).toBeGreaterThan(least);
      expect(error).toBeLessThan(most);
      const { 'student.blocks.0.attn.qkv.weight': weight = new Float32Array() } = await stateValues(narrow);
      expect([...rounded(weight, type === 'float16' ? 'F16' : 'BF16')]).not.toEqual([...weight]);
      wide.dispose();
      narrow.dispose();
    },
  );
});
