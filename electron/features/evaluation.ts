/** Measures models for the same seeds and prompts against the teacher's guided samples and the real images. */
import type { FloatImages } from '../../engine/data/png.ts';
import type { Classifier } from '../../engine/metrics/classifier.ts';
import {
  createReference,
  evaluateImages,
  type ImageMetrics,
  type Reference,
} from '../../engine/metrics/imageMetrics.ts';
import type { SampleRequest, Samples } from '../../engine/sampling/sampler.ts';
import { permutation } from '../../engine/data/batches.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import type { Model } from '../../engine/training/modelFile.ts';
import type { ComparisonColumn } from './comparison/comparison.ts';
import { asImages, promptsFor, type Prompts } from './pictures.ts';

export interface Contestant extends Pick<
  ComparisonColumn,
  'id' | 'label' | 'description' | 'kind' | 'steps'
> {
  readonly generate: (request: SampleRequest) => Promise<Samples>;
}

export interface EvaluationPlan {
  readonly teacher: Model;
  readonly dataset: Dataset;
  readonly classifier: Classifier;
  /** Shown in the comparison, one row each. */
  readonly shown: readonly string[];
  /** Further pictures, prompted by captions drawn from the data; the metrics are of these. */
  readonly measured: number;
  readonly seed: number;
}

export class Evaluation {
  private readonly plan: EvaluationPlan;
  private readonly prompts: Prompts;
  private readonly classes: Int32Array;
  private reference: Reference | undefined;

  constructor(plan: EvaluationPlan) {
    const { teacher, dataset, classifier, shown, measured, seed } = plan;
    this.plan = plan;
    const drawn = [...permutation(seed, 0, dataset.count).subarray(0, measured)];
    this.prompts = promptsFor(
      teacher,
      [...shown, ...drawn.map((row) => dataset.captions[row] ?? '')],
      dataset,
    );
    const seen = dataset.classNames.map((name) => classifier.description.classNames.indexOf(name));
    this.classes = Int32Array.from(drawn, (row) => seen[dataset.classes[row] ?? -1] ?? -1);
  }

  /** What every contestant is asked for. */
  get request(): SampleRequest {
    const { captions, condition } = this.prompts;
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
    const all = asImages(values, this.plan.teacher);
    const shownCount = this.plan.shown.length;
    const [images, measured] = [part(all, 0, shownCount), part(all, shownCount, all.count)];
    this.reference ??= await createReference(this.plan.classifier, this.plan.dataset, measured);
    const wanted = { classes: this.classes, captions: this.prompts.captions.slice(shownCount) };
    return { images, found: await evaluateImages(measured, wanted, this.reference) };
  }
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
