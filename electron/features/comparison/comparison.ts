/** Everything that a comparison report shows, as plain data. Making the samples and measuring them is not done here. */
import type { FloatImages } from '../../../engine/data/png.ts';
import type { MetricDescription } from './metricDescriptions.ts';

export interface Comparison {
  readonly title: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** How the noise was drawn, for people: `seeds 1 to 8, the same in every column`. */
  readonly seedInfo: string;
  /** One a row, in the order of every column's images; empty where the model takes no caption. */
  readonly prompts: readonly string[];
  /** The first, and only the first, is the reference. */
  readonly columns: readonly ComparisonColumn[];
  readonly strips: readonly Strip[];
  /** By name; any JSON. */
  readonly recipes: Readonly<Record<string, unknown>>;
  /** What a fair reader must know; plain sentences. */
  readonly notes: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  /** Standard deviation of the real images over all pixels and channels, marked on the meters of the strips. */
  readonly dataStd?: number;
  /** For metrics that `metricDescriptions.ts` does not know. */
  readonly metricDescriptions?: Readonly<Record<string, MetricDescription>>;
}

export interface ComparisonColumn {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** The reference is what the others are to equal: the teacher at many steps. It wins no marks. */
  readonly kind: 'reference' | 'baseline' | 'student';
  readonly steps: number;
  /** Network evaluations for one image; guidance needs two a step. */
  readonly evaluations: number;
  readonly secondsPerImage: number;
  /** One for each prompt. */
  readonly images: FloatImages;
  readonly metrics: Readonly<Record<string, number>>;
}

/** How one run's samples of the same few seeds changed while it trained. */
export interface Strip {
  readonly label: string;
  readonly description: string;
  readonly frames: readonly StripFrame[];
}

export interface StripFrame {
  readonly iteration: number;
  /** Equally many in every frame. */
  readonly images: FloatImages;
  /** Standard deviation of the samples, images in [-1, 1]. */
  readonly xStd: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** How many times faster than the reference a column makes an image. */
export function speedup({ columns }: Comparison, column: ComparisonColumn): number {
  return (columns[0]?.secondsPerImage ?? NaN) / column.secondsPerImage;
}

/** Throws a RangeError for data that contradict themselves, so that no report shows an image under a wrong name. */
export function checkComparison({ columns, prompts, strips }: Comparison): void {
  const [first, ...others] = columns;
  if (first?.kind !== 'reference' || others.some(({ kind }) => kind === 'reference'))
    throw new RangeError('The first column of a comparison, and only the first, must be the reference.');
  for (const { label, images } of columns) {
    checkImages(label, images);
    if (images.count !== prompts.length)
      throw new RangeError(`${label} has ${images.count} images for ${prompts.length} prompts.`);
  }
  for (const { label, frames } of strips) {
    if (frames.length === 0) throw new RangeError(`${label} has no frame.`);
    for (const { images } of frames) {
      checkImages(label, images);
      if (images.count !== frames[0]?.images.count)
        throw new RangeError(`The frames of ${label} have different numbers of images.`);
    }
  }
}

function checkImages(label: string, { data, count, height, width }: FloatImages): void {
  if (count < 1 || data.length !== count * height * width * 3)
    throw new RangeError(`${label}: ${data.length} values are not ${count}×${height}×${width}×3.`);
}
