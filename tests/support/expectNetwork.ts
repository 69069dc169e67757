/** A network family against its golden: outputs and the gradient of every parameter. */
import { describe, expect } from 'vitest';

import { createNetwork } from '../../engine/model/registry.ts';
import { emptyCondition, type Condition, type Network } from '../../engine/model/network.ts';
import { sum, type Scalar } from '../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../engine/training/gradients.ts';
import { onEachBackend } from './backends.ts';
import { Golden } from './golden.ts';
import type { ModelHeader } from './goldenModel.ts';

const conditions = [
  {
    name: 'conditioned',
    of: (golden: Golden<ModelHeader>): Condition => golden.condition(),
  },
  {
    name: 'empty',
    of: (_: Golden<ModelHeader>, network: Network): Condition => emptyCondition(network.conditioning, 4),
  },
] as const;

export function expectNetworkLikeGolden(family: 'mlp' | 'dit'): void {
  describe(`${family} computes what torch does`, () => {
    onEachBackend((run) => {
      run.each(conditions)('$name: the output and the gradient of each parameter', async ({ name, of }) => {
        const golden = new Golden<ModelHeader>(family);
        const network = createNetwork(golden.header.network);
        const weights = golden.named('weights');
        expect(Object.keys(weights).sort()).toEqual(Object.keys(network.specs).sort());
        const [x, t] = [golden.tensor('in.x'), golden.vector('in.t')];
        const direction = golden.tensor('in.direction');
        const condition = of(golden, network);
        await golden.expectTensor(network.apply(weights, x, t, condition), `${name}.output`);
        const { gradients } = lossAndGradients(weights, (parameters) =>
          sum<Scalar>(network.apply(parameters, x, t, condition).mul(direction)),
        );
        await golden.expectNamed(gradients, `${name}.gradient`);
      });
    });
  });
}
