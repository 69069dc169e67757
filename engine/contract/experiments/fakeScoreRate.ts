/** The fake score's learning rate × its steps for each of the student's (two-time-scale rule). */
import { variantsOf } from '../sweep.ts';
import type { Statement } from './claim.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const rates = [1e-5, 1e-4, 5e-4] as const;
const stepCounts = [1, 4] as const;
const keyOf = (rate: number, steps: number) => `${rate.toExponential()}-${steps}`;
const slow = keyOf(rates[0], 1);
const quick = keyOf(rates[2], 4);

const statements: Statement[] = [
  {
    text: 'A fake score that is slow in both ways lags: its loss ends above twice that of the quick one.',
    left: { variant: slow, measure: 'fakeLoss' },
    is: 'above',
    right: { variant: quick, measure: 'fakeLoss' },
    factor: 2,
  },
  {
    text: 'With the lagging fake score the shield fails: the student ends with a higher deviation.',
    left: { variant: slow, measure: 'relativeStd' },
    is: 'above',
    right: { variant: quick, measure: 'relativeStd' },
  },
  {
    text: 'The student of the quick one ends nearer to the guided teacher.',
    left: { variant: quick, measure: 'toTeacher' },
    is: 'below',
    right: { variant: slow, measure: 'toTeacher' },
  },
];

export const fakeScoreRate: Experiment = {
  id: 'fake-score-rate',
  title: 'The fake score must keep up',
  claim:
    'The shield holds only while the fake score follows the student: a learning rate or a number of steps that is too low lets the student over-saturate.',
  source: `Algorithm 1 of ${ARXIV} with DMD2’s two-time-scale rule`,
  variants: rates.flatMap((rate) =>
    stepCounts.flatMap((steps) =>
      variantsOf({ 'fakeScore.learningRate': [rate], 'fakeScore.stepsPerStudentStep': [steps] }).map(
        (variant) => ({
          ...variant,
          key: keyOf(rate, steps),
          name: `Rate ${rate.toExponential()}, ${steps} a step`,
        }),
      ),
    ),
  ),
  baselines: [teacherAt(50)],
  recipe: { toy: { ...toyRecipe, student: { ...toyRecipe.student, steps: 1 } }, images: imageRecipe },
  taus: [],
  measures: ['fakeLoss', 'relativeStd', 'toTeacher', 'mean', 'std', 'toData'],
  statements,
};
