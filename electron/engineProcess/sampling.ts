/** Pictures of a model on disk, written where the host serves them from. The newest model stays on the device. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { insertProvenance, writePng } from '../../engine/data/png.ts';
import type { Sampler } from '../../engine/sampling/sampler.ts';
import { readModel, type Model } from '../../engine/training/modelFile.ts';
import { samplerOf } from '../../engine/training/modelSampler.ts';
import type { HandlerContext } from '../bridge/api.ts';
import { modelPrompts } from '../features/modelPrompts.ts';
import { asImages } from '../features/pictures.ts';
import { pointPicture } from '../features/pointPicture.ts';
import type { Sampling } from './messages.ts';

/** A toy's one picture shows so many points of each class. */
const POINTS_A_PROMPT = 64;

export interface SampledPictures {
  readonly pictures: { readonly file: string; readonly caption: string }[];
  readonly evaluations: number;
  readonly seconds: number;
}

export class ModelSamplings {
  private loaded: { readonly folder: string; readonly model: Model; readonly sampler: Sampler } | undefined;

  async sample(sampling: Sampling, { signal, progress }: HandlerContext): Promise<SampledPictures> {
    const { model, sampler } = await this.load(sampling.model);
    const isToy = model.info.network.family === 'mlp';
    const prompts = modelPrompts(model, sampling.prompts, isToy ? POINTS_A_PROMPT : 1);
    const count = prompts.classes.length;
    const { seed, steps, guidance } = sampling;
    const request = {
      ...{ seed, count, condition: prompts.condition, signal },
      onProgress: (done: number) => progress(done, count),
    };
    const { times, solver, name } = model.info;
    const { values, evaluations, seconds } = times
      ? await sampler.student(request, times, solver)
      : await sampler.teacher(request, { steps, guidance });
    const recipe = model.info.made['recipe'] ?? null;
    await mkdir(sampling.pictureFolder, { recursive: true });
    const write = async (picture: Buffer, caption: string) => {
      const file = `${randomUUID()}.png`;
      const made = { seed, student: name, ...(caption && { caption }), recipe };
      await writeFile(path.join(sampling.pictureFolder, file), insertProvenance(picture, made));
      return { file, caption };
    };
    if (isToy) {
      const picture = await pointPicture(values, prompts.classes, model.info.classNames.length);
      return { pictures: [await write(picture, '')], evaluations, seconds };
    }
    const images = asImages(values, model);
    const length = values.length / count;
    const pictures = prompts.captions.map(async (caption, i) => {
      const data = values.subarray(i * length, (i + 1) * length);
      return write(await writePng(data, images.width, images.height), caption);
    });
    return { pictures: await Promise.all(pictures), evaluations, seconds };
  }

  private async load(folder: string) {
    if (this.loaded?.folder === folder) return this.loaded;
    const model = await readModel(folder);
    this.loaded?.sampler.dispose();
    this.loaded = { folder, model, sampler: samplerOf(model) };
    return this.loaded;
  }
}

/** Thrown where pictures of a training are asked for and nothing trains. */
export function nothingTrains(): StudioError {
  return new StudioError('input-invalid', 'No run is training now.', 'Start or resume one first.');
}
