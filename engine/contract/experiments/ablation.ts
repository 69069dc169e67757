/** Figure 2: CA alone, DM alone, both; with one step and with four. */
import type { Statement } from './claim.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const terms = {
  ca: { name: 'CA alone', changes: { 'distributionMatching.weight': 0 } },
  dm: { name: 'DM alone', changes: { 'cfgAugmentation.weight': 0 } },
  both: { name: 'CA + DM', changes: {} },
} as const;

const of = (variant: keyof typeof terms, measure: string) => ({ variant, measure });

const statements: Statement[] = [
  {
    text: 'CA alone over-saturates: its deviation ends above 1.25 times the guided teacher’s.',
    ...{ left: of('ca', 'relativeStd'), is: 'above', right: 1.25 },
  },
  {
    text: 'It does not stop: the deviation still rises in the second half of the training.',
    ...{ left: of('ca', 'lateGrowth'), is: 'above', right: 1 },
  },
  {
    text: 'DM alone is stable: its deviation ends below 1.25 times the guided teacher’s.',
    ...{ left: of('dm', 'relativeStd'), is: 'below', right: 1.25 },
  },
  {
    text: 'Both together are stable, by the same bound.',
    ...{ left: of('both', 'relativeStd'), is: 'below', right: 1.25 },
  },
  {
    text: 'DM alone is weak: both together end nearer to the guided teacher.',
    ...{ left: of('both', 'toTeacher'), is: 'below', right: of('dm', 'toTeacher') },
  },
  {
    text: 'Both together end nearer to the guided teacher than CA alone.',
    ...{ left: of('both', 'toTeacher'), is: 'below', right: of('ca', 'toTeacher') },
  },
];

const common = {
  claim:
    'CFG augmentation alone turns the teacher into a few-step student and then lets variance rise without end; distribution matching alone is stable and weak; both together are stable and best.',
  source: `Figure 2 of ${ARXIV}`,
  variants: Object.entries(terms).map(([key, term]) => ({ key, ...term })),
  taus: [],
  measures: ['toTeacher', 'relativeStd', 'lateGrowth', 'mean', 'std', 'toUnguided', 'toData'],
  statements,
} as const;

/** The toy's one-step student overshoots under a shield of weight 1, so both weigh it 2 here. */
export const ablationOneStep: Experiment = {
  ...common,
  id: 'ablation-1-step',
  title: 'Spear and shield, 1 step',
  baselines: [teacherAt(1), teacherAt(50)],
  recipe: {
    toy: { ...toyRecipe, student: { ...toyRecipe.student, steps: 1 }, distributionMatching: { weight: 2 } },
    images: { ...imageRecipe, student: { steps: 1 } },
  },
};

/** Ordinary DMD's schedule, whose terms the paper takes apart here; CA alone needs longer to go wrong in four steps. */
export const ablationFourSteps: Experiment = {
  ...common,
  id: 'ablation-4-steps',
  title: 'Spear and shield, 4 steps',
  baselines: [teacherAt(4), teacherAt(50)],
  recipe: {
    toy: {
      ...toyRecipe,
      student: { ...toyRecipe.student, steps: 4 },
      renoising: { ...toyRecipe.renoising, schedule: 'coupled-shared' },
      optimizer: { ...toyRecipe.optimizer, learningRate: 5e-5 },
      training: { ...toyRecipe.training, iterations: 400, checkpointEvery: 400, sampleEvery: 40 },
    },
    images: { ...imageRecipe, student: { steps: 4 }, renoising: { schedule: 'coupled-shared' } },
  },
};
