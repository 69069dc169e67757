/** Programs against TensorFlow itself, which runs the same graphs as functions. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { parseRecipe } from '../../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { CapturedGraph } from '../../../../engine/tensor/captured/capturedGraph.ts';
import {
  attribute,
  dataTypes,
  graphDef,
  type GraphNode,
} from '../../../../engine/tensor/captured/graphDef.ts';
import type { NativeBinding } from '../../../../engine/tensor/captured/nativeBinding.ts';
import { mayBeProgram, translated } from '../../../../engine/tensor/captured/program.ts';
import { randomNormal } from '../../../../engine/tensor/random.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';
import { createToyTrainer, iterate } from '../../../support/toyDistillation.ts';

const [float, int] = [dataTypes.float32, dataTypes.int32];
const T = attribute.type(float);

/** Of the operation's inputs: arrays that are fed, or constants. */
type Input =
  | { readonly shape: readonly number[]; readonly scale?: number; readonly positive?: boolean }
  | { readonly indices: readonly number[] }
  | { readonly integers: readonly number[]; readonly isScalar?: boolean }
  | { readonly floats: readonly number[]; readonly shape: readonly number[] };

interface Case {
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes?: GraphNode['attributes'];
  readonly outputs?: number;
}

const int32 = (values: readonly number[]) => new Uint8Array(Int32Array.from(values).buffer);
const float32 = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

let binding: NativeBinding | undefined;
const native = (): NativeBinding => {
  if (!binding) throw new Error('The tensorflow backend has a binding.');
  return binding;
};

/** The graph's nodes, and what it is fed. */
function graphOf({ op, inputs, attributes = { T }, outputs = 1 }: Case) {
  const nodes: GraphNode[] = [];
  const feeds: number[] = [];
  const feed = (shape: readonly number[], dtype: number, values: Float32Array | Int32Array) => {
    const name = `feed${feeds.length}`;
    feeds.push(native().createTensor(shape, dtype, values));
    const described = { dtype: attribute.type(dtype), shape: attribute.shape(shape) };
    nodes.push({ name, op: 'Placeholder', attributes: described });
    return name;
  };
  const constant = (dtype: number, shape: readonly number[], content: Uint8Array) => {
    const name = `const${nodes.length}`;
    const value = attribute.tensor(dtype, shape, content);
    nodes.push({ name, op: 'Const', attributes: { dtype: attribute.type(dtype), value } });
    return name;
  };
  const names = inputs.map((input, index) => {
    if ('indices' in input) return feed([input.indices.length], int, Int32Array.from(input.indices));
    if ('integers' in input)
      return constant(int, input.isScalar ? [] : [input.integers.length], int32(input.integers));
    if ('floats' in input) return constant(float, input.shape, float32(input.floats));
    const { shape, scale = 1, positive = false } = input;
    const length = shape.reduce((a, b) => a * b, 1);
    const values = randomNormal({ seed: 1, purpose: 'data', step: 0, index }, length);
    return feed(
      shape,
      float,
      values.map((x) => scale * (positive ? Math.abs(x) + 0.1 : x)),
    );
  });
  nodes.push({ name: 'computed', op, inputs: names, attributes });
  const results = Array.from({ length: outputs }, (_, i) => `output${i}`);
  results.forEach((name, i) =>
    nodes.push({ name, op: 'Identity', inputs: [`computed:${i}`], attributes: { T } }),
  );
  return { nodes, feeds, results };
}

let made = 0;

/** The outputs of TensorFlow's function and of our program. */
function runBoth(given: Case): { shape: readonly number[]; values: number[] }[][] {
  const { nodes, feeds, results } = graphOf(given);
  const bytes = graphDef(nodes);
  const [asFunction, asProgram] = [`function${made}`, `program${made++}`];
  native().addFunction(
    asFunction,
    bytes,
    feeds.map((_, i) => `feed${i}`),
    results,
  );
  native().addProgram(asProgram, bytes);
  try {
    return [asFunction, asProgram].map((name) =>
      native()
        .runFunction(name, '', feeds, results.length)
        .map(({ id, shape }) => {
          const values = [...native().tensorDataSync(id)];
          native().deleteTensor(id);
          return { shape, values };
        }),
    );
  } finally {
    native().removeFunction(asFunction);
    native().removeProgram(asProgram);
    for (const id of feeds) native().deleteTensor(id);
  }
}

const of = (...shape: number[]): Input => ({ shape });
const positive = (...shape: number[]): Input => ({ shape, positive: true });
const axis = (value: number): Input => ({ integers: [value], isScalar: true });
const typed = (name: string, type = int) => ({ T, [name]: attribute.type(type) });
const productOf = (a: boolean, b: boolean) => ({
  ...{ T, transpose_a: attribute.bool(a), transpose_b: attribute.bool(b) },
});
const reduced = (op: string, shape: number[], axes: number[], keep = false): Case => ({
  ...{ op, inputs: [of(...shape), { integers: axes }] },
  attributes: { ...typed('Tidx'), keep_dims: attribute.bool(keep) },
});
const joined = (along: number, ...shapes: number[][]): Case => ({
  ...{ op: 'ConcatV2', inputs: [...shapes.map((shape) => of(...shape)), axis(along)] },
  attributes: { ...typed('Tidx'), N: attribute.int(shapes.length) },
});
const split = (shape: number[], sizes: number[], along: number): Case => ({
  ...{ op: 'SplitV', inputs: [of(...shape), { integers: sizes }, axis(along)], outputs: sizes.length },
  attributes: { ...typed('Tlen'), num_split: attribute.int(sizes.length) },
});

const shapes: [Input, Input][] = [
  [of(33, 7), of(33, 7)],
  [of(33, 7), of(7)],
  [of(33, 1), of(33, 7)],
  [of(1, 7), of(33, 7)],
  [of(33, 7), of()],
  [of(), of()],
  [of(), of(5)],
  [of(64, 3, 5), of(64, 1, 5)],
  [of(64, 3, 5), of(3, 5)],
  [of(64, 3, 1), of(64, 1, 5)],
  [of(1, 40, 6), of(6)],
];

const cases: Case[] = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum'].flatMap((op) =>
    shapes.map((inputs) => ({ op, inputs })),
  ),
  ...['Neg', 'Square', 'Abs', 'Exp', 'Sin', 'Cos'].flatMap((op) =>
    [of(40, 6), of(3), of(1, 300)].map((input) => ({ op, inputs: [input] })),
  ),
  ...['Sqrt', 'Rsqrt', 'Log'].flatMap((op) =>
    [positive(40, 6), positive()].map((input) => ({ op, inputs: [input] })),
  ),
  ...['Sin', 'Cos'].flatMap((op) =>
    [1000, 1e6].map((scale) => ({ op, inputs: [{ shape: [64, 16], scale }] })),
  ),
  ...[false, true].flatMap((a) =>
    [false, true].flatMap((b) =>
      [
        [256, 34, 128],
        [5, 3, 2],
        [250, 17, 33],
        [128, 256, 128],
        [2, 300, 130],
      ].map(([rows = 0, depth = 0, columns = 0]) => ({
        op: 'MatMul',
        inputs: [a ? of(depth, rows) : of(rows, depth), b ? of(columns, depth) : of(depth, columns)],
        attributes: productOf(a, b),
      })),
    ),
  ),
  ...['Sum', 'Mean'].flatMap((op) => [
    reduced(op, [300, 70], [0]),
    reduced(op, [300, 70], [1]),
    reduced(op, [300, 70], [-1], true),
    reduced(op, [300, 70], [0, 1]),
    reduced(op, [3, 2], [0]),
    reduced(op, [40, 6, 10], [1]),
    reduced(op, [40, 6, 10], [0, 1], true),
    reduced(op, [40, 6, 10], [1, 2]),
    reduced(op, [1, 40, 6], [0]),
    reduced(op, [7], []),
  ]),
  joined(0, [30, 4], [2, 4], [17, 4]),
  joined(1, [64, 2], [64, 32]),
  joined(-1, [3, 4, 2], [3, 4, 5]),
  split([48, 6], [16, 30, 2], 0),
  split([48, 6], [1, 5], 1),
  split([1, 48, 2], [24, 24], 1),
  {
    ...{ op: 'Pack', inputs: [of(), of(), of()] },
    attributes: { T, N: attribute.int(3), axis: attribute.int(0) },
  },
  { op: 'Reshape', inputs: [of(6, 8), { integers: [4, -1] }], attributes: typed('Tshape') },
  { op: 'ExpandDims', inputs: [of(6, 8), axis(-1)], attributes: typed('Tdim') },
  { op: 'ZerosLike', inputs: [of(6, 8)] },
  { op: 'Identity', inputs: [of(6, 8)] },
  {
    ...{ op: 'Fill', inputs: [{ integers: [40, 3] }, { floats: [2.5], shape: [] }] },
    attributes: typed('index_type'),
  },
  ...[[[3, 0, 2, 2, 1]], [Array.from({ length: 100 }, (_, i) => i % 4)]].map(([indices = []]) => ({
    op: 'GatherV2',
    inputs: [of(4, 20), { indices }, axis(0)],
    attributes: {
      Tparams: T,
      Tindices: attribute.type(int),
      Taxis: attribute.type(int),
      batch_dims: attribute.int(0),
    },
  })),
  ...[5, 130].map((width) => ({
    op: 'UnsortedSegmentSum',
    inputs: [of(100, width), { indices: Array.from({ length: 100 }, (_, i) => (i % 4) - 1) }, axis(4)],
    attributes: { T, Tindices: attribute.type(int), Tnumsegments: attribute.type(int) },
  })),
  ...[
    [300, 70],
    [5, 128],
  ].flatMap(([rows = 0, width = 0]) => {
    const slope: Input = { floats: [1.702], shape: [] };
    const inputs = [of(rows, width), of(width), slope];
    return [
      { op: 'StillroomSwish', inputs, attributes: {} },
      { op: 'StillroomSwishGrad', inputs: [...inputs, of(rows, width)], attributes: {}, outputs: 2 },
    ];
  }),
  {
    ...{ op: 'StillroomSumOfSquares', inputs: [of(300, 70), of(5), of(33, 33)] },
    attributes: { N: attribute.int(3) },
  },
  { op: 'StillroomSumOfSquares', inputs: [of(2)], attributes: { N: attribute.int(1) } },
];

const nameOf = ({ op, inputs }: Case): string =>
  `${op} ${inputs.map((input) => ('shape' in input ? `[${input.shape.join()}]` : '·')).join(' ')}`;

describe('a program', () => {
  afterEach(() => vi.restoreAllMocks());

  nativeTest.each(cases.map((given) => [nameOf(given), given] as const))('computes %s', async (_, given) => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const [expected = [], actual = []] = runBoth(given);
    expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    actual.forEach(({ values }, output) => {
      const right = expected[output]?.values ?? [];
      const size = Math.max(1e-30, ...right.map(Math.abs));
      values.forEach((value, i) => expect(Math.abs(value - (right[i] ?? NaN))).toBeLessThan(2e-6 * size));
    });
  });

  nativeTest('has 1 and 0 for what is true and false', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf({ op: 'Greater', inputs: [of(40, 3), of()] });
    const output = { name: 'output0', op: 'Cast', inputs: ['computed'] };
    const attributes = { SrcT: attribute.type(dataTypes.bool), DstT: T };
    native().addProgram('greater', graphDef([...nodes.slice(0, -1), { ...output, attributes }]));
    const [result] = native().runFunction('greater', '', feeds, 1);
    const [a, b] = feeds.map((id) => [...native().tensorDataSync(id)]);
    expect([...native().tensorDataSync(result?.id ?? -1)]).toEqual(
      a?.map((value) => Number(value > (b?.[0] ?? NaN))),
    );
    native().removeProgram('greater');
    for (const id of [...feeds, result?.id ?? -1]) native().deleteTensor(id);
  });

  nativeTest('keeps what is not a number', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    for (const op of ['Maximum', 'Minimum', 'Add', 'Mul']) {
      const both = [
        { floats: [NaN, 1], shape: [2] },
        { floats: [1, NaN], shape: [2] },
      ];
      const [expected, actual] = runBoth({ op, inputs: both });
      expect(actual).toEqual(expected);
      expect(actual?.[0]?.values).toEqual([NaN, NaN]);
    }
  });

  // Of so many runs some are shared by threads and some are not, see native/program.h.
  nativeTest('computes the same bits in every run', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf(reduced('Sum', [3000, 70], [0]));
    native().addProgram('sums', graphDef(nodes));
    const results = new Set(
      Array.from({ length: 100 }, () => {
        const [sums] = native().runFunction('sums', '', feeds, 1);
        const values = [...native().tensorDataSync(sums?.id ?? -1)].join();
        native().deleteTensor(sums?.id ?? -1);
        return values;
      }),
    );
    expect(results.size).toBe(1);
    native().removeProgram('sums');
    for (const id of feeds) native().deleteTensor(id);
  });

  nativeTest('computes the same bits by any number of threads', async () => {
    const script = join(import.meta.dirname, '../../../support/printToyState.ts');
    const hashes = await Promise.all(
      [1, 2, 3, 4].map(async (threads) => {
        const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) };
        return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(hashes).size).toBe(1);
  });

  nativeTest('is another one when its name is given again', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const values = ['Square', 'Neg'].map((op) => {
      const { nodes, feeds } = graphOf({ op, inputs: [{ shape: [], positive: true }] });
      native().addProgram('again', graphDef(nodes));
      const [result] = native().runFunction('again', '', feeds, 1);
      const value = native().tensorDataSync(result?.id ?? -1)[0] ?? NaN;
      native().removeProgram('again');
      for (const id of [...feeds, result?.id ?? -1]) native().deleteTensor(id);
      return value;
    });
    expect(values.map(Math.sign)).toEqual([1, -1]);
  });

  nativeTest('refuses an operation that it does not know, by name', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf({ op: 'Tanh', inputs: [of(3)] });
    native().addProgram('tanh', graphDef(nodes));
    expect(() => native().runFunction('tanh', '', feeds, 1)).toThrow(/a program has no Tanh/);
    native().removeProgram('tanh');
    expect(() => native().runFunction('tanh', '', feeds, 1)).toThrow(/'tanh' is refused/);
    for (const id of feeds) native().deleteTensor(id);
    expect(mayBeProgram(nodes, { feeds: [], variables: [], outputs: [] })).toBe(false);
  });

  test('may be of just the operations that are translated', () => {
    const folder = join(import.meta.dirname, '../../../../engine/tensor/native');
    const source = readFileSync(join(folder, 'programBuilder.cc'), 'utf8');
    const names = [...source.matchAll(/^ +\{"(\w+)", /gm)].map(([, name]) => name);
    expect([...translated].sort()).toEqual([...names, 'Placeholder'].sort());
  });

  nativeTest.each([
    ['mlp', true],
    ['dit', false],
  ] as const)('runs the steps of a toy and of no transformer: %s', async (family, isProgram) => {
    await activateBackend('tensorflow');
    const begun = vi.spyOn(CapturedGraph.prototype, 'begin');
    const trainer = createToyTrainer(parseRecipe({ student: { steps: 2 } }), family);
    await iterate(trainer, 0, 4);
    trainer.dispose();
    const run = (begun.mock.contexts as CapturedGraph[]).map((graph) => [
      graph['name'].replace(/_\d+$/, ''),
      graph['graph'].isProgram,
    ]);
    expect(Object.fromEntries(run)).toEqual({ student: isProgram, critics: isProgram, simulate: isProgram });
  });
});
