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
    rmSync(cache, { recursive: true });
  };
});

describe('auto', () => {
  test.each([
    [{ float32: 100, bfloat16: 60, gradientError: 0.008 }, 'bfloat16', /0\.60 of float32's time.*0\.8 %/],
    [{ float32: 100, bfloat16: 95, gradientError: 0.008 }, 'float32', /0\.95/],
    [{ float32: 100, bfloat16: 164, gradientError: 0.008 }, 'float32', /1\.64/],
    [{ float32: 100, bfloat16: 50, gradientError: 0.03 }, 'float32', /3\.0 %/],
    [{ float32: 100, bfloat16: 50, gradientError: NaN }, 'float32', /NaN/],
  ])('of %j takes %s', (measurement, products, reason) => {
    expect(judge(measurement)).toEqual({ products, reason: expect.stringMatching(reason) as unknown });
  });

  nativeTest('measures once a device, and keeps what it measured', async () => {
    await activateBackend('tensorflow');
    vi.stubEnv('STILLROOM_CACHE', cache);
    await choosePrecision('auto');
    const [file = ''] = readdirSync(join(cache, 'precision'));
    const path = join(cache, 'precision', file);
    expect(judge(JSON.parse(readFileSync(path, 'utf8')) as never)).toEqual(await choosePrecision('auto'));
    writeFileSync(path, JSON.stringify({ float32: 9, bfloat16: 3, gradientError: 0 }));
    expect((await choosePrecision('auto')).products).toBe('bfloat16');
    writeFileSync(path, '{');
    expect((await choosePrecision('auto')).reason).toContain('as measured');
  });

  nativeTest('leaves no tensor behind, and finds gradients within what 8 bits allow', async () => {
    await activateBackend('tensorflow');
    await assertNoLeaks(async () => {
      const { gradientError } = await measurePrecisions({ batch: 2, tokens: 16, width: 32 });
      expect(gradientError).toBeGreaterThan(2 ** -12);
      expect(gradientError).toBeLessThan(0.02);
    });
  });
});

describe('asked for', () => {
  test('wasm computes in float32, and says that it has no bfloat16', async () => {
    await activateBackend('wasm');
    expect((await choosePrecision('auto')).products).toBe('float32');
    expect((await choosePrecision('float32')).products).toBe('float32');
    await expect(choosePrecision('bfloat16')).rejects.toMatchObject({ code: 'engine-unavailable' });
  });

  const rounded = (values: Float32Array) => toFloat32(fromFloat32(values, [values.length], 'BF16'));

  nativeTest.each([{ batches: 1 }, { batches: 3 }])(
    'bfloat16 rounds the factors of $batches products, and nothing else',
    async ({ batches }) => {
      await activateBackend('tensorflow');
      const [rows, depth, columns] = [5, 40, 7];
      const draw = (index: number, length: number) =>
        randomNormal({ seed: 1, purpose: 'data', step: 0, index }, length);
      const [a, b] = [draw(0, batches * rows * depth), draw(1, batches * columns * depth)];
      const weights = { b: tensor(b, [batches, columns, depth]) };
      const state = createResidentState(weights);
      const feeds = { a: tensor(a, [batches, rows, depth]) };
      const step = new Step({
        name: 'product',
        state,
        products: 'bfloat16',
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
      const [nearA, nearB] = [rounded(a), rounded(b)];
      let roundings = 0;
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
        // The result is rounded to 8 bits once, its sum within float32.
        expect(Math.abs(value - near)).toBeLessThanOrEqual(2 ** -8 * Math.abs(near) + 1e-6 * size);
        if (Math.abs(value - exact) > 1e-5 * size) roundings++;
      });
      expect(roundings).toBeGreaterThan(product.length / 2);
      step.dispose();
      state.dispose();
      dispose([weights, feeds, outputs]);
    },
  );

  nativeTest(
    'a distillation in bfloat16 keeps float32 weights, and a first gradient within 5 % of float32',
    async () => {
      await activateBackend('tensorflow');
      const [wide, narrow] = (['float32', 'bfloat16'] as const).map((precision) =>
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
      expect(error).toBeGreaterThan(1e-5);
      // More than one product's rounding: CA is a difference of predictions.
      expect(error).toBeLessThan(0.05);
      const { 'student.blocks.0.attn.qkv.weight': weight = new Float32Array() } = await stateValues(narrow);
      expect([...rounded(weight)]).not.toEqual([...weight]);
      wide.dispose();
      narrow.dispose();
    },
  );
});
