/** What a project file is made of: each of its files with where it comes from, without paths of this computer. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { pictureName } from '../../../engine/contract/messages/data.ts';
import { isPromptData } from '../../../engine/contract/promptData.ts';
import { readPrompts } from '../../../engine/data/promptFile.ts';
import { openTree } from '../../../engine/data/readDataset.ts';
import { checkpointFiles, manifestName } from '../../../engine/training/checkpointManifest.ts';
import { hasCode } from '../../../engine/training/fileSystem.ts';
import { getDataSet, type KeptDataSet } from '../../store/dataSets.ts';
import type { Store } from '../../store/database.ts';
import { metricLines } from '../../store/metricLines.ts';
import type { ProjectContents } from '../../store/projectContents.ts';
import { notTrashed } from '../../store/trashed.ts';
import { requireSafe } from '../../uploads.ts';
import { dataSetIdOf } from '../references.ts';
import { changeCheckpoint, stateName } from './checkpointFiles.ts';
import {
  checkpointPath,
  dataSetPath,
  itemPath,
  metricsPath,
  modelKinds,
  modelPath,
  samplePath,
} from './layout.ts';
import { pictureWithoutPaths, withoutPaths } from './withoutPaths.ts';

export interface Part {
  /** Within the archive. */
  readonly path: string;
  /** Bytes, about. */
  readonly bytes: number;
  readonly open: () => Promise<Readable>;
}

type Recipe = ProjectContents['runs'][number]['recipe'];
const json = z.json();

export async function* projectParts(store: Store, contents: ProjectContents): AsyncGenerator<Part> {
  const runs = new Map(contents.runs.map((run) => [run.id, run]));
  for (const run of contents.runs) {
    const clean = (text: string) => JSON.stringify(withoutPaths(json.parse(JSON.parse(text)), run.recipe));
    const lines = () => Promise.resolve(Readable.from(metricLines(store, run.id)));
    yield { path: metricsPath(run), bytes: 0, open: lines };
    for (const kind of modelKinds) {
      const [info, weights] = [
        modelPath(run, kind, 'model.json'),
        modelPath(run, kind, 'weights.safetensors'),
      ];
      yield* made(store, info, async (file) => Buffer.from(clean(await readFile(file, 'utf8'))));
      yield* copied(weights, path.join(store.data, weights));
    }
    for (const checkpoint of contents.checkpoints.filter(({ runId }) => runId === run.id)) {
      const folder = checkpointPath(checkpoint);
      const changed = () => changeCheckpoint(path.join(store.data, folder), clean);
      yield* made(store, `${folder}/${manifestName}`, async () => (await changed()).manifest);
      yield* made(store, `${folder}/${stateName}`, async () => (await changed()).state);
      for (const name of checkpointFiles)
        if (name !== stateName) yield* copied(`${folder}/${name}`, path.join(store.data, folder, name));
    }
    for (const sample of contents.samples.filter(({ runId }) => runId === run.id))
      yield* picture(store, samplePath(sample), run.recipe);
  }
  const runOf = new Map(contents.checkpoints.map(({ id, runId }) => [`checkpoint:${id}`, runId]));
  for (const item of contents.galleryItems) {
    const { model } = item.column;
    const runId = runOf.get(model) ?? model.replace(/^run:/, '');
    yield* picture(store, itemPath(item), runs.get(runId)?.recipe);
  }
  for (const set of contents.datasets) yield* dataSetParts(dataSetPath(set), await getDataSet(store, set.id));
}

/** Sets that recipes of the project name and whose files are there. */
export async function dataSetsOf(
  store: Store,
  { runs, drafts }: Pick<ProjectContents, 'runs' | 'drafts'>,
): Promise<ProjectContents['datasets']> {
  const ids = new Set(
    [...runs, ...drafts]
      .map(({ recipe: { data } }) => (typeof data === 'string' ? dataSetIdOf(data) : undefined))
      .filter((id) => id !== undefined),
  );
  const known = await store.database
    .selectFrom('datasets')
    .select('id')
    .where('id', 'in', [...ids])
    .where(notTrashed)
    .execute();
  const sets = await Promise.all(known.map(({ id }) => getDataSet(store, id)));
  return sets.map(({ id, name, location, createdAt, summary }) => ({
    ...{ id, name, createdAt, summary },
    file: path.basename(location),
  }));
}

/** Pictures, and the texts that may caption them; a zip or a text of prompts as it is. */
async function* dataSetParts(to: string, { location }: KeptDataSet): AsyncGenerator<Part> {
  if (isPromptData(location)) {
    await readPrompts(location);
    yield* copied(to, location);
    return;
  }
  const tree = await openTree(location);
  tree.close();
  if ((await stat(location)).isFile()) {
    yield* copied(to, location);
    return;
  }
  const wanted = tree.files.filter((file) => pictureName.test(file) || /\.(txt|csv|jsonl|json)$/i.test(file));
  for (const file of wanted) requireSafe(`${path.basename(to)}/${file}`);
  for (const file of wanted) yield* copied(`${to}/${file}`, path.join(location, ...file.split('/')));
}

const picture = (store: Store, file: string, recipe: Recipe = {}) =>
  made(store, file, async (from) => pictureWithoutPaths(await readFile(from), recipe));

/** Made from a small file of the data folder when its turn comes; nothing where there is none. */
async function* made(
  store: Store,
  file: string,
  make: (from: string) => Promise<Buffer>,
): AsyncGenerator<Part> {
  const from = path.join(store.data, file);
  const bytes = await sizeOf(from);
  if (bytes !== undefined) yield { path: file, bytes, open: async () => Readable.from([await make(from)]) };
}

async function* copied(to: string, from: string): AsyncGenerator<Part> {
  const bytes = await sizeOf(from);
  if (bytes !== undefined) yield { path: to, bytes, open: () => Promise.resolve(createReadStream(from)) };
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
