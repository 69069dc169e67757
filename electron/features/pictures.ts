/** Which captions stand for a data set in previews and comparisons, and pictures of them on disk. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type OutputInfo } from 'sharp';
import type { Dataset } from '../../engine/data/dataset.ts';
import { insertProvenance, type FloatImages, type Provenance } from '../../engine/data/png.ts';
import type { HostCondition } from '../../engine/model/conditions.ts';
import type { Model } from '../../engine/training/modelFile.ts';

/** What pictures are asked to show, for people and for the network. */
export interface Prompts {
  readonly captions: readonly string[];
  /** Indices into the teacher's classes; its number of classes where any will do. */
  readonly classes: Int32Array;
  readonly condition: HostCondition;
}

/** Prompts for captions, each with the class that the data set gives that caption, or any class. */
export function promptsFor(
  model: Pick<Model, 'info' | 'tokeniser'>,
  captions: readonly string[],
  dataset?: Dataset,
): Prompts {
  const { classNames, network } = model.info;
  const length = network.family === 'dit' ? (network.captions?.length ?? 0) : 0;
  const classes = Int32Array.from(captions, (caption) => {
    const row = dataset?.captions.indexOf(caption) ?? -1;
    const name = row < 0 ? undefined : dataset?.classNames[dataset.classes[row] ?? -1];
    const index = name === undefined ? -1 : classNames.indexOf(name);
    return index < 0 ? classNames.length : index;
  });
  const tokens = model.tokeniser?.encodeAll(captions, length);
  return { captions, classes, condition: { classes, ...(tokens && { captions: tokens }) } };
}

/** Captions that stand for a data set: the first of each class, class after class. */
export function captionsOfClasses(dataset: Dataset, count: number): string[] {
  const firsts = dataset.classNames.flatMap((_, index) => {
    const row = dataset.classes.indexOf(index);
    return row < 0 ? [] : [dataset.captions[row] ?? ''];
  });
  return firsts.slice(0, count);
}

export function asImages(values: Float32Array, model: Model): FloatImages {
  const [height = 1, width = 1] = model.denoiser.network.sampleShape;
  return { data: values, count: values.length / (height * width * 3), height, width };
}

const framePattern = /^(\d+)\.png$/;

/** Writes one frame of a run's strip through time. */
export async function writeFrame(
  folder: string,
  iteration: number,
  picture: Buffer,
  made: Provenance,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${String(iteration).padStart(7, '0')}.png`);
  await writeFile(file, insertProvenance(picture, made));
  return file;
}

/** Every frame that a run has written, in order. */
export async function readFrames(
  folder: string,
  height: number,
): Promise<{ iteration: number; images: FloatImages }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => framePattern.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const iteration = Number(framePattern.exec(name)?.[1]);
      return {
        iteration,
        images: unrow(
          await sharp(await readFile(path.join(folder, name)))
            .removeAlpha()
            .raw()
            .toBuffer({ resolveWithObject: true }),
          height,
        ),
      };
    }),
  );
}

/** A row of square pictures to a batch of them. */
function unrow({ data, info }: { data: Buffer; info: OutputInfo }, side: number): FloatImages {
  const count = info.width / side;
  const values = new Float32Array(count * side * side * 3);
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < side; y++) {
      const from = (y * info.width + image * side) * 3;
      const to = (image * side + y) * side * 3;
      for (let k = 0; k < side * 3; k++) values[to + k] = (data[from + k] ?? 0) / 127.5 - 1;
    }
  }
  return { data: values, count, height: side, width: side };
}
