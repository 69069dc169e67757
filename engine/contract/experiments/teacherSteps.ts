/** What the teacher itself makes of few steps, at several guidance scales: what students are to be compared with. */
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const stepCounts = [1, 2, 4, 8, 50] as const;
const scales = [1, 2.5, 5] as const;
const keyOf = (steps: number, guidance = 2.5) => teacherAt(steps, guidance).key;

export const teacherSteps: Experiment = {
  id: 'teacher-steps',
  title: 'The teacher at few steps',
  claim:
    'Without distillation few steps are far from many: the teacher’s guided samples need tens of evaluations. Guidance raises their deviation.',
  source: `The teacher’s row of Table 1 of ${ARXIV}`,
  variants: [],
  baselines: scales.flatMap((guidance) => stepCounts.map((steps) => teacherAt(steps, guidance))),
  recipe: { toy: toyRecipe, images: imageRecipe },
  taus: [],
  measures: ['toTeacher', 'relativeStd', 'mean', 'std', 'toData', 'captionAgreement'],
  statements: [
    ...([1, 2, 4] as const).map((steps, i) => ({
      text: `At guidance 2.5, ${steps} ${steps === 1 ? 'step is' : 'steps are'} farther from 50 than ${stepCounts[i + 1] ?? 8}.`,
      left: { variant: keyOf(steps), measure: 'toTeacher' },
      is: 'above' as const,
      right: { variant: keyOf(stepCounts[i + 1] ?? 8), measure: 'toTeacher' },
    })),
    {
      text: 'Guidance 5 raises the deviation above that of guidance 1, both at 50 steps.',
      left: { variant: keyOf(50, 5), measure: 'relativeStd' },
      is: 'above',
      right: { variant: keyOf(50, 1), measure: 'relativeStd' },
    },
  ],
};
