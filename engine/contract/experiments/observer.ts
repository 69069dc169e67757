/** Figure 4b: CA alone, with a fake score trained beside it that has no influence. */
import type { Statement } from './claim.ts';
import { ARXIV, imageRecipe, teacherAt, toyRecipe, type Experiment } from './experiment.ts';

const taus = [0.3, 0.5, 0.7] as const;
const variant = 'observed';

const statements: Statement[] = taus.flatMap((tau): Statement[] => {
  const of = (measure: string) => ({ variant, measure: `${measure}@${tau}` });
  return [
    {
      text: `At τ = ${tau} the artefact is in the fake score’s prediction rather than in the teacher’s: its deviation is higher.`,
      ...{ left: of('fakeStd'), is: 'above', right: of('teacherStd') },
    },
    {
      text: `At τ = ${tau} the fake score repeats the student’s samples more closely than the teacher, so that DM points away from the artefact.`,
      ...{ left: of('fakeGap'), is: 'below', right: of('teacherGap') },
    },
  ];
});

const common = { student: { steps: 1 }, distributionMatching: { weight: 0 } } as const;

export const observer: Experiment = {
  id: 'observer',
  title: 'What the fake score sees',
  claim:
    'Beside a student of CA alone, the artefact is absent from the teacher’s prediction and present in the fake score’s, so that the direction of DM would cancel it.',
  source: `Figure 4b of ${ARXIV}`,
  variants: [{ key: variant, name: 'CA alone, observed', changes: { 'fakeScore.trained': 'always' } }],
  baselines: [teacherAt(50)],
  recipe: {
    toy: { ...toyRecipe, ...common, student: { ...toyRecipe.student, ...common.student } },
    images: { ...imageRecipe, ...common },
  },
  taus: [...taus],
  measures: [
    ...taus.flatMap((tau) =>
      ['teacherStd', 'fakeStd', 'teacherGap', 'fakeGap'].map((name) => `${name}@${tau}`),
    ),
    'relativeStd',
    'toTeacher',
    'mean',
    'std',
  ],
  statements,
};
