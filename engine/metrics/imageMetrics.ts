/** Everything that the studio says about a set of generated pictures, from one look of the classifier. */
import { permutation } from '../data/permutation.ts';
import { gatherImages, type Dataset } from '../data/dataset.ts';
import type { FloatImages } from '../data/png.ts';
import { captionAgreement, classAgreement, standardRanking, type CaptionPool } from './agreement.ts';
import type { Classifier } from './classifier.ts';
import { measureColour, type Colour } from './colour.ts';
import { selectRows, type Features } from './features.ts';
import { fitGaussian, gaussianDistance, type Gaussian } from './frechet.ts';
import { precisionRecall, type PrecisionRecall } from './precisionRecall.ts';
import { resizeImages } from './resize.ts';

/** Data as the classifier sees it; made once for many references. */
export interface SeenData {
  readonly classifier: Classifier;
  /** Undefined where there are no pictures to compare with. */
  readonly real: Compared | undefined;
  /** From which the wrong choices are drawn: the data set's captions, or texts. Undefined where they are too few. */
  readonly pool: CaptionPool | undefined;
}

/** What generated pictures are compared with; made once for many comparisons. */
export interface Reference extends SeenData {
  /** The teacher's guided samples: what a student aims at. */
  readonly teacher: Compared | undefined;
}

export interface Compared {
  readonly features: Features;
  readonly gaussian: Gaussian;
}

/** What the pictures were asked to show, one entry a picture; leave out what was not asked for. */
export interface Wanted {
  /** Indices of the classifier's classes. */
  readonly classes?: ArrayLike<number>;
  readonly captions?: readonly string[];
}

/** Without real pictures what compares with them is absent. */
export interface ImageMetrics extends Colour, Partial<PrecisionRecall> {
  /** Pictures measured; distances, precision and recall are comparable only at one count. */
  readonly count: number;
  readonly fdToReal: number | undefined;
  readonly fdToTeacher: number | undefined;
  /** Share of pictures seen as the class that was asked for. */
  readonly classAgreement: number | undefined;
  /** Share of pictures whose own caption wins against 31 others. */
  readonly captionAgreement: number | undefined;
}

/** Real pictures that a reference looks at; of larger sets a fixed random part. */
const REAL_LIMIT = 4_096;

/**
 * Looks at the real pictures. The classifier stays the caller's.
 *
 * @param data pictures with captions, or texts where there are no pictures.
 * @throws StudioError 'cancelled'
 */
export async function lookAtData(
  classifier: Classifier,
  data: Dataset | readonly string[],
  signal?: AbortSignal,
): Promise<SeenData> {
  const { pictures, captions } = 'pixels' in data ? realPart(data) : { pictures: undefined, captions: data };
  const isPool = pictures !== undefined || new Set(captions).size >= standardRanking.choices;
  return {
    classifier,
    real: pictures && (await compared(classifier, pictures, signal)),
    pool: isPool ? { captions, embeddings: await classifier.embedCaptions(captions) } : undefined,
  };
}

/** Looks at the teacher's samples too. */
export async function createReference(seen: SeenData, teacherSamples: FloatImages): Promise<Reference> {
  return { ...seen, teacher: await compared(seen.classifier, teacherSamples) };
}

function realPart(dataset: Dataset): { pictures: FloatImages; captions: readonly string[] } {
  const indices = permutation(0, 0, dataset.count).subarray(0, REAL_LIMIT);
  const side = { height: dataset.size, width: dataset.size };
  return {
    pictures: { data: gatherImages(dataset, indices), count: indices.length, ...side },
    captions: Array.from(indices, (index) => dataset.captions[index] ?? ''),
  };
}

/** Measures at least four pictures. Precision and recall use as many real pictures as there are generated ones. */
export async function evaluateImages(
  images: FloatImages,
  { classes, captions }: Wanted,
  { classifier, real, teacher, pool }: Reference,
): Promise<ImageMetrics> {
  const { size } = classifier.description.config;
  const { features, predictions, embeddings } = await classifier.look(resizeImages(images, size));
  const gaussian = fitGaussian(features);
  const equallyMany = permutation(0, 0, real?.features.count ?? 0).subarray(0, images.count);
  const own = captions && pool && { captions, embeddings: await classifier.embedCaptions(captions) };
  return {
    count: images.count,
    fdToReal: real && gaussianDistance(gaussian, real.gaussian),
    fdToTeacher: teacher && gaussianDistance(gaussian, teacher.gaussian),
    ...(real && precisionRecall(selectRows(real.features, equallyMany), features)),
    ...measureColour(images.data),
    classAgreement: classes && classAgreement(predictions, classes),
    captionAgreement: own && captionAgreement(embeddings, own, pool),
  };
}

async function compared(
  classifier: Classifier,
  images: FloatImages,
  signal?: AbortSignal,
): Promise<Compared> {
  const { size } = classifier.description.config;
  const { features } = await classifier.look(resizeImages(images, size), signal);
  return { features, gaussian: fitGaussian(features) };
}
