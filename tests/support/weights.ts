/** The numbers of a model on disk, to compare bit by bit: a file also tells the model's name. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { readSafetensors } from '../../engine/training/safetensors.ts';

/** SHA-256 of each array's bytes, by name. */
export async function weightsIn(model: string): Promise<Readonly<Record<string, string>>> {
  const { arrays } = await readSafetensors(path.join(model, 'weights.safetensors'));
  return Object.fromEntries(
    Array.from(arrays, ([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')]),
  );
}
