/** Beyond the paper: d-DMD, DMD, DMD2 and Phased DMD beside consistency and progressive distillation, four steps. */
import type { Statement } from './claim.ts';
import { imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

/** As such trainings usually are: with momentum, and faster than what follows a moving fake score. */
const trajectory = { 'optimizer.learningRate': 1e-4, 'optimizer.beta1': 0.9 } as const;

const variants = [
  { key: 'd-dmd', name: 'd-DMD', changes: { 'renoising.schedule': 'decoupled-hybrid' } },
  { key: 'dmd', name: 'Ordinary DMD', changes: { 'renoising.schedule': 'coupled-shared' } },
  {
    ...{ key: 'dmd2', name: 'DMD2' },
    changes: { 'renoising.schedule': 'coupled-shared', 'gan.weight': 0.01 },
  },
  {
    ...{ key: 'phased', name: 'Phased DMD' },
    changes: { method: 'phased', 'renoising.schedule': 'coupled-shared' },
  },
  { key: 'consistency', name: 'Consistency', changes: { method: 'consistency', ...trajectory } },
  { key: 'progressive', name: 'Progressive', changes: { method: 'progressive', ...trajectory } },
];

const statements: Statement[] = (['d-dmd', 'dmd'] as const).flatMap((matching) =>
  (['consistency', 'progressive'] as const).map((following) => ({
    text: `${variants.find(({ key }) => key === matching)?.name ?? ''} ends nearer to the guided teacher than ${following} distillation.`,
    left: { variant: matching, measure: 'toTeacher' },
    is: 'below' as const,
    right: { variant: following, measure: 'toTeacher' },
  })),
);

export const relatives: Experiment = {
  id: 'relatives',
  title: 'The relatives',
  claim:
    'On the same number of iterations, methods that match the teacher’s distribution end nearer to it than those that follow its trajectories.',
  source: 'A question beyond the paper',
  variants,
  baselines: [teacherAt(4), teacherAt(50)],
  recipe: {
    toy: {
      ...toyRecipe,
      student: { ...toyRecipe.student, steps: 4 },
      optimizer: { ...toyRecipe.optimizer, learningRate: 5e-5 },
      training: { ...toyRecipe.training, iterations: 400, checkpointEvery: 400, sampleEvery: 50 },
    },
    images: { ...imageRecipe, student: { steps: 4 } },
  },
  taus: [],
  measures: ['toTeacher', 'relativeStd', 'mean', 'std', 'toUnguided', 'toData', 'captionAgreement'],
  statements,
};
