/** What an experiment is: a sweep with a claim. One file an experiment stands beside this; `experiments.ts` lists them. */
import { draftRecipeSchema } from '../messages/recipes.ts';
import type { RecipeInput } from '../recipe.ts';
import { measuringOf, type Baseline, type Scale, type Sweep, type Variant } from '../sweep.ts';
import type { Statement } from './claim.ts';

export interface Experiment {
  readonly id: string;
  readonly title: string;
  /** What the paper says, in our words; one or two sentences. */
  readonly claim: string;
  /** E.g. `Figure 2`. */
  readonly source: string;
  readonly variants: readonly Variant[];
  readonly baselines: readonly Baseline[];
  /** What all variants share, for a toy and for pictures. */
  readonly recipe: Readonly<Record<Scale, RecipeInput>>;
  /** τ at which teacher and fake score look at the students. */
  readonly taus: readonly number[];
  /** Measures that the report's table shows, in order; charts show the first over the iterations. */
  readonly measures: readonly string[];
  readonly statements: readonly Statement[];
}

export const ARXIV = 'arXiv 2511.22677';

/** The teacher by Euler's method at guidance 2.5. */
export const teacherAt = (steps: number, guidance = 2.5): Baseline => {
  const name = `Teacher, ${steps} ${steps === 1 ? 'step' : 'steps'}${guidance === 1 ? ', unguided' : `, α ${guidance}`}`;
  return { key: `teacher-${steps}-${guidance}`, name, steps, guidance };
};

/** What every experiment on the toy starts from: quick, and without clipping, since two coordinates need none. */
export const toyRecipe = {
  teacher: 'toy',
  data: 'toy',
  student: { shift: 1, emaDecay: 0.95 },
  renoising: { normalizer: 'time' },
  fakeScore: { learningRate: 5e-4, stepsPerStudentStep: 3 },
  optimizer: { learningRate: 1e-4, clipNorm: 1e6 },
  training: { iterations: 200, batch: 128, checkpointEvery: 200, sampleEvery: 20 },
} as const satisfies RecipeInput;

/** What every experiment on pictures starts from: the recipe's own defaults, at a fixed number of iterations. */
export const imageRecipe = {
  training: { iterations: 100, checkpointEvery: 50, sampleEvery: 20 },
} as const satisfies RecipeInput;

export interface ExperimentChoice {
  readonly scale: Scale;
  /** As recipes name them. */
  readonly teacher: string;
  readonly data: string;
  readonly seeds: readonly number[];
}

/** The experiment as a sweep of this teacher. */
export function sweepOf(experiment: Experiment, { scale, teacher, data, seeds }: ExperimentChoice): Sweep {
  const { id, title, variants, baselines, recipe, taus } = experiment;
  return {
    name: title,
    experiment: id,
    recipe: draftRecipeSchema.parse({ ...recipe[scale], teacher, data }),
    variants: [...variants],
    baselines: [...baselines],
    seeds: [...seeds],
    measuring: measuringOf(scale, taus),
  };
}
