/** Figure 3: CA with no shield, with mean and variance, with a GAN, with DM. */
import type { Statement } from './claim.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const shields = {
  none: { name: 'No shield', changes: {} },
  meanVariance: { name: 'Mean–variance', changes: { 'meanVariance.weight': 1 } },
  gan: { name: 'GAN', changes: { 'gan.weight': 1 } },
  dm: { name: 'DM', changes: { 'distributionMatching.weight': 1 } },
} as const;

const common = { student: { steps: 1 }, distributionMatching: { weight: 0 } } as const;

const statements: Statement[] = [
  ...(['meanVariance', 'gan', 'dm'] as const).flatMap((shield): Statement[] => [
    {
      text: `${shields[shield].name} holds the deviation below that without a shield.`,
      left: { variant: shield, measure: 'relativeStd' },
      is: 'below',
      right: { variant: 'none', measure: 'relativeStd' },
    },
    {
      text: `${shields[shield].name} ends nearer to the guided teacher than no shield.`,
      left: { variant: shield, measure: 'toTeacher' },
      is: 'below',
      right: { variant: 'none', measure: 'toTeacher' },
    },
  ]),
  ...(['meanVariance', 'gan'] as const).map((other) => ({
    text: `DM ends nearer to the guided teacher than ${other === 'gan' ? 'a GAN' : 'mean–variance'}.`,
    left: { variant: 'dm', measure: 'toTeacher' },
    is: 'below' as const,
    right: { variant: other, measure: 'toTeacher' },
  })),
];

export const regularizers: Experiment = {
  id: 'regularizers',
  title: 'Other shields',
  claim:
    'Any regulariser that holds the statistics lets CA train on: the images’ mean and variance do it cheaply, a GAN does it, DM does it best.',
  source: `Figure 3 of ${ARXIV}`,
  variants: Object.entries(shields).map(([key, shield]) => ({ key, ...shield })),
  baselines: [teacherAt(1), teacherAt(50)],
  recipe: {
    toy: { ...toyRecipe, ...common, student: { ...toyRecipe.student, ...common.student } },
    images: { ...imageRecipe, ...common },
  },
  taus: [],
  measures: ['toTeacher', 'relativeStd', 'lateGrowth', 'mean', 'std', 'toUnguided', 'toData'],
  statements,
};
