/** Measures models for the same seeds and prompts against the teacher's guided samples, and the real images if there are any. */
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import type { FloatImages } from '../../engine/data/png.ts';
import type { Classifier } from '../../engine/metrics/classifier.ts';
import {
  createReference,
  evaluateImages,
  lookAtData,
  type ImageMetrics,
  type Reference,
  type SeenData,
} from '../../engine/metrics/imageMetrics.ts';
import type { SampleRequest, Samples } from '../../engine/sampling/sampler.ts';
import { permutation } from '../../engine/data/permutation.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import { selectConditions } from '../../engine/model/conditions.ts';
import type { Model } from '../../engine/training/modelFile.ts';
import type { ComparisonColumn } from './comparison/comparison.ts';
import { modelPrompts } from './modelPrompts.ts';
import { asImages, promptsFor, type Prompts } from './pictures.ts';

export interface Contestant extends Pick<
  ComparisonColumn,
  'id' | 'label' | 'description' | 'kind' | 'steps'
> {
  readonly generate: (request: SampleRequest) => Promise<Samples>;
}

export type EvaluationPlan = {
  readonly teacher: Model;
  readonly classifier: Classifier;
  /** Pictures that the metrics are of, prompted by captions or texts drawn from the data. */
  readonly measured: number;
  readonly seed: number;
  /** The data, where the classifier has looked at it before. */
  readonly seen?: SeenData;
} & (WithPictures | WithTexts);

interface WithPictures {
  readonly dataset: Dataset;
  /** Captions of further pictures, which are shown in the comparison, one row each. */
  readonly shown: readonly string[];
}

/** No real pictures to compare with, and none shown. */
interface WithTexts {
  /** None: the teacher's classes. */
  readonly texts: readonly string[];
}

/** Models are compared for the same conditions and noise, so these must mean the same to both. */
export function haveSameTask(one: ModelInfo, other: ModelInfo): boolean {
  const task = ({ network, classNames, tokeniser }: ModelInfo) =>
    JSON.stringify([network.family === 'dit' && network.size, classNames, tokeniser]);
  return task(one) === task(other);
}

export class Evaluation {
  private readonly plan: EvaluationPlan;
  private readonly asked: Asked;
  /** Of the classifier, by measured picture; undefined where it does not know one. */
  private readonly classes: Int32Array | undefined;
  private reference: Reference | undefined;

  constructor(plan: EvaluationPlan) {
    this.plan = plan;
    this.asked = 'dataset' in plan ? ofPictures(plan) : ofTexts(plan);
    const seen = this.asked.classNames.map((name) => plan.classifier.description.classNames.indexOf(name));
    this.classes = seen.every((index) => index >= 0) ? Int32Array.from(seen) : undefined;
  }

  /** What every contestant is asked for. */
  get request(): SampleRequest {
    const { captions, condition } = this.asked.prompts;
    return { seed: this.plan.seed, count: captions.length, condition };
  }

  /** The first contestant is the reference that the others are compared with. */
  async measure(contestant: Contestant): Promise<ComparisonColumn> {
    const { generate, ...described } = contestant;
    const samples = await generate(this.request);
    const { images, found } = await this.assess(samples.values);
    return {
      ...described,
      evaluations: samples.evaluations,
      secondsPerImage: samples.seconds / this.request.count,
      images,
      metrics: shownMetrics(found, described.kind === 'reference'),
    };
  }

  /** Of samples of `request`: those that are shown, and what is measured of the others. The first are the reference. */
  async assess(
    values: Float32Array,
  ): Promise<{ readonly images: FloatImages; readonly found: ImageMetrics }> {
    const { teacher, classifier, seen } = this.plan;
    const { prompts, shownCount, data } = this.asked;
    const all = asImages(values, teacher);
    const [images, measured] = [part(all, 0, shownCount), part(all, shownCount, all.count)];
    this.reference ??= await createReference(seen ?? (await lookAtData(classifier, data)), measured);
    const captions = prompts.captions.slice(shownCount);
    const wanted = { captions, ...(this.classes && { classes: this.classes }) };
    return { images, found: await evaluateImages(measured, wanted, this.reference) };
  }
}

interface Asked {
  /** First of what is shown, then of what is measured. */
  readonly prompts: Prompts;
  readonly shownCount: number;
  /** What pictures are compared with, or drawn from. */
  readonly data: Dataset | readonly string[];
  /** Of what is measured, one a picture. */
  readonly classNames: readonly string[];
}

function ofPictures({ teacher, dataset, shown, measured, seed }: EvaluationPlan & WithPictures): Asked {
  const drawn = [...permutation(seed, 0, dataset.count).subarray(0, measured)];
  const captions = [...shown, ...drawn.map((row) => dataset.captions[row] ?? '')];
  return {
    prompts: promptsFor(teacher, captions, dataset),
    ...{ shownCount: shown.length, data: dataset },
    classNames: drawn.map((row) => dataset.classNames[dataset.classes[row] ?? -1] ?? ''),
  };
}

/** Each text, or class, as often as any other or once more. */
function ofTexts({ teacher, texts, measured, seed }: EvaluationPlan & WithTexts): Asked {
  const { captions, classes, condition } = modelPrompts(teacher, texts);
  const count = captions.length;
  const turns = Array.from({ length: Math.ceil(measured / count) }, (_, turn) =>
    permutation(seed, turn, count),
  );
  const drawn = turns.flatMap((turn) => [...turn]).slice(0, measured);
  return {
    prompts: {
      captions: drawn.map((row) => captions[row] ?? ''),
      classes: Int32Array.from(drawn, (row) => classes[row] ?? 0),
      condition: selectConditions(teacher.denoiser.network.conditioning, condition, drawn),
    },
    ...{ shownCount: 0, data: texts },
    classNames: drawn.map((row) => teacher.info.classNames[classes[row] ?? -1] ?? ''),
  };
}

const part = ({ data, height, width }: FloatImages, from: number, to: number): FloatImages => ({
  data: data.slice(from * height * width * 3, to * height * width * 3),
  count: to - from,
  height,
  width,
});

/** What a comparison says of the pictures, in its order. */
const shownNames = [
  'fdToTeacher',
  'fdToReal',
  'captionAgreement',
  'classAgreement',
  'precision',
  'recall',
  'saturation',
  'std',
  'outOfRange',
] as const;

/** The reference has no distance to itself. */
function shownMetrics(found: ImageMetrics, isReference: boolean): Record<string, number> {
  const names = shownNames.filter((name) => !isReference || name !== 'fdToTeacher');
  return Object.fromEntries(
    names.flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]])),
  );
}
