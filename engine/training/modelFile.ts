/** A model on disk, teacher or student: `model.json` and `weights.safetensors` in one folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../contract/errors.ts';
import { modelInfoSchema, type ModelInfo } from '../contract/modelInfo.ts';
import { CaptionTokeniser } from '../data/captions.ts';
import type { ImageStatistics } from '../distillation/regularizers/meanVariance.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { createExperts } from '../model/experts.ts';
import { sizeOf, toTensors } from '../model/parameters.ts';
import { createNetwork } from '../model/registry.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { hasCode } from './fileSystem.ts';
import { fromFloat32, toFloat32 } from './halfPrecision.ts';
import { bundledTeachers, modelFolder, MODEL_METADATA } from './modelFolder.ts';
import { encodeSafetensors, parseSafetensors, readSafetensors } from './safetensors.ts';

export interface Model {
  readonly info: ModelInfo;
  readonly denoiser: Denoiser;
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly tokeniser: CaptionTokeniser | undefined;
  /** Of the weights file; names the model in checkpoints. */
  readonly sha256: string;
}

export const createDenoiser = ({
  network,
  dataDeviation,
  experts,
}: Pick<ModelInfo, 'network' | 'dataDeviation' | 'experts'>): Denoiser => ({
  network: experts ? createExperts(createNetwork(network), experts) : createNetwork(network),
  dataDeviation,
});

/** @throws StudioError 'not-found' or 'file-invalid'. */
export async function readModel(nameOrFolder: string): Promise<Model> {
  const folder = modelFolder(nameOrFolder);
  const info = await readInfo(folder);
  const denoiser = createDenoiser(info);
  const file = path.join(folder, 'weights.safetensors');
  const { arrays } = await readSafetensors(file).catch((cause: unknown) => {
    if (hasCode(cause, 'ENOENT')) throw notFound(folder, cause);
    throw cause;
  });
  const hash = createHash('sha256');
  const weights = Object.fromEntries(
    Object.entries(denoiser.network.specs).map(([name, { shape }]) => {
      const array = arrays.get(name);
      if (!array || array.shape.join() !== shape.join())
        throw damaged(folder, `parameter ${name} is missing or misshapen`);
      hash.update(array.data);
      const values = toFloat32(array);
      if (values.length !== sizeOf(shape) || !values.every(Number.isFinite))
        throw damaged(folder, `parameter ${name} is not finite`);
      return [name, values];
    }),
  );
  const tokeniser = info.tokeniser === null ? undefined : CaptionTokeniser.fromJSON(info.tokeniser);
  return { info, denoiser, weights, tokeniser, sha256: hash.digest('hex') };
}

/** The model's weights as tensors; the caller disposes them. */
export const weightTensors = ({ denoiser, weights }: Pick<Model, 'denoiser' | 'weights'>): NamedTensors =>
  toTensors(denoiser.network.specs, weights);

/**
 * Writes a model folder, reads it back and compares, then puts it in place whole.
 *
 * @throws StudioError 'input-invalid' where the folder exists already, so that nothing is overwritten.
 */
export async function writeModel(
  folder: string,
  info: ModelInfo,
  weights: Readonly<Record<string, Float32Array>>,
  dtype: 'F32' | 'F16' | 'BF16' = 'F32',
): Promise<void> {
  const { specs } = createDenoiser(info).network;
  const arrays = new Map(
    Object.entries(specs).map(([name, { shape }]) => {
      const values = weights[name];
      if (!values) throw new Error(`parameter ${name} has no value`);
      return [name, fromFloat32(values, shape, dtype)] as const;
    }),
  );
  // The file alone says what it is, too, wherever it goes without its folder.
  const bytes = Buffer.concat(
    encodeSafetensors(arrays, { format: 'pt', [MODEL_METADATA]: JSON.stringify(info) }),
  );
  const temporary = `${folder}.tmp-${process.pid}`;
  await mkdir(temporary, { recursive: true });
  try {
    await writeFile(path.join(temporary, 'weights.safetensors'), bytes, { flush: true });
    await writeFile(path.join(temporary, 'model.json'), `${JSON.stringify(info, undefined, 2)}\n`, {
      flush: true,
    });
    const back = parseSafetensors(await readFile(path.join(temporary, 'weights.safetensors')));
    for (const [name, { data }] of arrays) {
      if (!Buffer.from(data).equals(back.arrays.get(name)?.data ?? Buffer.alloc(0)))
        throw damaged(folder, `${name} changed on disk`);
    }
    await rename(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw cause;
    throw new StudioError(
      'input-invalid',
      `“${folder}” exists already; it was left as it is.`,
      'Choose another folder.',
      {
        cause,
      },
    );
  }
}

async function readInfo(folder: string): Promise<ModelInfo> {
  const text = await readFile(path.join(folder, 'model.json'), 'utf8').catch((cause: unknown) => {
    throw notFound(folder, cause);
  });
  try {
    return modelInfoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(folder, 'model.json cannot be understood', cause);
  }
}

function notFound(folder: string, cause: unknown): StudioError {
  return new StudioError(
    'not-found',
    `There is no model in “${folder}”.`,
    `Name a folder with model.json and weights.safetensors, or a bundled teacher: ${bundledTeachers.join(', ')}.`,
    { cause },
  );
}

function damaged(folder: string, what: string, cause?: unknown): StudioError {
  return new StudioError(
    'file-invalid',
    `The model in “${folder}” cannot be used: ${what}.`,
    'Export or copy it again.',
    {
      cause,
    },
  );
}

/** Average over samples of each one's mean and variance (x: count samples of `length` numbers), and the RMS of all. */
export function dataStatistics(
  x: Float32Array,
  length: number,
): { statistics: ImageStatistics; deviation: number } {
  const count = x.length / length;
  let [meanSum, varianceSum, squareSum] = [0, 0, 0];
  for (let sample = 0; sample < count; sample++) {
    let [sum, squares] = [0, 0];
    for (const value of x.subarray(sample * length, (sample + 1) * length)) {
      sum += value;
      squares += value * value;
    }
    meanSum += sum / length;
    varianceSum += squares / length - (sum / length) ** 2;
    squareSum += squares / length;
  }
  return {
    statistics: { mean: meanSum / count, variance: varianceSum / count },
    deviation: Number(Math.sqrt(squareSum / count).toFixed(4)),
  };
}
