/** Operations that programs have, each with inputs that they are tried on. */
import { attribute, dataTypes, type GraphNode } from '../../../../engine/tensor/captured/graphDef.ts';

const int = dataTypes.int32;
export const T = attribute.type(dataTypes.float32);

/** Of the operation's inputs: arrays that are fed, or constants. */
type Input =
  | { readonly shape: readonly number[]; readonly scale?: number; readonly positive?: boolean }
  | { readonly indices: readonly number[] }
  | { readonly integers: readonly number[]; readonly isScalar?: boolean }
  | { readonly floats: readonly number[]; readonly shape: readonly number[] };

export interface Case {
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes?: GraphNode['attributes'];
  readonly outputs?: number;
}

export const of = (...shape: number[]): Input => ({ shape });
const positive = (...shape: number[]): Input => ({ shape, positive: true });
const axis = (value: number): Input => ({ integers: [value], isScalar: true });
const typed = (name: string, type = int) => ({ T, [name]: attribute.type(type) });
const productOf = (a: boolean, b: boolean) => ({
  ...{ T, transpose_a: attribute.bool(a), transpose_b: attribute.bool(b) },
});
export const reduced = (op: string, shape: number[], axes: number[], keep = false): Case => ({
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
const sliced = (shape: number[], begins: number[], sizes: number[]): Case => ({
  ...{ op: 'Slice', inputs: [of(...shape), { integers: begins }, { integers: sizes }] },
  attributes: typed('Index'),
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

export const cases: Case[] = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum'].flatMap((op) =>
    shapes.map((inputs) => ({ op, inputs })),
  ),
  ...['Neg', 'Square', 'Abs', 'Exp', 'Sin', 'Cos', 'Sigmoid', 'Softplus'].flatMap((op) =>
    [of(40, 6), of(3), of(1, 300)].map((input) => ({ op, inputs: [input] })),
  ),
  ...['Sqrt', 'Rsqrt', 'Log'].flatMap((op) =>
    [positive(40, 6), positive()].map((input) => ({ op, inputs: [input] })),
  ),
  ...['Sigmoid', 'Softplus'].map((op) => ({ op, inputs: [{ shape: [64, 16], scale: 60 }] })),
  ...[of(7), of()].map((exponent) => ({ op: 'Pow', inputs: [positive(33, 7), exponent] })),
  ...[1, 2, 3].map((count) => ({
    ...{ op: 'AddN', inputs: Array.from({ length: count }, () => of(40, 6)) },
    attributes: { T, N: attribute.int(count) },
  })),
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
  sliced([48], [0], [1]),
  sliced([48, 6], [3, 0], [20, 6]),
  sliced([48, 6], [0, 2], [48, 3]),
  sliced([48, 6, 5], [40, 0, 1], [-1, 4, 2]),
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

export const nameOf = ({ op, inputs }: Case): string =>
  `${op} ${inputs.map((input) => ('shape' in input ? `[${input.shape.join()}]` : '·')).join(' ')}`;
