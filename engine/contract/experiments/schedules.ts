/** Table 1: the four re-noising schedules on one budget, four steps. */
import { renoisingSchedules } from '../recipe.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const best = 'decoupled-hybrid';

export const schedules: Experiment = {
  id: 'schedules',
  title: 'The four schedules',
  claim:
    'On the same budget CA from (t, 1) with DM from (0, 1), the hybrid schedule, makes the best student; one shared τ, ordinary DMD, makes a worse one.',
  source: `Table 1 of ${ARXIV}`,
  variants: renoisingSchedules.map((schedule) => ({
    key: schedule,
    name: `${schedule.charAt(0).toUpperCase()}${schedule.slice(1)}`,
    changes: { 'renoising.schedule': schedule },
  })),
  baselines: [teacherAt(4), teacherAt(50)],
  recipe: {
    toy: { ...toyRecipe, student: { ...toyRecipe.student, steps: 4 } },
    images: {
      ...imageRecipe,
      student: { steps: 4 },
      training: { iterations: 75, checkpointEvery: 75, sampleEvery: 25 },
    },
  },
  taus: [],
  measures: ['toTeacher', 'relativeStd', 'mean', 'std', 'toUnguided', 'toData', 'captionAgreement'],
  statements: renoisingSchedules
    .filter((schedule) => schedule !== best)
    .map((schedule) => ({
      text: `The hybrid schedule ends nearer to the guided teacher than ${schedule}.`,
      left: { variant: best, measure: 'toTeacher' },
      is: 'below' as const,
      right: { variant: schedule, measure: 'toTeacher' },
    })),
};
