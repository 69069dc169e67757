/** A small distillation with the goldens' teacher, recipe and conditions. */
import type { RecipeInput, Recipe } from '../../engine/contract/recipe.ts';
import { sizeOf, under } from '../../engine/model/parameters.ts';
import { randomNormal } from '../../engine/tensor/random.ts';
import type { NamedTensors } from '../../engine/tensor/residentState.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import { dispose } from '../../engine/tensor/tf.ts';
import { createDistillation } from '../../engine/training/createDistillation.ts';
import type { Distillation } from '../../engine/training/distillation.ts';
import { Golden } from './golden.ts';
import { denoiserOf, type ModelHeader } from './goldenModel.ts';

export interface TrainerHeader extends ModelHeader {
  readonly recipes: Readonly<Record<string, RecipeInput>>;
  readonly iterations: number;
}

/** The classes of the golden's batches: draw, draw + 1, … modulo 3. */
export const classesOf = (draw: number, count: number) => ({
  classes: Int32Array.from({ length: count }, (_, i) => (draw + i) % 3),
});
/** One caption of each length from none to all five tokens, over and over. */
const captionsOf = (draw: number, count: number) => ({
  captions: Int32Array.from({ length: 5 * count }, (_, i) =>
    i % 5 < (draw + Math.floor(i / 5)) % 6 ? 2 + ((draw + i) % 9) : 0,
  ),
});

/** The MLP of `trainer.safetensors` or of another golden, or the teacher of the tiny transformer's distillation golden. */
export function createToyTrainer(
  recipe: Recipe,
  family: 'mlp' | 'dit' = 'mlp',
  mode: StepMode = 'auto',
  golden = new Golden<ModelHeader>(family === 'mlp' ? 'trainer' : 'distillation-dit'),
): Distillation {
  const [trained] = golden.names('teacher');
  const teacher = golden.named(trained === undefined ? 'weights.teacher' : 'teacher');
  const conditions = (draw: number, count: number) =>
    family === 'mlp' ? classesOf(draw, count) : { ...classesOf(draw, count), ...captionsOf(draw, count) };
  const denoiser = denoiserOf(golden);
  const length = sizeOf(denoiser.network.sampleShape);
  const trainer = createDistillation({
    ...{ denoiser, recipe, teacher, statistics: golden.header.target, conditions, mode },
    batches: (step, count) => ({
      x1: randomNormal({ seed: recipe.seed, purpose: 'data', step }, length * count),
      condition: conditions(step, count),
    }),
  });
  dispose(teacher);
  return trainer;
}

export async function iterate(trainer: Distillation, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await trainer.iterate(i);
}

/** Every tensor of the state on the host. */
export async function stateValues(trainer: Distillation): Promise<Record<string, Float32Array>> {
  const tensors = trainer.state.read();
  const entries = Object.entries(tensors).map(
    async ([name, value]) => [name, await value.data<'float32'>()] as const,
  );
  const values = Object.fromEntries(await Promise.all(entries));
  dispose(tensors);
  return values;
}

/** The weights of one role, e.g. `student`, without the prefix. */
export function roleWeights(trainer: Distillation, prefix: string): NamedTensors {
  const names = Object.keys(trainer.denoiser.network.specs);
  return under(trainer.state.read(names.map((name) => `${prefix}.${name}`)), prefix);
}
