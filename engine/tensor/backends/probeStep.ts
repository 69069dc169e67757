/** The step that measurements of a device run: forward, backward and update of two transformer blocks. */
import { inLanes } from '../lanes.ts';
import { createResidentState, named, type NamedTensors } from '../residentState.ts';
import { Step, type ProductType } from '../step.ts';
import {
  add,
  concat,
  dispose,
  div,
  matMul,
  mean,
  mul,
  randomNormal,
  relu,
  reshape,
  softmax,
  sqrt,
  square,
  sub,
  tidy,
  transpose,
  valueAndGrads,
  type Scalar,
  type Tensor,
} from '../tf.ts';

export interface ProbeSize {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
}

export interface ProbeStep {
  /** All gradients as one vector; the caller disposes it. */
  run(): Tensor;
  dispose(): void;
}

const RATE = 1e-3;

/** The same numbers at each call, so that steps can be compared. */
export function createProbeStep(size: ProbeSize, products: ProductType = 'float32'): ProbeStep {
  const initial = tidy(() => ({ ...createBlock('first', size), ...createBlock('second', size) }));
  const state = createResidentState(initial);
  const x = randomNormal([size.batch, size.tokens, size.width], 0, 1, 'float32', 1);
  const step = new Step({
    name: 'probe',
    state,
    products,
    run: (weights, feeds) => {
      const input = named(feeds, 'x');
      const loss = (...values: Tensor[]): Scalar => {
        const blocks = [values.slice(0, values.length / 2), values.slice(values.length / 2)];
        const [output] = inLanes([input], ([part]) => [
          blocks.reduce((h, block) => applyBlock(h, block), part as Tensor),
        ]);
        return mean<Scalar>(square(sub(output as Tensor, input)));
      };
      const { grads } = valueAndGrads(loss)(Object.values(weights));
      const next = Object.entries(weights).map(
        ([name, weight], i) => [name, sub(weight, mul(grads[i] as Tensor, RATE))] as const,
      );
      const gradients = concat(grads.map((gradient) => reshape(gradient, [-1])));
      return { outputs: { gradients }, next: Object.fromEntries(next) };
    },
  });
  return {
    run: () => named(step.run({ x }), 'gradients'),
    dispose() {
      step.dispose();
      state.dispose();
      dispose([initial, x]);
    },
  };
}

/** Query, key, value and output projections, then the two layers of the feed-forward part; in widths. */
const matrices: readonly [number, number][] = [
  [1, 1],
  [1, 1],
  [1, 1],
  [1, 1],
  [1, 4],
  [4, 1],
];

function createBlock(name: string, { width }: ProbeSize): NamedTensors {
  return Object.fromEntries(
    matrices.map(([rows, columns], i) => [
      `${name}.${i}`,
      // tfjs takes a seed of 0 for none.
      randomNormal([rows * width, columns * width], 0, 0.02, 'float32', 2 + i),
    ]),
  );
}

// x: (batch, tokens, width)
function applyBlock(x: Tensor, weights: readonly Tensor[]): Tensor {
  const [batch = 0, tokens = 0, width = 0] = x.shape;
  const [query, key, value, output, widen, narrow] = weights.map((weight) => (input: Tensor) => {
    const rows = matMul(reshape(input, [batch * tokens, -1]), weight); // (batch · tokens, out)
    return reshape(rows, [batch, tokens, -1]);
  }) as [Layer, Layer, Layer, Layer, Layer, Layer];
  const normal = normalize(x);
  const scores = mul(matMul(query(normal), transpose(key(normal), [0, 2, 1])), width ** -0.5); // (batch, tokens, tokens)
  const attended = add(x, output(matMul(softmax(scores), value(normal))));
  return add(attended, narrow(relu(widen(normalize(attended)))));
}

type Layer = (input: Tensor) => Tensor;

function normalize(x: Tensor): Tensor {
  const centred = sub(x, mean(x, -1, true));
  return div(centred, sqrt(add(mean(square(centred), -1, true), 1e-5)));
}
