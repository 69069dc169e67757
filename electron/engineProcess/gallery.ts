/** What the gallery and the library ask of the engine's process: pictures of a grid, measurements, model folders. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { v4 as newId } from 'uuid';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { insertProvenance, writePng } from '../../engine/data/png.ts';
import { studentTimesteps } from '../../engine/sampling/fewStep.ts';
import type { SampleRequest, Sampler, Samples } from '../../engine/sampling/sampler.ts';
import { readBundledClassifier } from '../../engine/training/bundledClassifier.ts';
import { openDataFor } from '../../engine/training/distillationJob.ts';
import { fromFloat32, toFloat32 } from '../../engine/training/halfPrecision.ts';
import { readModel, writeModel, type Model } from '../../engine/training/modelFile.ts';
import { samplerOf } from '../../engine/training/modelSampler.ts';
import type { HandlerContext } from '../bridge/api.ts';
import { readCheckpointModel } from '../features/checkpointModel.ts';
import { Evaluation, haveSameTask } from '../features/evaluation.ts';
import { modelPrompts } from '../features/modelPrompts.ts';
import { asImages, promptsFor, type Prompts } from '../features/pictures.ts';
import { pointPicture } from '../features/pointPicture.ts';
import type { ModelExport, ModelSource, ColumnsMeasuring, Rendering, SampledColumn } from './messages.ts';

/** A toy's one picture shows so many points of each class. */
const POINTS_A_CLASS = 64;

export interface Rendered {
  readonly name: string;
  readonly evaluations: number;
  /** One a cell, in order; `at` is seconds from the start until it was there. */
  readonly pictures: { readonly id: string; readonly at: number }[];
}

export interface Loaded {
  readonly source: ModelSource;
  readonly model: Model;
  readonly sampler: Sampler;
}

export class GalleryWork {
  private loaded: Loaded | undefined;

  /** Writes one picture a cell; with `timed` the graphs are recorded before the clock starts. */
  async render(rendering: Rendering, { signal, progress }: HandlerContext): Promise<Rendered> {
    const { column, cells, folder, timed } = rendering;
    const { model, sampler } = await this.load(column.source);
    const generate = generator({ model, sampler }, column);
    const isToy = model.info.network.family === 'mlp';
    const groups = isToy ? cells.map((cell) => [cell]) : [cells];
    if (timed) {
      const [first] = cells;
      if (first) await generate({ ...requestOf(model, [first]), signal });
    }
    await mkdir(folder, { recursive: true });
    const recipe = model.info.made['recipe'] ?? null;
    const pictures: Rendered['pictures'] = [];
    let [evaluations, elapsed] = [0, 0];
    for (const group of groups) {
      const request = requestOf(model, group);
      const onProgress = (done: number) => {
        if (!isToy) progress(done, cells.length);
      };
      const samples = await generate({ ...request, signal, onProgress });
      evaluations = samples.evaluations;
      for (const [i, { prompt, seed }] of group.entries()) {
        const id = newId();
        const made = { seed, student: model.info.name, ...(prompt && { caption: prompt }), recipe };
        const picture = insertProvenance(await pictureOf(model, request, samples, i), made);
        await writeFile(path.join(folder, `${id}.png`), picture);
        pictures.push({ id, at: elapsed + (samples.seconds * (i + 1)) / group.length });
      }
      elapsed += samples.seconds;
      if (isToy) progress(pictures.length, cells.length);
    }
    return { name: model.info.name, evaluations, pictures };
  }

  /** What the evaluation says of each column against the teacher's own samples; the teacher comes first. */
  async measure(
    { teacher, columns, count, seed }: ColumnsMeasuring,
    { signal, progress }: HandlerContext,
  ): Promise<Record<string, number>[]> {
    const { model } = await this.load(teacher.source);
    const { data } = z.object({ data: z.string() }).catch({ data: 'demo' }).parse(model.info.made['recipe']);
    const { dataset } = await openDataFor(model, teacher.source.places.data ?? data);
    if (!dataset)
      throw new StudioError('input-invalid', 'A toy has no pictures, so there is nothing to measure.');
    const classifier = await readBundledClassifier();
    try {
      const evaluation = new Evaluation({
        teacher: model,
        dataset,
        classifier,
        shown: [],
        measured: count,
        seed,
      });
      const all = [teacher, ...columns];
      const measured: Record<string, number>[] = [];
      for (const [index, column] of all.entries()) {
        const loaded = await this.load(column.source);
        requireSameTask(model, loaded.model);
        const generate = generator(loaded, column);
        const { metrics } = await evaluation.measure({
          ...{ id: String(index), label: loaded.model.info.name, description: '', steps: column.steps },
          kind: index === 0 ? 'reference' : 'student',
          generate: (request) =>
            generate({
              ...{ ...request, signal },
              onProgress: (done) => progress(index * count + done, all.length * count),
            }),
        });
        measured.push(metrics);
      }
      return measured;
    } finally {
      classifier.dispose();
    }
  }

  /** The model that was used last stays on the device. */
  async load(source: ModelSource): Promise<Loaded> {
    if (this.loaded?.source.folder === source.folder) return this.loaded;
    const model = await readSource(source);
    this.loaded?.sampler.dispose();
    this.loaded = { source, model, sampler: samplerOf(model) };
    return this.loaded;
  }
}

/** Writes the folder, reads it again as anybody would, and compares every number before it answers. */
export async function exportModel({ source, folder, numbers }: ModelExport) {
  const { info, weights } = await readSource(source);
  await mkdir(path.dirname(folder), { recursive: true });
  await writeModel(folder, info, weights, numbers);
  const back = await readModel(folder);
  let count = 0;
  for (const [name, values] of Object.entries(back.weights)) {
    const meant = toFloat32(fromFloat32(weights[name] ?? new Float32Array(), [values.length], numbers));
    if (values.length !== meant.length || values.some((value, i) => value !== meant[i]))
      throw new StudioError(
        'file-invalid',
        `The exported parameter ${name} is not what was written; do not use this copy.`,
        'Check the disk and export again; the run itself is unharmed.',
      );
    count += values.length;
  }
  return { weights: count };
}

const readSource = ({ kind, folder, places }: ModelSource): Promise<Model> =>
  kind === 'checkpoint' ? readCheckpointModel(folder, places.teacher) : readModel(folder);

export function generator(
  { model, sampler }: Pick<Loaded, 'model' | 'sampler'>,
  { steps, guidance }: Pick<SampledColumn, 'steps' | 'guidance'>,
): (request: SampleRequest) => Promise<Samples> {
  const { times, made, solver } = model.info;
  if (!times) return (request) => sampler.teacher(request, { steps, guidance: guidance ?? 1 });
  const own =
    times.length === steps ? times : studentTimesteps(steps, parseRecipe(made['recipe']).student.shift);
  return (request) => sampler.student(request, own, solver);
}

/** Cells of pictures, or of a toy all points of the one cell. */
function requestOf(
  model: Model,
  cells: Rendering['cells'],
): SampleRequest & { readonly classes: Int32Array } {
  const seeds = cells.map(({ seed }) => seed);
  const isToy = model.info.network.family === 'mlp';
  const { classes, condition } = isToy
    ? modelPrompts(model, [], POINTS_A_CLASS)
    : promptsOf(
        model,
        cells.map(({ prompt }) => prompt),
      );
  const [seed = 0] = seeds;
  return { seed, classes, count: classes.length, condition, ...(!isToy && { seeds }) };
}

/** A text that names a class asks for that class, without a caption; any other is a caption. */
export function promptsOf(model: Model, texts: readonly string[]): Pick<Prompts, 'classes' | 'condition'> {
  if (!model.tokeniser) return modelPrompts(model, texts);
  const { classNames } = model.info;
  const known = texts.map((text) => classNames.indexOf(text));
  const classes = Int32Array.from(known, (index) => (index < 0 ? classNames.length : index));
  const captions = texts.map((text, i) => ((known[i] ?? -1) < 0 ? text : ''));
  return { classes, condition: { ...promptsFor(model, captions).condition, classes } };
}

function pictureOf(
  model: Model,
  { classes }: { readonly classes: Int32Array },
  { values }: Samples,
  index: number,
): Promise<Buffer> {
  if (model.info.network.family === 'mlp') return pointPicture(values, classes, model.info.classNames.length);
  const { height, width, ...images } = asImages(values, model);
  const length = height * width * 3;
  const data = images.data.subarray(index * length, (index + 1) * length);
  return writePng(data, width, height);
}

function requireSameTask({ info: teacher }: Model, { info }: Model): void {
  if (haveSameTask(teacher, info)) return;
  throw new StudioError(
    'input-invalid',
    `“${info.name}” has another size, other classes or other captions than “${teacher.name}”.`,
    'Measure a teacher with its own students.',
  );
}
