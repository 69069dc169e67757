/** Brings a project that came as one file into the data folder: the whole of it, checked, or nothing. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { StudioError } from '../../../engine/contract/errors.ts';
import { modelInfoSchema } from '../../../engine/contract/modelInfo.ts';
import { checkpointFiles, manifestName } from '../../../engine/training/checkpointManifest.ts';
import { diskFileSystem, hasCode, isDiskFull } from '../../../engine/training/fileSystem.ts';
import { readSafetensorsHeader } from '../../../engine/training/safetensors.ts';
import type { Store } from '../../store/database.ts';
import { insertContents, takenIds } from '../../store/insertContents.ts';
import { checkMetricLines } from '../../store/metricLines.ts';
import { contentsSchema, type ProjectContents } from '../../store/projectContents.ts';
import { listProjects } from '../../store/projects.ts';
import { writeRunFile } from '../../store/runFile.ts';
import { requireSafe } from '../../uploads.ts';
import { contentsName, invalid, openProjectArchive, type ProjectArchive } from './archive.ts';
import { changeCheckpoint, stateName } from './checkpointFiles.ts';
import { incomingFolder, settle } from './incoming.ts';
import {
  checkpointPath,
  dataSetPath,
  itemPath,
  metricsPath,
  modelFiles,
  modelKinds,
  modelPath,
  samplePath,
} from './layout.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes. */
  readonly progress?: (done: number, total: number) => void;
}

/** Of the disk, left free. */
const SPARE = 256 * 2 ** 20;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * What is here already stays as it is: where an id is taken, the newcomer gets another.
 *
 * @returns the project's id.
 * @throws StudioError 'file-invalid', 'disk-full', 'cancelled'; nothing was changed then.
 */
export async function openProject(store: Store, file: string, options: OpenOptions = {}): Promise<string> {
  const archive = await openProjectArchive(file);
  const temporary = path.join(incomingFolder(store.data), `.tmp-${randomUUID()}`);
  try {
    const given = await archive.read(contentsName);
    const renamed = await newNames(store, parseContents(given));
    const contents = parseContents(relabel(given, renamed));
    requireClosed(contents);
    const expected = expectedFiles(contents);
    for (const { path: name } of archive.manifest.files) expected.require(relabel(name, renamed));
    await requireSpace(store, archive.bytes);
    await unpackAll(archive, temporary, withoutCheckpoints(renamed, contents), options);
    await checkFiles(temporary, contents, renamed);
    const project = { ...contents.project, name: await freeName(store, contents.project.name) };
    await writeRunFiles(temporary, project, contents.runs);
    const { id } = project;
    await rename(temporary, path.join(incomingFolder(store.data), id));
    await diskFileSystem.syncFolder(incomingFolder(store.data));
    await commit(store, { ...contents, project }, archive, renamed);
    await settle(store, id);
    return id;
  } catch (error) {
    throw explained(error, options.signal);
  } finally {
    archive.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function commit(
  store: Store,
  contents: ProjectContents,
  { manifest }: ProjectArchive,
  renamed: ReadonlyMap<string, string>,
): Promise<void> {
  const arrived = path.join(incomingFolder(store.data), contents.project.id);
  const hashes = new Map(manifest.files.map((mark) => [relabel(mark.path, renamed), mark.sha256]));
  try {
    await insertContents(store, contents, {
      metrics: (id) => path.join(arrived, metricsPath({ id })),
      checkpoint: (one) => path.basename(checkpointPath(one)),
      sample: (sample) => ({ path: samplePath(sample), sha256: hashes.get(samplePath(sample)) ?? '' }),
      location: (set) => path.join(store.data, dataSetPath(set)),
    });
  } catch (error) {
    await rm(arrived, { recursive: true, force: true });
    throw error;
  }
}

function parseContents(text: string): ProjectContents {
  try {
    return contentsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw invalid('what it says of its project cannot be understood', cause);
  }
}

const relabel = (text: string, renamed: ReadonlyMap<string, string>): string =>
  renamed.size === 0 ? text : text.replace(uuid, (id) => renamed.get(id) ?? id);

/** By the old id, for whatever is here already. */
async function newNames(store: Store, contents: ProjectContents): Promise<Map<string, string>> {
  const { project, runs, checkpoints, samples, galleryItems, blindTests, blindPairs, datasets } = contents;
  const rows = [project, ...runs, ...checkpoints, ...samples, ...galleryItems, ...blindTests, ...blindPairs];
  const ids = [...rows, ...datasets].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw invalid('it names one thing twice');
  const taken = new Set(await takenIds(store, ids));
  for (const place of ['runs', 'datasets', 'trash']) {
    const names = new Set(await diskFileSystem.list(path.join(store.data, place)));
    for (const id of ids) if (names.has(id)) taken.add(id);
  }
  return new Map([...taken].map((id) => [id, newId()]));
}

/** Rows name only rows of the same file. */
function requireClosed({
  runs,
  checkpoints,
  samples,
  galleryItems,
  blindTests,
  blindPairs,
}: ProjectContents): void {
  const ids = (rows: readonly { readonly id: string }[]) => new Set(rows.map(({ id }) => id));
  const [run, item, test] = [ids(runs), ids(galleryItems), ids(blindTests)];
  const isClosed =
    [...checkpoints, ...samples].every(({ runId }) => run.has(runId)) &&
    blindPairs.every(
      ({ testId, firstItemId, secondItemId }) =>
        test.has(testId) && item.has(firstItemId) && item.has(secondItemId),
    );
  if (!isClosed) throw invalid('what it says of its project has gaps');
}

/** Every file that the contents speak of; models only where there are any. */
function expectedFiles(contents: ProjectContents) {
  const { runs, checkpoints, samples, galleryItems, datasets } = contents;
  const files = new Set([
    contentsName,
    ...runs.map(metricsPath),
    ...runs.flatMap((run) =>
      modelKinds.flatMap((kind) => modelFiles.map((file) => modelPath(run, kind, file))),
    ),
    ...checkpoints.flatMap((one) =>
      [manifestName, ...checkpointFiles].map((file) => `${checkpointPath(one)}/${file}`),
    ),
    ...samples.map(samplePath),
    ...galleryItems.map(itemPath),
  ]);
  const sets = datasets.map(dataSetPath);
  return {
    require(file: string) {
      if (files.has(file)) return;
      const set = sets.find((folder) => file === folder || file.startsWith(`${folder}/`));
      if (set === undefined) throw invalid(`“${file}” is no part of a project`);
      requireSafe(file);
    },
  };
}

async function requireSpace(store: Store, bytes: number): Promise<void> {
  const free = await diskFileSystem.freeBytes(store.data);
  if (free > bytes + SPARE) return;
  throw new StudioError(
    'disk-full',
    `The project needs ${Math.ceil(bytes / 1e6)} MB in the data folder; only ${Math.floor(free / 1e6)} MB are free.`,
    'Free some space and open it again; nothing was changed.',
  );
}

async function unpackAll(
  archive: ProjectArchive,
  folder: string,
  renamed: ReadonlyMap<string, string>,
  { signal, progress }: OpenOptions,
): Promise<void> {
  let done = 0;
  const onBytes = (bytes: number) => progress?.((done += bytes), archive.bytes);
  await diskFileSystem.makeFolder(folder);
  for (const { path: name } of archive.manifest.files) {
    signal?.throwIfAborted();
    if (name !== contentsName)
      await archive.unpack(name, path.join(folder, relabel(name, renamed)), { signal, onBytes });
  }
}

function withoutCheckpoints(
  renamed: ReadonlyMap<string, string>,
  { checkpoints }: ProjectContents,
): Map<string, string> {
  const ids = new Set(checkpoints.map(({ id }) => id));
  return new Map([...renamed].filter(([, id]) => !ids.has(id)));
}

/** Texts that the studio will read are such as it writes; under new ids they are written anew. */
async function checkFiles(
  folder: string,
  { runs, checkpoints, samples, galleryItems }: ProjectContents,
  renamed: ReadonlyMap<string, string>,
): Promise<void> {
  const inside = (name: string) => path.join(folder, name);
  try {
    for (const run of runs) {
      await checkMetricLines(createReadStream(inside(metricsPath(run))));
      for (const kind of modelKinds) {
        const info = inside(modelPath(run, kind, 'model.json'));
        const text = await readFile(info, 'utf8').catch((error: unknown) => {
          if (hasCode(error, 'ENOENT')) return undefined;
          throw error;
        });
        if (text === undefined) continue;
        modelInfoSchema.parse(JSON.parse(text));
        await writeFile(info, relabel(text, renamed), { flush: true });
        await readSafetensorsHeader(inside(modelPath(run, kind, 'weights.safetensors')));
      }
    }
    const former = new Map([...renamed].map(([from, to]) => [to, from]));
    for (const one of checkpoints) {
      // Under its former id until its manifest says the new one.
      const at = inside(checkpointPath({ ...one, id: former.get(one.id) ?? one.id }));
      const changed = await changeCheckpoint(at, (state) => relabel(state, renamed), one.id);
      await writeFile(path.join(at, manifestName), changed.manifest, { flush: true });
      await writeFile(path.join(at, stateName), changed.state, { flush: true });
      await rename(at, inside(checkpointPath(one)));
    }
    for (const name of [...samples.map(samplePath), ...galleryItems.map(itemPath)])
      await diskFileSystem.size(inside(name));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) throw invalid('a file of it is missing', cause);
    const isTheirs =
      cause instanceof SyntaxError || cause instanceof z.ZodError || cause instanceof StudioError;
    throw isTheirs ? invalid('a text or model in it cannot be understood', cause) : cause;
  }
}

async function writeRunFiles(
  folder: string,
  { id: projectId, name: projectName }: ProjectContents['project'],
  runs: ProjectContents['runs'],
): Promise<void> {
  for (const { id, name, recipe, parentRunId, parentStep, createdAt } of runs) {
    const run = { id, name, recipe, parentRunId, parentStep, createdAt };
    await writeRunFile(path.join(folder, 'runs', id), { version: 1, ...run, projectId, projectName });
  }
}

/** “Birds”, “Birds (2)” … */
async function freeName(store: Store, name: string): Promise<string> {
  const taken = new Set((await listProjects(store)).map((project) => project.name));
  for (let count = 1; ; count++) {
    const tried = count === 1 ? name : `${name.slice(0, 190)} (${count})`;
    if (!taken.has(tried)) return tried;
  }
}

function explained(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted)
    return new StudioError('cancelled', 'Opening the project was cancelled; nothing was changed.', '', {
      cause,
    });
  if (cause instanceof StudioError) {
    // Names that were refused say so in their own words.
    return cause.code === 'input-invalid' ? invalid(cause.message.replace(/\.$/, ''), cause) : cause;
  }
  if (isDiskFull(cause))
    return new StudioError(
      'disk-full',
      'The disk is full, so the project was not opened; nothing was changed.',
      'Free some space and open it again.',
      { cause },
    );
  return cause;
}
