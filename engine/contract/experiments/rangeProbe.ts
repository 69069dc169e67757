/** Figure 4a: CA alone, one step, with τ confined to a range. */
import type { Statement } from './claim.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const ranges = [
  [0, 0.05],
  [0, 0.1],
  [0, 0.3],
  [0, 1],
  [0.7, 1],
] as const;
const keyOf = ([from, to]: readonly [number, number]) => `${from}-${to}`;
const [noisiest, , , whole, clean] = ranges.map(keyOf) as [string, string, string, string, string];

const common = {
  student: { steps: 1 },
  distributionMatching: { weight: 0 },
  renoising: { schedule: 'decoupled-full' },
} as const;

const statements: Statement[] = [
  {
    text: 'The noisiest range changes composition and colour: its change is coarser than that of all noise levels.',
    left: { variant: noisiest, measure: 'coarse' },
    is: 'above',
    right: { variant: whole, measure: 'coarse' },
    scale: 'images',
  },
  {
    text: 'The clean end changes detail: its change is finer than that of all noise levels.',
    left: { variant: clean, measure: 'coarse' },
    is: 'below',
    right: { variant: whole, measure: 'coarse' },
    scale: 'images',
  },
  {
    text: 'Wider ranges add detail: all noise levels end nearer to the teacher than the noisiest range alone.',
    left: { variant: whole, measure: 'toTeacher' },
    is: 'below',
    right: { variant: noisiest, measure: 'toTeacher' },
    scale: 'images',
  },
  {
    text: 'The clean end alone makes no student: it ends farther from the teacher than all noise levels together.',
    left: { variant: clean, measure: 'toTeacher' },
    is: 'above',
    right: { variant: whole, measure: 'toTeacher' },
  },
];

/** So few iterations that CA alone has not gone wrong yet: what differs is what each range teaches. */
export const rangeProbe: Experiment = {
  id: 'range-probe',
  title: 'What each noise level teaches',
  claim:
    'CA at noisy levels makes composition and colour, wider ranges add detail, and the clean end alone collapses.',
  source: `Figure 4a of ${ARXIV}`,
  variants: ranges.map((range) => ({
    key: keyOf(range),
    name: `τ in [${range.join(', ')}]`,
    changes: { 'cfgAugmentation.rangeMin': range[0], 'cfgAugmentation.rangeMax': range[1] },
  })),
  baselines: [teacherAt(1), teacherAt(50)],
  recipe: {
    toy: {
      ...toyRecipe,
      ...common,
      student: { ...toyRecipe.student, ...common.student },
      renoising: { ...toyRecipe.renoising, ...common.renoising },
      training: { ...toyRecipe.training, iterations: 40, checkpointEvery: 40, sampleEvery: 4 },
    },
    images: { ...imageRecipe, ...common, training: { ...imageRecipe.training, iterations: 60 } },
  },
  taus: [],
  measures: ['coarse', 'moved', 'toTeacher', 'relativeStd', 'mean', 'std', 'toData'],
  statements,
};
