/** What each number of a comparison means, in one sentence, and which way is better. */

export interface MetricDescription {
  readonly label: string;
  readonly explanation: string;
  /** Absent where neither direction is better in itself. */
  readonly best?: 'lowest' | 'highest';
}

/** Keys as the engine's metrics name them. */
const known: Readonly<Record<string, MetricDescription>> = {
  fdToTeacher: {
    label: 'FD to teacher',
    explanation:
      'Fréchet distance to the reference’s samples in the features of the bundled classifier: how far the samples as a whole are from what the student aims at.',
    best: 'lowest',
  },
  fdToReal: {
    label: 'FD to data',
    explanation: 'The same distance to the real images.',
    best: 'lowest',
  },
  captionAgreement: {
    label: 'Caption agreement',
    explanation: 'The share of samples whose own caption the classifier prefers to 31 others.',
    best: 'highest',
  },
  classAgreement: {
    label: 'Class agreement',
    explanation: 'The share of samples that the classifier sees as the class that was asked for.',
    best: 'highest',
  },
  precision: {
    label: 'Precision',
    explanation: 'The share of samples that look like some real image: high means few broken ones.',
    best: 'highest',
  },
  recall: {
    label: 'Recall',
    explanation: 'The share of real images that some sample resembles: high means variety.',
    best: 'highest',
  },
  saturation: {
    label: 'Saturation',
    explanation: 'Mean colour saturation: far above the reference’s means over-baked images.',
  },
  std: {
    label: 'Std',
    explanation:
      'Contrast of the samples, images in [−1, 1]: far above the real images’ means over-baked images.',
  },
  outOfRange: {
    label: 'Out of range',
    explanation: 'The share of values beyond [−1, 1], which are cut off in the picture.',
  },
};

/** A metric without a description is shown under its key, unmarked. */
export function describeMetric(
  key: string,
  additional: Readonly<Record<string, MetricDescription>> = {},
): MetricDescription {
  for (const descriptions of [additional, known]) {
    const found = Object.hasOwn(descriptions, key) ? descriptions[key] : undefined;
    if (found) return found;
  }
  return { label: key, explanation: '' };
}
