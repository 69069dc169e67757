/** What each number of a comparison means, in one sentence, and which way is better. */

export interface MetricDescription {
  readonly label: string;
  readonly explanation: string;
  /** Absent where neither direction is better in itself. */
  readonly best?: 'lowest' | 'highest';
}

/** Keys as the engine's metrics name them. */
const known: Readonly<Record<string, MetricDescription>> = {
  frechet: {
    label: 'Fréchet distance',
    explanation: 'How far the samples as a whole are from real images in feature space.',
    best: 'lowest',
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
  slicedWasserstein: {
    label: 'Sliced Wasserstein',
    explanation: 'How differently texture is distributed in samples and real images, over several scales.',
    best: 'lowest',
  },
  distanceToTeacher: {
    label: 'Distance to teacher',
    explanation:
      'Root mean square difference from the reference’s image of the same seed, images in [−1, 1].',
    best: 'lowest',
  },
  variety: {
    label: 'Variety',
    explanation: 'Mean distance between two samples: near zero means that every seed gives the same image.',
    best: 'highest',
  },
  saturation: {
    label: 'Saturation',
    explanation: 'Mean colour saturation: far above the reference’s means over-baked images.',
  },
  xStd: {
    label: 'Standard deviation',
    explanation:
      'Contrast of the samples, images in [−1, 1]: far above the real images’ means over-baked images.',
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
