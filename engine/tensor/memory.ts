/** Counts tensors, so that tests and long loops notice when one is lost. */
import { StudioError } from '../contract/errors.ts';
import { nativeKernels } from './residentState.ts';
import { memory } from './tf.ts';

export interface MemoryInfo {
  readonly tensors: number;
  /** Of the tensors' values. */
  readonly tensorBytes: number;
  /** Tensors that TensorFlow holds for us; undefined on other backends. */
  readonly nativeTensors: number | undefined;
  /** Resident memory of the whole process. */
  readonly residentBytes: number;
}

export function memoryInfo(): MemoryInfo {
  const { numTensors, numBytes } = memory();
  return {
    tensors: numTensors,
    tensorBytes: numBytes,
    nativeTensors: nativeKernels()?.binding.getNumOfTensors(),
    residentBytes: process.memoryUsage.rss(),
  };
}

/**
 * Runs `work` twice and throws `internal` when the second run left more or fewer tensors than it found. The first
 * run may upload inputs and build what is kept on purpose. `work` disposes what it makes.
 */
export async function assertNoLeaks(work: () => unknown): Promise<void> {
  await work();
  const before = memoryInfo();
  await work();
  const after = memoryInfo();
  const counts = [
    ['tensors', before.tensors, after.tensors],
    ['native tensors', before.nativeTensors ?? 0, after.nativeTensors ?? 0],
  ] as const;
  for (const [what, were, are] of counts) {
    if (were === are) continue;
    throw new StudioError(
      'internal',
      `${what} changed from ${were} to ${are} in work that should leave none.`,
    );
  }
}
