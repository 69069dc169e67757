/** What a checkpoint of `checkpointContents.ts` must be when it is loaded. */

import { expect } from 'vitest';
import { readCheckpoint } from '../../engine/training/checkpoint.ts';
import type { FileSystem } from '../../engine/training/fileSystem.ts';
import { contentsOf } from './checkpointContents.ts';

/** Fails unless the checkpoint in `folder` is exactly that of `step`. */
export async function expectCheckpoint(
  folder: string,
  step: number,
  { files, size }: { files?: FileSystem; size?: number } = {},
): Promise<void> {
  const { weights, optimizer, state } = await readCheckpoint(folder, files);
  const wanted = contentsOf(step, size);
  expect(state).toEqual(wanted.state);
  for (const [found, expected] of [
    [weights, wanted.weights],
    [optimizer, wanted.optimizer],
  ] as const) {
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, { dtype, shape, data }] of expected) {
      const record = found.get(name);
      expect(record).toMatchObject({ dtype, shape });
      expect(Buffer.from(record?.data ?? []).equals(data)).toBe(true);
    }
  }
}
