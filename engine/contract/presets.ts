/** Recipes that explain themselves: the goal cards of the studio and the runs of the demo. */
import { StudioError } from './errors.ts';
import type { RecipeInput } from './recipe.ts';

export interface Preset {
  readonly label: string;
  /** One or two sentences: what a person gets. */
  readonly description: string;
  readonly recipe: RecipeInput;
}

export const presets = {
  oneStep: {
    label: '1 step, fastest',
    description: 'CA and DM on the hybrid schedule: one network evaluation an image.',
    recipe: { name: 'One step', student: { steps: 1 }, training: { iterations: 150 } },
  },
  fourSteps: {
    label: '4 steps, best',
    description: 'CA and DM on the hybrid schedule of d-DMD: four evaluations an image, finer detail.',
    recipe: { name: 'Four steps', student: { steps: 4 }, training: { iterations: 75 } },
  },
  ordinaryDmd: {
    label: 'Ordinary DMD',
    description: 'One shared noise level for CA and DM, as before they were decoupled.',
    recipe: { name: 'Ordinary DMD', student: { steps: 4 }, renoising: { schedule: 'coupled-shared' } },
  },
  dmdr: {
    label: 'DMDR re-noising',
    description: 'd-DMD whose noise levels begin high and reach the schedule halfway: composition first.',
    recipe: { name: 'DMDR re-noising', student: { steps: 4 }, renoising: { warmup: 75 } },
  },
  spearAlone: {
    label: 'CA alone',
    description:
      'The engine without its regulariser: converts fast, then over-saturates. To watch, not to keep.',
    recipe: { name: 'CA alone', student: { steps: 4 }, distributionMatching: { weight: 0 } },
  },
  shieldAlone: {
    label: 'DM alone',
    description: 'The regulariser without its engine: stable, and without guidance.',
    recipe: { name: 'DM alone', student: { steps: 4 }, cfgAugmentation: { weight: 0 } },
  },
  meanVarianceShield: {
    label: 'CA with mean–variance',
    description: "CA held by the data's mean and variance alone: no fake-score model, half the time.",
    recipe: {
      name: 'CA with mean–variance',
      student: { steps: 4 },
      distributionMatching: { weight: 0 },
      meanVariance: { weight: 1 },
    },
  },
  ganShield: {
    label: 'CA with a GAN',
    description:
      'CA held back by a discriminator that knows real pictures, without a fake score: weaker than DM. To compare with.',
    recipe: {
      name: 'CA with a GAN',
      student: { steps: 4 },
      distributionMatching: { weight: 0 },
      gan: { weight: 1 },
    },
  },
  dmd2: {
    label: 'DMD2',
    description: 'Ordinary DMD with a discriminator on the fake-score model beside it; needs pictures.',
    recipe: {
      name: 'DMD2',
      student: { steps: 4 },
      renoising: { schedule: 'coupled-shared' },
      gan: { weight: 0.01 },
    },
  },
  phased: {
    label: 'Phased DMD',
    description:
      'Four steps in two phases, an expert for each: the first ends in noise, the second begins there. Two networks on disk.',
    recipe: {
      name: 'Phased DMD',
      method: 'phased',
      student: { steps: 4 },
      renoising: { schedule: 'coupled-shared' },
    },
  },
  consistency: {
    label: 'Consistency',
    description:
      'As in latent consistency models: every point of the way answers alike. No fake score and quick; a baseline to compare with.',
    recipe: {
      name: 'Consistency',
      method: 'consistency',
      student: { steps: 1 },
      optimizer: { learningRate: 1e-4, beta1: 0.9 },
      training: { iterations: 400 },
    },
  },
  progressive: {
    label: 'Progressive',
    description:
      'The steps are halved from stage to stage, 32 to 4; the student follows its own flow without new noise. A baseline.',
    recipe: {
      name: 'Progressive',
      method: 'progressive',
      student: { steps: 4 },
      progressive: { stages: 3 },
      optimizer: { learningRate: 1e-4, beta1: 0.9 },
      training: { iterations: 400 },
    },
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** @throws StudioError 'not-found' that names the presets there are. */
export function presetRecipe(name: string): RecipeInput {
  const found = Object.entries(presets).find(([id]) => id === name);
  if (found) return found[1].recipe;
  throw new StudioError(
    'not-found',
    `There is no preset “${name}”.`,
    `There are ${Object.keys(presets).join(', ')}.`,
  );
}
