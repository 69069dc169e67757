import { expect } from 'vitest';

import { memoryInfo } from '../../../engine/tensor/memory.ts';
import { dispose, scalar, type Tensor } from '../../../engine/tensor/tf.ts';
import { Ahead } from '../../../engine/training/ahead.ts';
import { onEachBackend } from '../../support/backends.ts';

const numberIn = ({ parts }: { parts: Tensor[] }) => parts[0]?.dataSync()[0];

onEachBackend((run) => {
  run('an iteration takes what was drawn for it and nothing else, and nothing is left behind', () => {
    const before = memoryInfo().tensors;
    const drawn: number[] = [];
    const ahead = new Ahead((iteration) => {
      drawn.push(iteration);
      return { parts: [scalar(iteration)] };
    });
    ahead.prepare(1);
    const taken = [1, 2].map((iteration) => ahead.take(iteration));
    ahead.prepare(3);
    taken.push(ahead.take(7));
    ahead.prepare(8);
    ahead.prepare(9);
    ahead.dispose();
    expect(taken.map(numberIn)).toEqual([1, 2, 7]);
    expect(drawn).toEqual([1, 2, 3, 7, 8, 9]);
    dispose(taken);
    expect(memoryInfo().tensors).toBe(before);
  });
});
