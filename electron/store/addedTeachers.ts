/** Models that a person added, copied whole into `teachers/<id>` of the data folder; the folders are the list. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { copyHashed, hashFile } from '../../engine/contract/fileHash.ts';
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { diskFileSystem } from '../../engine/training/fileSystem.ts';

const addedTeachersFolder = (data: string): string => path.join(data, 'teachers');

export const addedTeacherFolder = (data: string, id: string): string =>
  path.join(addedTeachersFolder(data), id);

const addedSchema = z.strictObject({ addedAt: z.iso.datetime(), sha256: z.string() });

export interface AddedTeacher extends z.infer<typeof addedSchema> {
  readonly id: string;
}

interface Copying {
  readonly signal: AbortSignal;
  /** Bytes. */
  readonly progress: (done: number, total: number) => void;
  /** Looks at the copy before it counts; what it throws leaves nothing behind. */
  readonly check: (folder: string) => Promise<void>;
}

/** Oldest first. */
export async function listAddedTeachers(data: string): Promise<AddedTeacher[]> {
  const ids = await diskFileSystem.list(addedTeachersFolder(data));
  return Promise.all(
    ids.sort().map(async (id) => {
      const text = await readFile(path.join(addedTeacherFolder(data, id), 'added.json'), 'utf8');
      return { id, ...addedSchema.parse(JSON.parse(text)) };
    }),
  );
}

/**
 * Copies the weights, reads the copy back, compares both SHA-256, and puts the folder in place whole. The same weights
 * are kept once.
 *
 * @throws StudioError 'disk-full', 'file-invalid' where the disk kept something else, 'cancelled'.
 */
export async function keepTeacher(
  data: string,
  { info, weightsFile }: { readonly info: ModelInfo; readonly weightsFile: string },
  { signal, progress, check }: Copying,
): Promise<AddedTeacher> {
  const root = addedTeachersFolder(data);
  await diskFileSystem.makeFolder(root);
  const bytes = await diskFileSystem.size(weightsFile);
  // As checkpoints: twice what is written stays free.
  if ((await diskFileSystem.freeBytes(root)) < 2 * bytes)
    throw new StudioError(
      'disk-full',
      'The disk of the data folder has no room for this model; nothing was copied.',
      'Make room, or move the data folder.',
    );
  const id = newId();
  // What a crash leaves among the uploads is removed at the next start.
  const unfinished = path.join(data, 'uploads', `teacher-${id}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const copy = path.join(unfinished, 'weights.safetensors');
    let done = 0;
    const onBytes = (count: number) => progress((done += count), bytes);
    const sha256 = await copyHashed(weightsFile, copy, { signal, onBytes }).catch((cause: unknown) => {
      throw signal.aborted
        ? new StudioError('cancelled', 'Adding was cancelled; nothing was kept.', '', { cause })
        : cause;
    });
    const same = (await listAddedTeachers(data)).find((one) => one.sha256 === sha256);
    if (same) return same;
    if ((await hashFile(copy)) !== sha256)
      throw new StudioError(
        'file-invalid',
        'The copy of this model differs from its source; it was not kept.',
        'Check the disk, then add the model again.',
      );
    const added = { addedAt: new Date().toISOString(), sha256 };
    for (const [name, value] of Object.entries({ 'model.json': info, 'added.json': added }))
      await writeFile(path.join(unfinished, name), `${JSON.stringify(value, undefined, 2)}\n`, {
        flush: true,
      });
    await check(unfinished);
    await diskFileSystem.syncFolder(unfinished);
    await diskFileSystem.rename(unfinished, addedTeacherFolder(data, id));
    await diskFileSystem.syncFolder(root);
    return { id, ...added };
  } finally {
    await diskFileSystem.remove(unfinished);
  }
}

export const discardTeacher = (data: string, id: string): Promise<void> =>
  diskFileSystem.remove(addedTeacherFolder(data, id));
