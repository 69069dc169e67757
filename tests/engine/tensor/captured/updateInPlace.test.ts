/** A captured AdamW works in its variables' memory: nobody who read them before may see it. */
import { expect } from 'vitest';

import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { adamWUpdates } from '../../../../engine/tensor/fused.ts';
import { createResidentState, named, type NamedTensors } from '../../../../engine/tensor/residentState.ts';
import { Step, type StepMode } from '../../../../engine/tensor/step.ts';
import { cumprod, dispose, scalar, tensor1d, type Tensor } from '../../../../engine/tensor/tf.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

/** Returns the weight as it was, beside its update by the gradient that is fed. */
function startUpdating(mode: StepMode) {
  const initial = { weight: tensor1d([1, -2, 3]), first: tensor1d([0, 0, 0]), second: tensor1d([0, 0, 0]) };
  const state = createResidentState(initial);
  dispose(initial);
  const run = (values: NamedTensors, feeds: NamedTensors) => {
    const [weight, first, second] = ['weight', 'first', 'second'].map((name) => named(values, name)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const { result } = adamWUpdates(
      { result: { weight, first, second, gradient: named(feeds, 'gradient') } },
      {
        ...{ schedule: tensor1d([0.1, 0.5, 0.5, 0]), gradientNorm: scalar(0.5) },
        ...{ weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 1 },
      },
    );
    if (!result) throw new Error('no update');
    return {
      outputs: { before: weight },
      next: { weight: result.weight, first: result.first, second: result.second },
    };
  };
  return { state, step: new Step({ name: 'update', state, run }, mode) };
}

const valuesOf = (tensors: NamedTensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));

nativeTest(
  'an update in place leaves what was read before as it was, and ends where an eager one does',
  async () => {
    await activateBackend('tensorflow');
    const [captured, eager] = [startUpdating('auto'), startUpdating('eager')];
    const gradient = tensor1d([0.5, -0.25, 2]);
    for (let i = 0; i < 3; i++) {
      const earlier = captured.state.read();
      const [before, outputs] = [valuesOf(earlier), captured.step.run({ gradient })];
      expect(captured.step.eagerBecause).toBeUndefined();
      expect(valuesOf(earlier)).toEqual(before);
      expect([...named(outputs, 'before').dataSync()]).toEqual(before['weight']);
      const expected = eager.step.run({ gradient });
      const [after, right] = [captured.state.read(), eager.state.read()];
      expect(valuesOf(after)).toEqual(valuesOf(right));
      expect(valuesOf(after)['weight']).not.toEqual(before['weight']);
      dispose([earlier, outputs, expected, after, right]);
    }
    gradient.dispose();
    for (const { step, state } of [captured, eager]) {
      step.dispose();
      state.dispose();
    }
  },
);

nativeTest('an update that has run before works on what was written or changed elsewhere since', async () => {
  await activateBackend('tensorflow');
  const [captured, eager] = [startUpdating('auto'), startUpdating('eager')];
  const gradient = tensor1d([0.5, -0.25, 2]);
  const written = { weight: tensor1d([7, 8, 9]) };
  for (const { step, state } of [captured, eager]) {
    const elsewhere = new Step({
      ...{ name: 'elsewhere', state, uses: ['first'] },
      // A cumulative product is no program's operation: TensorFlow gives the variable other memory.
      run: (values) => ({ outputs: {}, next: { first: cumprod(named(values, 'first')) } }),
    });
    for (let i = 0; i < 3; i++) dispose(step.run({ gradient }));
    state.write(written);
    for (let i = 0; i < 3; i++) dispose(step.run({ gradient }));
    elsewhere.run({});
    for (let i = 0; i < 3; i++) dispose(step.run({ gradient }));
    elsewhere.dispose();
  }
  const [after, right] = [captured.state.read(), eager.state.read()];
  expect(valuesOf(after)).toEqual(valuesOf(right));
  dispose([gradient, written, after, right]);
  for (const { step, state } of [captured, eager]) {
    step.dispose();
    state.dispose();
  }
});
