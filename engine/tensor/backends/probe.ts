/** Measures the active backend: a matrix product, and training steps of a small transformer, both as training runs them. */
import {
  add,
  dispose,
  div,
  matMul,
  mean,
  mul,
  relu,
  reshape,
  softmax,
  sqrt,
  square,
  sub,
  randomNormal,
  tidy,
  transpose,
  valueAndGrads,
  type Scalar,
  type Tensor,
} from '../tf.ts';
import { createResidentState, type NamedTensors } from '../residentState.ts';
import { Step } from '../step.ts';

export interface ProbeResult {
  /** Billions of float32 operations a second in a square matrix product of this size. */
  readonly matmulGigaflops: number;
  readonly matmulSize: number;
  /** Of one forward, backward and update of the probe's network. */
  readonly trainingStepMilliseconds: number;
}

const batch = 8;
const tokens = 64;
const width = 128;
/** A measurement that takes longer than this is not repeated, so that a slow backend costs seconds at most. */
const patienceMilliseconds = 300;

/** Takes about a second on a processor; tensors are freed. `matmulSize` is the largest product tried. */
export async function probeBackend(matmulSize = 1024): Promise<ProbeResult> {
  const trainingStepMilliseconds = await measureTrainingStep();
  return { ...(await measureMatmul(matmulSize)), trainingStepMilliseconds };
}

/** Doubles the size as long as the product before it was quick. */
async function measureMatmul(largest: number): Promise<Pick<ProbeResult, 'matmulGigaflops' | 'matmulSize'>> {
  let size = 128;
  for (;;) {
    const matrix = randomNormal([size, size]);
    const milliseconds = await fastest(() => matMul(matrix, matrix));
    matrix.dispose();
    if (size >= largest || 8 * milliseconds > patienceMilliseconds) {
      return { matmulGigaflops: (2 * size ** 3) / (milliseconds * 1e6), matmulSize: size };
    }
    size *= 2;
  }
}

async function measureTrainingStep(): Promise<number> {
  const initial = tidy(() => ({ ...createBlock('first'), ...createBlock('second') }));
  const state = createResidentState(initial);
  const input = randomNormal([batch, tokens, width]);
  const step = new Step({
    name: 'probe',
    state,
    run: (weights, feeds) => {
      const names = Object.keys(weights);
      const { x } = feeds as { x: Tensor };
      const loss = (...values: Tensor[]): Scalar => {
        const blocks = [values.slice(0, matrices.length), values.slice(matrices.length)];
        return mean<Scalar>(square(sub(blocks.reduce(applyBlock, x), x)));
      };
      const { value, grads } = valueAndGrads(loss)(Object.values(weights));
      const updated = Object.values(weights).map((weight, index) => {
        const gradient = grads[index];
        return gradient ? sub(weight, mul(gradient, 1e-3)) : weight;
      });
      return {
        outputs: { loss: value },
        next: Object.fromEntries(names.map((name, index) => [name, updated[index] as Tensor])),
      };
    },
  });
  const milliseconds = await fastest(() => (step.run({ x: input }) as { loss: Tensor }).loss);
  step.dispose();
  state.dispose();
  dispose([initial, input]);
  return milliseconds;
}

/** Query, key, value and output projections, then the two layers of the feed-forward part. */
const matrices: readonly [number, number][] = [
  [width, width],
  [width, width],
  [width, width],
  [width, width],
  [width, 4 * width],
  [4 * width, width],
];

function createBlock(name: string): NamedTensors {
  return Object.fromEntries(
    matrices.map((shape, index) => [`${name}.${index}`, randomNormal(shape, 0, 0.02)]),
  );
}

// x: (batch, tokens, width)
function applyBlock(x: Tensor, weights: readonly Tensor[]): Tensor {
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

/** Milliseconds of the fastest of up to five runs after one to warm up, each until its result can be read. */
async function fastest(work: () => Tensor): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < 6; run++) {
    const started = performance.now();
    const result = work();
    await result.data();
    const milliseconds = performance.now() - started;
    result.dispose();
    // The first run compiles shaders and allocates; it counts only when it is too slow to be repeated.
    if (run > 0 || milliseconds > 10 * patienceMilliseconds) best = Math.min(best, milliseconds);
    if (best > patienceMilliseconds && best < Infinity) break;
  }
  return best;
}
