/** What the benchmark measures: whole iterations as training runs them, on made-up data of the real shapes. */
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { Denoiser } from '../../engine/flow/preconditioning.ts';
import type { HostCondition } from '../../engine/model/conditions.ts';
import { countParameters, initialValues, toTensors } from '../../engine/model/parameters.ts';
import { createNetwork, type NetworkConfig } from '../../engine/model/registry.ts';
import { randomIntegers, randomNormal } from '../../engine/tensor/random.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import { dispose } from '../../engine/tensor/tf.ts';
import { DistillationTrainer } from '../../engine/training/distillationTrainer.ts';
import { TeacherTrainer } from '../../engine/training/teacherTrainer.ts';
import { distillationFlops, teacherFlops } from './flops.ts';

export interface Workload {
  readonly name: string;
  readonly model: 'toy' | 'DiT';
  readonly parameters: number;
  /** Iterations that make a fair mean: a student of several steps draws how many it simulates. */
  readonly atLeast: number;
  /** Of the matrix products of that iteration. */
  readonly flops: (iteration: number) => number;
  readonly start: () => RunningWorkload;
}

export interface RunningWorkload {
  /** Resolves when its numbers can be read, so that the device is done. */
  iterate(iteration: number): Promise<unknown>;
  dispose(): void;
}

const SEED = 1;

/** The networks of the bundled teachers. */
const models = {
  toy: {
    network: { family: 'mlp', dimensions: 2, width: 128, layers: 3, classes: 8 },
    batch: 256,
  },
  DiT: {
    network: {
      family: 'dit',
      size: 32,
      channels: 3,
      patch: 4,
      width: 192,
      layers: 6,
      heads: 4,
      classes: 10,
      captions: { vocabulary: 1024, length: 16, width: 128, layers: 2, heads: 4 },
    },
    batch: 32,
  },
} as const satisfies Record<Workload['model'], { network: NetworkConfig; batch: number }>;

/** A teacher update and distillation iterations to a student of one and of four steps, of one model. */
export function workloadsOf(model: Workload['model'], mode: StepMode): Workload[] {
  const { network, batch } = models[model];
  const denoiser = { network: createNetwork(network), dataDeviation: 0.5 };
  const suffix = mode === 'eager' ? ', not captured' : '';
  const common = { model, parameters: countParameters(denoiser.network.specs) };
  const teacher: Workload = {
    ...common,
    name: `${model} teacher${suffix}`,
    atLeast: 1,
    flops: () => teacherFlops(network, batch),
    start: () => startTeacher(denoiser, batch, mode),
  };
  const students = [1, 4].map((steps): Workload => {
    const recipe = parseRecipe({ seed: SEED, student: { steps }, training: { batch } });
    return {
      ...common,
      name: `${model} student, ${steps} step${steps === 1 ? '' : 's'}${suffix}`,
      atLeast: steps,
      flops: (iteration) => distillationFlops(network, recipe, iteration),
      start: () => {
        const weights = toTensors(denoiser.network.specs, randomWeights(denoiser));
        const target = { mean: 0, variance: 0.25 };
        const conditions = (draw: number, count: number) => randomCondition(denoiser, draw, count);
        const trainer = new DistillationTrainer(denoiser, recipe, weights, target, conditions, mode);
        dispose(weights);
        return trainer;
      },
    };
  });
  return [teacher, ...students];
}

function startTeacher(denoiser: Denoiser, batch: number, mode: StepMode): RunningWorkload {
  const trainer = new TeacherTrainer(denoiser, parseTeacherRecipe({ seed: SEED, training: { batch } }), mode);
  const length = denoiser.network.sampleShape.reduce((a, b) => a * b, batch);
  return {
    iterate: (iteration) =>
      trainer.train(iteration, {
        x1: randomNormal({ seed: SEED, purpose: 'data', step: iteration }, length).map((x) => x / 2),
        condition: randomCondition(denoiser, iteration, batch),
      }),
    dispose: () => trainer.dispose(),
  };
}

/** No weight stays zero, so that no product of the measured steps is one with zeros. */
function randomWeights({ network }: Denoiser): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(initialValues(network.specs, SEED)).map(([name, values], index) => {
      const draws = randomNormal({ seed: SEED, purpose: 'data', step: 0, index }, values.length);
      return [name, values.map((value, i) => value + 0.02 * (draws[i] ?? 0))];
    }),
  );
}

function randomCondition({ network }: Denoiser, draw: number, count: number): HostCondition {
  const { classes, captionLength } = network.conditioning;
  const key = { seed: SEED, purpose: 'condition', step: draw } as const;
  return {
    classes: randomIntegers(key, count, classes),
    ...(captionLength > 0 && {
      captions: randomIntegers({ ...key, index: 1 }, count * captionLength, 1024),
    }),
  };
}
