/**
 * Which model a file or folder is that a person chose, from what it says of itself. Strangers' files: nothing of them
 * is made or run here; whether the weights are whole is found where they are read.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { modelInfoSchema, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import { hasCode } from '../../engine/training/fileSystem.ts';
import { MODEL_METADATA } from '../../engine/training/modelFolder.ts';
import { readSafetensorsHeader } from '../../engine/training/safetensors.ts';
import type { SafetensorsHeader } from '../../engine/training/safetensorsFormat.ts';

export interface RecognisedModel {
  readonly info: ModelInfo;
  /** Absolute. */
  readonly weightsFile: string;
}

const WEIGHTS = 'weights.safetensors';
const INFO = 'model.json';
/** Bytes; a tokeniser of 65,536 pieces is smaller. */
const LARGEST_INFO = 8 * 2 ** 20;

/** @throws StudioError 'file-invalid' with one sentence on what it is instead. */
export async function recogniseModel(location: string): Promise<RecognisedModel> {
  if ((await stat(location)).isDirectory()) return recogniseFolder(location);
  if (path.basename(location) === INFO) return recogniseFolder(path.dirname(location));
  const name = path.basename(location);
  if (!/\.safetensors$/i.test(location)) throw foreign(`“${name}” is no model.`);
  const header = await headerOf(location);
  const own = header.metadata[MODEL_METADATA];
  const text = own ?? (name === WEIGHTS ? await readInfoText(path.dirname(location)) : undefined);
  if (text !== undefined) return { info: understood(text, name), weightsFile: location };
  throw foreign(
    `“${name}” holds ${header.entries.size} arrays of numbers and does not say that they are a model of Stillroom.`,
  );
}

async function recogniseFolder(folder: string): Promise<RecognisedModel> {
  const name = path.basename(folder);
  const text = await readInfoText(folder);
  const files = await readdir(folder);
  if (text === undefined && files.includes('state.json') && files.includes(WEIGHTS))
    throw new StudioError(
      'file-invalid',
      `“${name}” is a checkpoint of a run, not a model.`,
      'Export the run in the Library, and add what it writes.',
    );
  const alone = files.filter((file) => /\.safetensors$/i.test(file));
  if (text === undefined && alone[0] !== undefined && alone.length === 1)
    return recogniseModel(path.join(folder, alone[0]));
  if (text === undefined) throw foreign(`There is no model in “${name}”.`);
  if (!files.includes(WEIGHTS)) throw foreign(`“${name}” says what the model is, but ${WEIGHTS} is missing.`);
  const weightsFile = path.join(folder, WEIGHTS);
  await headerOf(weightsFile);
  return { info: understood(text, name), weightsFile };
}

/** Undefined where the folder has none. */
async function readInfoText(folder: string): Promise<string | undefined> {
  const file = path.join(folder, INFO);
  try {
    if ((await stat(file)).size > LARGEST_INFO) throw foreign(`${INFO} is larger than that of any model.`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function understood(text: string, name: string): ModelInfo {
  try {
    return modelInfoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw foreign(`What “${name}” says of its model is not understood.`, cause);
  }
}

async function headerOf(file: string): Promise<SafetensorsHeader> {
  try {
    return await readSafetensorsHeader(file);
  } catch (cause) {
    if (!(cause instanceof StudioError)) throw cause;
    throw foreign(`“${path.basename(file)}” is damaged: its header cannot be read.`, cause);
  }
}

const foreign = (message: string, cause?: unknown) =>
  new StudioError(
    'file-invalid',
    message,
    `Add a folder with ${INFO} and ${WEIGHTS}, or a .safetensors file that was exported here.`,
    { cause },
  );
