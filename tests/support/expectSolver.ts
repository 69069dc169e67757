/** A teacher's solver against its golden: every state of four steps, plain and guided. */
import type { test } from 'vitest';

import { fill, stack, type Rank, type Tensor, type Tensor1D } from '../../engine/tensor/tf.ts';
import { eulerStep, type SolverStep } from '../../engine/sampling/euler.ts';
import { Golden } from './golden.ts';
import { denoiserOf, families, type ModelHeader } from './goldenModel.ts';

/** `step` runs up to t = 1 for Euler; Heun's last step is Euler's, since the velocity ends before 1. */
export function expectSolver(run: typeof test, solver: 'euler' | 'heun', step: SolverStep): void {
  const kinds = families.flatMap((family) => ['plain', 'guided'].map((kind) => ({ family, kind })));
  run.each(kinds)('$family, $kind: each of four steps', async ({ family, kind }) => {
    const golden = new Golden<ModelHeader>(`flow-${family}`);
    const denoiser = denoiserOf(golden);
    const weights = golden.named('weights');
    const condition = golden.condition();
    const scale =
      kind === 'guided'
        ? golden.tensor('in.scale').reshape([-1, ...denoiser.network.sampleShape.map(() => 1)])
        : undefined;
    const times = Array.from(golden.values('times'));
    const states: Tensor[] = [];
    let x = golden.tensor('in.noise');
    for (const [k, next] of times.slice(1).entries()) {
      const [from, to] = [times[k] ?? 0, next].map((time) => fill<Rank.R1>([4], time)) as [
        Tensor1D,
        Tensor1D,
      ];
      const advance = next < 1 ? step : eulerStep;
      x = advance(denoiser, weights, x, from, to, condition, scale);
      states.push(x);
    }
    await golden.expectTensor(stack(states), `${solver}.${kind}`);
  });
}
