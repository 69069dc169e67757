import { expect, test } from 'vitest';

import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { fuseElementwise } from '../../../../engine/tensor/captured/fuseElementwise.ts';
import { attribute, dataTypes, type GraphNode } from '../../../../engine/tensor/captured/graphDef.ts';
import { createResidentState, named, type NamedTensors } from '../../../../engine/tensor/residentState.ts';
import { Step, type StepMode } from '../../../../engine/tensor/step.ts';
import * as tf from '../../../../engine/tensor/tf.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

const float32 = { T: attribute.type(dataTypes.float32) };
const shape = [2, 3];

function fuse(nodes: readonly GraphNode[], shapes: Record<string, readonly number[]> = {}) {
  const shapeOf = (name: string) => shapes[name] ?? shape;
  return fuseElementwise(nodes, new Map(nodes.map(({ name }) => [name, shapeOf(name)])));
}

const node = (name: string, op: string, ...inputs: string[]): GraphNode => ({
  name,
  op,
  inputs,
  attributes: float32,
});
const feed: GraphNode = { name: 'x', op: 'Placeholder' };

test('a chain is one node, of which only what others read is a result', () => {
  const fused = fuse([
    feed,
    node('a', 'Add', 'x', 'x'),
    node('b', 'Neg', 'a'),
    node('output', 'Identity', 'b'),
  ]);
  expect(fused.map(({ op }) => op)).toEqual(['Placeholder', 'Identity', 'StillroomElementwise']);
  expect(fused[1]?.inputs).toEqual(['a/fused']);
  expect(fused[2]).toMatchObject({ inputs: ['x'], attributes: { N: attribute.int(1), M: attribute.int(1) } });
});

test('what another operation comes between is not run together', () => {
  const nodes = [
    ...[feed, node('a', 'Add', 'x', 'x'), node('b', 'Neg', 'a')],
    ...[node('sum', 'Softmax', 'b'), node('c', 'Mul', 'sum', 'a'), node('d', 'Square', 'c')],
    node('output', 'Identity', 'd', '^b'),
  ];
  const fused = fuse(nodes).filter(({ op }) => op === 'StillroomElementwise');
  expect(fused.map(({ name, inputs }) => [name, inputs])).toEqual([
    ['a/fused', ['x']],
    ['c/fused', ['sum', 'a/fused']],
  ]);
  expect(fuse(nodes).find(({ op }) => op === 'Softmax')?.inputs).toEqual(['a/fused:1']);
  expect(fuse(nodes).find(({ op }) => op === 'Identity')?.inputs).toEqual(['c/fused', '^a/fused']);
});

test('large tensors, other types and shapes that repeat within keep their operations', () => {
  const whole = { ...node('b', 'Neg', 'a'), attributes: { T: attribute.type(dataTypes.int32) } };
  const count = (nodes: GraphNode[], shapes = {}) =>
    fuse(nodes, shapes).filter(({ op }) => op === 'StillroomElementwise').length;
  expect(count([feed, node('a', 'Neg', 'x'), whole])).toBe(0);
  const large = [80, 80];
  const chain = [feed, node('a', 'Neg', 'x'), node('b', 'Neg', 'a')];
  expect(count(chain, { x: large, a: large, b: large })).toBe(0);
  const [middle, around] = [
    [2, 1, 3],
    [2, 4, 3],
  ];
  const broadcast = [feed, node('a', 'Add', 'x', 'x'), node('b', 'Neg', 'a')];
  expect(count(broadcast, { x: middle, a: around, b: around })).toBe(0);
});

/** Every operation that is run together, over rows, columns and scalars, with a product between. */
function startStep(mode: StepMode) {
  const state = createResidentState({ none: tf.scalar(0) });
  const run = (_: NamedTensors, feeds: NamedTensors) => {
    const [x, row, column] = [named(feeds, 'x'), named(feeds, 'row'), named(feeds, 'column')];
    const scale = tf.rsqrt(row.square().add(1)).sub(0.5);
    const mixed = x
      .mul(scale)
      .add(column)
      .div(tf.sqrt(tf.abs(x).add(2)));
    const bounded = tf.minimum(tf.maximum(mixed, column.neg()), 0.7);
    const product = tf.matMul(bounded, bounded, false, true); // (rows, rows)
    const mean = tf.mean(bounded, 1, true);
    return { outputs: { bounded, scale, last: product.mul(mean).sub(row.square()) } };
  };
  return { state, step: new Step({ name: 'elementwise', state, run }, mode) };
}

nativeTest.each([3, 700])('%i rows run together are what single operations give', async (rows) => {
  await activateBackend('tensorflow');
  const wave = (count: number, of: number[]) =>
    tf.tensor(
      Array.from({ length: count }, (_, i) => Math.sin(3 * i)),
      of,
    );
  const feeds = { x: wave(rows * 5, [rows, 5]), row: wave(rows, [rows, 1]), column: wave(5, [5]) };
  const [captured, eager] = [startStep('auto'), startStep('eager')];
  const [actual, expected] = [captured.step.run(feeds), eager.step.run(feeds)];
  expect(captured.step.eagerBecause).toBeUndefined();
  for (const [name, tensor] of Object.entries(expected)) {
    expect(named(actual, name).shape).toEqual(tensor.shape);
    const difference = tf.max(tf.abs(named(actual, name).sub(tensor))).dataSync()[0];
    expect(difference, name).toBeLessThan(1e-6);
  }
});
