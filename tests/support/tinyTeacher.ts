/** A teacher of 8 × 8 pictures with three classes and captions that learnt nothing: all of a large one's ways, in no time. */
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { initialValues } from '../../engine/model/parameters.ts';
import { randomNormal } from '../../engine/tensor/random.ts';
import { createDenoiser, readModel, writeModel } from '../../engine/training/modelFile.ts';

/** Classes that the bundled classifier knows. */
export const tinyClasses = ['Flags', 'Symbols', 'Objects'];

export async function writeTinyTeacher(folder: string, changes: Partial<ModelInfo> = {}): Promise<void> {
  const { info } = await readModel('emoji');
  if (info.network.family !== 'dit' || !info.network.captions) throw new Error('emoji reads captions');
  const small = { width: 16, layers: 1, heads: 2 };
  const captions = { ...info.network.captions, ...small };
  const tiny: ModelInfo = {
    ...{ ...info, name: 'Tiny', classNames: tinyClasses, made: {} },
    network: { ...info.network, ...small, size: 8, classes: tinyClasses.length, captions },
    ...changes,
  };
  const values = Object.entries(initialValues(createDenoiser(tiny).network.specs, 1));
  // What begins as zero would leave its condition without effect.
  const weights = values.map(([name, given], index) => {
    const noise = randomNormal({ seed: 1, purpose: 'initialization', step: 1, index }, given.length);
    return [name, given.map((value, i) => value + 0.1 * (noise[i] ?? 0))] as const;
  });
  await writeModel(folder, tiny, Object.fromEntries(weights));
}
