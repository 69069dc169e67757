import { describe, expect } from 'vitest';

import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { memoryInfo } from '../../../engine/tensor/memory.ts';
import { createResidentState, named, type NamedTensors } from '../../../engine/tensor/residentState.ts';
import { Step, type StepDefinition } from '../../../engine/tensor/step.ts';
import { dispose, scalar, sum, tensor1d, tidy } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

type Run = StepDefinition['run'];

/** total ← total + x; the output is the new total and twice the old one. */
const accumulate: Run = (state, feeds) => {
  const old = named(state, 'total');
  const total = old.add(named(feeds, 'x'));
  return { outputs: { sum: sum(total), twice: old.mul(2) }, next: { total } };
};

function newStep(run: Run) {
  const initial = tensor1d([1, 2]);
  const state = createResidentState({ total: initial });
  initial.dispose();
  return { state, step: new Step({ name: 'test step', state, run }) };
}

async function valuesOf(tensors: NamedTensors): Promise<Record<string, number[]>> {
  const entries = Object.entries(tensors).map(
    async ([name, t]) => [name, Array.from(await t.data())] as const,
  );
  const values = Object.fromEntries(await Promise.all(entries));
  dispose(tensors);
  return values;
}

describe('a step', () => {
  onEachBackend((run, backend) => {
    run('reads, computes and updates its state, each run from where the last one ended', async () => {
      const { state, step } = newStep(accumulate);
      const x = tensor1d([10, 20]);
      expect(await valuesOf(step.run({ x }))).toEqual({ sum: [33], twice: [2, 4] });
      expect(await valuesOf(step.run({ x }))).toEqual({ sum: [63], twice: [22, 44] });
      expect(await valuesOf(state.read())).toEqual({ total: [21, 42] });
      expect(step.eagerBecause === undefined).toBe(backend === 'tensorflow');
      // A feed of another shape is another graph on the same state.
      const one = scalar(1);
      expect(await valuesOf(step.run({ x: one }))).toEqual({ sum: [65], twice: [42, 84] });
      step.dispose();
      state.dispose();
      dispose([x, one]);
    });

    run('begun several times runs in that order, and who reads the state waits for it', async () => {
      const { state, step } = newStep(accumulate);
      const ends = [1, 10, 100].map((value) => {
        const x = tensor1d([value, value]);
        const end = step.begin({ x });
        x.dispose();
        return end;
      });
      expect(await valuesOf(state.read())).toEqual({ total: [112, 113] });
      const results = await Promise.all(ends.map((end) => valuesOf(end())));
      expect(results.map(({ sum }) => sum)).toEqual([[5], [25], [225]]);
      step.dispose();
      state.dispose();
    });

    run('chained several times feeds each its outputs before it has run', async () => {
      const { state, step } = newStep(accumulate);
      let x = tensor1d([1, 2]);
      const before = memoryInfo();
      // A program gives its outputs at once from its second run on.
      const ends = [1, 2, 3, 4].map(() => {
        const { outputs, end } = step.chain({ x });
        x.dispose();
        x = named(outputs, 'twice') as typeof x;
        named(outputs, 'sum').dispose();
        return end;
      });
      for (const end of ends) end();
      // Twice the total before it each time: [2, 4], [4, 8], [8, 16], [16, 32].
      expect(Array.from(await x.data())).toEqual([16, 32]);
      expect(await valuesOf(state.read())).toEqual({ total: [16, 32] });
      expect(memoryInfo().tensors).toBe(before.tensors);
      step.dispose();
      state.dispose();
      x.dispose();
    });

    run('has a state of its own memory, whatever array it was made of', async () => {
      // Arrays of some places in memory are not copied when they become tensors.
      const arrays = Array.from({ length: 64 }, (_, i) => new Float32Array(3 + i).fill(1));
      const initial = Object.fromEntries(arrays.map((array, i) => [`value${i}`, tensor1d(array)]));
      const state = createResidentState(initial);
      dispose(initial);
      for (const array of arrays) array.fill(2);
      const values = await valuesOf(state.read());
      expect(new Set(Object.values(values).flat())).toEqual(new Set([1]));
      state.dispose();
    });

    run('leaves nothing behind but its outputs', () => {
      const { state, step } = newStep(accumulate);
      const x = tensor1d([1, 1]);
      dispose(step.run({ x }));
      const before = memoryInfo();
      for (let i = 0; i < 5; i++) dispose(step.run({ x }));
      const after = memoryInfo();
      expect([after.tensors, after.nativeTensors]).toEqual([before.tensors, before.nativeTensors]);
      step.dispose();
      state.dispose();
      x.dispose();
    });
  });

  nativeTest.each([
    {
      what: 'reads a tensor back',
      reason: 'reads a tensor back',
      run: ((state, feeds) => {
        const host = named(feeds, 'x').dataSync()[0] ?? 0;
        return { outputs: { y: named(state, 'total').mul(host) } };
      }) satisfies Run,
      expected: [10, 20],
    },
    {
      what: 'makes a host array',
      reason: 'a host array of shape [100]',
      run: ((state) => ({
        outputs: { y: named(state, 'total').mul(sum(tensor1d(Array.from({ length: 100 }, (_, i) => i)))) },
      })) satisfies Run,
      expected: [4950, 9900],
    },
  ])('that $what runs eagerly, rightly, and says why', async ({ run, reason, expected }) => {
    await activateBackend('tensorflow');
    const { state, step } = newStep(run);
    const x = tensor1d([10, 20]);
    expect(await valuesOf(step.run({ x }))).toEqual({ y: expected });
    expect(step.eagerBecause).toContain(reason);
    // The backend computes as before.
    expect(tidy(() => x.add(1).dataSync())).toEqual(Float32Array.from([11, 21]));
    step.dispose();
    state.dispose();
    x.dispose();
  });
});
