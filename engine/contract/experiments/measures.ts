/** What each measured number means, in one sentence, and which way is better. */

export interface Measure {
  readonly label: string;
  readonly explanation: string;
  /** Absent where neither direction is better in itself. */
  readonly best?: 'lowest' | 'highest';
}

const known: Readonly<Record<string, Measure>> = {
  toTeacher: {
    label: 'To the teacher',
    explanation:
      'Distance to the teacher’s 50 guided steps of the same seed: of a toy the class-conditional sliced W₁, of pictures the Fréchet distance in the features of the bundled classifier.',
    best: 'lowest',
  },
  toUnguided: {
    label: 'To the unguided',
    explanation: 'The same distance to the teacher’s 50 steps without guidance.',
  },
  toData: {
    label: 'To the data',
    explanation: 'Fréchet distance to the real pictures in the same features.',
    best: 'lowest',
  },
  captionAgreement: {
    label: 'Caption agreement',
    explanation: 'The share of samples whose own caption the classifier prefers to 31 others.',
    best: 'highest',
  },
  classAgreement: {
    label: 'Class agreement',
    explanation: 'The share of samples seen as the class that was asked for.',
    best: 'highest',
  },
  mean: { label: 'Mean', explanation: 'Mean of all of the samples’ values.' },
  std: { label: 'Std', explanation: 'Standard deviation of all of the samples’ values.' },
  relativeStd: {
    label: 'Std, teacher = 1',
    explanation: 'The deviation in units of the guided teacher’s: far above 1 means over-baked.',
  },
  saturation: { label: 'Saturation', explanation: 'Mean colour saturation of the samples.' },
  outOfRange: {
    label: 'Out of range',
    explanation: 'The share of values beyond [−1, 1], which are cut off in the picture.',
  },
  moved: {
    label: 'Moved',
    explanation: 'Root mean square of what training changed in the samples of the same noise.',
  },
  coarse: {
    label: 'Coarse share',
    explanation:
      'Of that change’s energy, the share that the means over a picture’s 4 × 4 blocks, or over a toy’s classes, account for: composition and colour rather than detail.',
  },
  lateGrowth: {
    label: 'Late growth',
    explanation:
      'The deviation at the end divided by that at half of the iterations: above 1 it still rises.',
  },
  fakeLoss: {
    label: 'Fake-score loss',
    explanation:
      'Mean loss of the fake score over the last tenth of the iterations: high means that it lags.',
    best: 'lowest',
  },
};

const views: Readonly<Record<string, Measure>> = {
  teacherStd: { label: 'Teacher’s std', explanation: 'Deviation of what the teacher predicts' },
  fakeStd: { label: 'Fake’s std', explanation: 'Deviation of what the fake score predicts' },
  teacherGap: { label: 'Teacher’s gap', explanation: 'How far the teacher’s prediction is' },
  fakeGap: { label: 'Fake’s gap', explanation: 'How far the fake score’s prediction is' },
};

/** In the order in which tables show them; others come last. */
export const inOrder = (names: Iterable<string>): string[] => {
  const order = Object.keys(known);
  const rank = (name: string) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return [...names].sort((a, b) => rank(a) - rank(b));
};

/** A name without a description is shown as it is. */
export function describeMeasure(name: string): Measure {
  const [view = '', tau] = name.split('@');
  const found = tau === undefined ? known[name] : views[view];
  if (!found) return { label: name, explanation: '' };
  if (tau === undefined) return found;
  const from = view.endsWith('Gap') ? ' from the student’s samples' : '';
  return {
    label: `${found.label}, τ ${tau}`,
    explanation: `${found.explanation}${from} when these are re-noised to τ = ${tau}.`,
  };
}
