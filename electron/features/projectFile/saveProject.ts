/** A whole project as one file. It appears under its name once all of it is written, or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { StudioError } from '../../../engine/contract/errors.ts';
import { HashingStream } from '../../../engine/contract/fileHash.ts';
import { hasCode, isDiskFull } from '../../../engine/training/fileSystem.ts';
import type { Store } from '../../store/database.ts';
import { readContents, type ProjectContents } from '../../store/projectContents.ts';
import { contentsName, manifestName, type ProjectManifest } from './archive.ts';
import { checkpointPath, itemPath, samplePath } from './layout.ts';
import { dataSetsOf, projectParts, type Part } from './parts.ts';
import { namedRecipe } from './withoutPaths.ts';

export interface SaveOptions {
  readonly projectId: string;
  /** Takes the picture sets that its recipes name along. */
  readonly withPictures: boolean;
  /** Of this Stillroom. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes read of about so many. */
  readonly progress?: (done: number, total: number) => void;
}

/** Arrays and pictures hardly shrink. */
const isPacked = (name: string) => /\.(safetensors|png|jpe?g|webp|gif|avif|zip)$/i.test(name);
const LARGE = 2 ** 31;

/**
 * @param file absolute; an older one is replaced.
 * @throws StudioError 'busy' while a run of it trains, 'disk-full', 'cancelled', 'input-invalid' for pictures that are gone.
 */
export async function saveProject(
  store: Store,
  file: string,
  options: SaveOptions,
): Promise<{ bytes: number }> {
  const { projectId, withPictures, version, signal, progress } = options;
  const contents = await readContents(store, projectId);
  const datasets = withPictures ? await dataSetsOf(store, contents) : [];
  const parts: Part[] = [];
  for await (const part of projectParts(store, { ...contents, datasets })) parts.push(part);
  const all = withNames(whatIsThere({ ...contents, datasets }, new Set(parts.map((part) => part.path))));
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const zip = new ZipFile();
  // What fails first ends the other side too.
  const failed = new AbortController();
  const ended = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const files: ProjectManifest['files'] = [];
  const add = async ({ path: name, bytes, open }: Part) => {
    const hashing = new HashingStream((count) => progress?.(Math.min((done += count), total), total));
    const out = new PassThrough();
    zip.addReadStream(out, name, { compress: !isPacked(name), forceZip64Format: bytes > LARGE });
    await pipeline(await open(), hashing, out, { signal: ended });
    files.push({ path: name, bytes: hashing.bytes, sha256: hashing.sha256() });
  };
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.part`);
  const write = async () => {
    for (const part of parts) await add(part);
    const rows = Buffer.from(JSON.stringify(all));
    files.push({
      path: contentsName,
      bytes: rows.length,
      sha256: createHash('sha256').update(rows).digest('hex'),
    });
    zip.addBuffer(rows, contentsName);
    const manifest: ProjectManifest = {
      ...{ kind: 'project', version: 1, name: contents.project.name, stillroom: version, files },
      createdAt: new Date().toISOString(),
    };
    zip.addBuffer(Buffer.from(JSON.stringify(manifest)), manifestName);
    zip.end();
  };
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const sink = createWriteStream(unfinished, { flags: 'wx', flush: true });
    await Promise.all([pipeline(zip.outputStream, sink, { signal: ended }), write()]);
    await rename(unfinished, file);
    return { bytes: (await stat(file)).size };
  } catch (error) {
    failed.abort();
    await rm(unfinished, { force: true });
    throw explained(error, signal);
  }
}

/** Without rows whose files are gone. */
function whatIsThere(contents: ProjectContents, files: ReadonlySet<string>): ProjectContents {
  const galleryItems = contents.galleryItems.filter((item) => files.has(itemPath(item)));
  const items = new Set(galleryItems.map(({ id }) => id));
  return {
    ...contents,
    galleryItems,
    samples: contents.samples.filter((sample) => files.has(samplePath(sample))),
    checkpoints: contents.checkpoints.filter((one) => files.has(`${checkpointPath(one)}/${manifestName}`)),
    blindPairs: contents.blindPairs.filter(
      ({ firstItemId, secondItemId }) => items.has(firstItemId) && items.has(secondItemId),
    ),
  };
}

/** Recipes of the command line may name folders. */
function withNames(contents: ProjectContents): ProjectContents {
  const clean = <T extends { readonly recipe: ProjectContents['runs'][number]['recipe'] }>(one: T): T => ({
    ...one,
    recipe: namedRecipe(one.recipe),
  });
  return { ...contents, runs: contents.runs.map(clean), drafts: contents.drafts.map(clean) };
}

function explained(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new StudioError('cancelled', 'Saving was cancelled; nothing was left behind.');
  if (isDiskFull(cause))
    return new StudioError(
      'disk-full',
      'The disk is full, so the project was not saved; nothing was left behind.',
      'Free some space, or save it elsewhere.',
      { cause },
    );
  if (hasCode(cause, 'ENOENT'))
    return new StudioError(
      'not-found',
      'A file of the project vanished while it was saved, so nothing was kept of it.',
      'Save it once more.',
      { cause },
    );
  return cause;
}
