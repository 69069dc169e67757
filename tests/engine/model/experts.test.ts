import { describe, expect } from 'vitest';
import { createExperts } from '../../../engine/model/experts.ts';
import { createNetwork } from '../../../engine/model/registry.ts';
import { initialValues, prefixed, toTensors } from '../../../engine/model/parameters.ts';
import { fill, tensor1d, tensor2d, type Rank } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';

describe('several experts as one network', () => {
  onEachBackend((run) => {
    run('the last expert whose time has come answers alone', async () => {
      const network = createNetwork({ family: 'mlp', dimensions: 2, width: 8, layers: 2, classes: 3 });
      const own = [1, 2, 3].map((seed) =>
        Object.fromEntries(
          Object.entries(toTensors(network.specs, initialValues(network.specs, seed))).map(
            ([name, weight]) => [name, weight.add(seed / 10)],
          ),
        ),
      );
      const starts = [0, 1 / 3, 0.75];
      const experts = createExperts(network, starts);
      const weights = Object.assign(
        {},
        ...own.map((of, i) => prefixed(`experts.${i}`, of)),
      ) as (typeof own)[0];
      expect(Object.keys(experts.specs).sort()).toEqual(Object.keys(weights).sort());
      const x = tensor2d([
        [0.5, -1],
        [2, 0.1],
      ]);
      const condition = { classes: tensor1d([0, 2], 'int32') };
      for (const [time, index] of [
        [0, 0],
        [0.3, 0],
        [1 / 3, 1],
        [0.74, 1],
        [0.75, 2],
        [1, 2],
      ] as const) {
        const t = fill<Rank.R1>([2], time);
        const answered = await experts.apply(weights, x, t, condition).data();
        expect(answered, `t = ${time}`).toEqual(
          await network.apply(own[index] ?? {}, x, t, condition).data(),
        );
      }
    });
  });
});
