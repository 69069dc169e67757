/** Workloads on our engine, on made-up data of the real shapes. */
import type { Recipe } from '../../engine/contract/recipe.ts';
import type { TeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { Denoiser } from '../../engine/flow/preconditioning.ts';
import { conditionFeeds, conditionOf, type HostCondition } from '../../engine/model/conditions.ts';
import { countParameters } from '../../engine/model/parameters.ts';
import { createNetwork, type NetworkConfig } from '../../engine/model/registry.ts';
import { normalNoise } from '../../engine/tensor/noise.ts';
import { randomIntegers, randomNormal } from '../../engine/tensor/random.ts';
import type { NamedTensors } from '../../engine/tensor/residentState.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import * as tf from '../../engine/tensor/tf.ts';
import { DistillationTrainer } from '../../engine/training/distillationTrainer.ts';
import { TeacherTrainer } from '../../engine/training/teacherTrainer.ts';
import { SEED, type Variant } from './workloads.ts';
import { withoutPictures } from '../support/withoutPictures.ts';

export interface RunningWorkload {
  readonly parameters: number;
  /** Resolves when its numbers can be read, so that the device is done. */
  iterate(iteration: number): Promise<unknown>;
  dispose(): void;
}

export const denoiserOf = (network: NetworkConfig): Denoiser => ({
  network: createNetwork(network),
  dataDeviation: 0.5,
});

export function startWorkload({ workload, mode }: Variant): RunningWorkload {
  const denoiser = denoiserOf(workload.network);
  const parameters = countParameters(denoiser.network.specs);
  const condition = (draw: number, count: number) => randomCondition(workload.network, draw, count);
  const running =
    workload.kind === 'teacher'
      ? startTeacher(denoiser, workload.recipe, condition, mode)
      : startStudent(denoiser, workload.recipe, condition, mode);
  return { parameters, ...running };
}

type Started = Omit<RunningWorkload, 'parameters'>;
type Conditions = (draw: number, count: number) => HostCondition;

function startStudent(denoiser: Denoiser, recipe: Recipe, conditions: Conditions, mode: StepMode): Started {
  const weights = randomWeights(denoiser);
  const trainer = new DistillationTrainer({
    ...{ denoiser, recipe, teacher: weights, conditions, mode, batches: withoutPictures },
    statistics: { mean: 0, variance: 0.25 },
  });
  tf.dispose(weights);
  return { iterate: (iteration) => trainer.iterate(iteration), dispose: () => trainer.dispose() };
}

function startTeacher(
  denoiser: Denoiser,
  recipe: TeacherRecipe,
  conditions: Conditions,
  mode: StepMode,
): Started {
  const length = denoiser.network.sampleShape.reduce((a, b) => a * b, 1);
  const batches = (step: number, count: number) => ({
    x1: randomNormal({ seed: SEED, purpose: 'data', step }, count * length).map((x) => x / 2),
    condition: conditions(step, count),
  });
  const trainer = new TeacherTrainer(denoiser, recipe, batches, mode);
  return { iterate: (iteration) => trainer.train(iteration), dispose: () => trainer.dispose() };
}

/**
 * Drawn on the device; none stays zero, so that no product of the measured steps is one with zeros. The caller disposes
 * them.
 */
export function randomWeights({ network }: Denoiser): NamedTensors {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(network.specs).map(([name, { shape, initializer }], index) => {
        const noise = normalNoise({ seed: SEED, purpose: 'data', step: 0, index }, shape);
        if (initializer.kind === 'normal') return [name, noise.mul(initializer.deviation)];
        const around = initializer.kind === 'values' ? tf.tensor(initializer.values, [...shape]) : 0;
        return [name, noise.mul(0.02).add(around)];
      }),
    ),
  );
}

export function randomCondition(network: NetworkConfig, draw: number, count: number): HostCondition {
  const key = { seed: SEED, purpose: 'condition', step: draw } as const;
  const captions = network.family === 'dit' ? network.captions : null;
  return {
    classes: randomIntegers(key, count, network.classes),
    ...(captions && {
      captions: randomIntegers({ ...key, index: 1 }, count * captions.length, captions.vocabulary),
    }),
  };
}

/** Bytes of every intermediate result of one forward pass, were none freed before its end. */
export async function activationBytes(config: NetworkConfig, batch: number): Promise<number> {
  const { network } = denoiserOf(config);
  const parameters = randomWeights({ network, dataDeviation: 1 });
  const feeds = conditionFeeds(network.conditioning, randomCondition(config, 0, batch));
  const x = tf.randomNormal([batch, ...network.sampleShape]);
  const t = tf.fill<tf.Rank.R1>([batch], 0.5);
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => network.apply(parameters, x, t, conditionOf(feeds))),
  );
  tf.dispose([parameters, feeds, x, t]);
  return kernels.reduce((sum, { bytesAdded }) => sum + bytesAdded, 0);
}
