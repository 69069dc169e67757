/** The verdict on the bundled toy, and on the same with its ∅ or its classes spoilt. */
import { expect, it } from 'vitest';
import { drawToy } from '../../../engine/data/toy2d.ts';
import { guidanceThresholds, guidanceUse } from '../../../engine/distillation/guidanceUse.ts';
import { measureGuidance } from '../../../engine/distillation/measureGuidance.ts';
import { toTensors } from '../../../engine/model/parameters.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';
import { dispose } from '../../../engine/tensor/tf.ts';
import { readModel } from '../../../engine/training/modelFile.ts';
import { onEachBackend } from '../../support/backends.ts';

const CLASS_TABLE = 'y_embedder.embedding_table.weight';

it('judges both numbers, an ∅ that was never trained first', () => {
  const { push, stray } = guidanceThresholds;
  expect(guidanceUse({ push: 2 * push, stray: stray / 2 })).toBe('usable');
  expect(guidanceUse({ push: push / 2, stray: stray / 2 })).toBe('weak');
  expect(guidanceUse({ push: push / 2, stray })).toBe('untrained');
});

onEachBackend((run) => {
  /** @param spoil changes the class table, (classes + 1, width); its last row is ∅ */
  async function useOfToy(spoil: (table: Float32Array, width: number) => void) {
    const { denoiser, weights } = await readModel('toy');
    const { classes } = denoiser.network.conditioning;
    const table = Float32Array.from(weights[CLASS_TABLE] ?? []);
    spoil(table, table.length / (classes + 1));
    const tensors = toTensors(denoiser.network.specs, { ...weights, [CLASS_TABLE]: table });
    const drawn = drawToy('blobs', 64, 5);
    const measure = await measureGuidance({ denoiser, weights: tensors }, drawn.points, {
      classes: drawn.classes,
    });
    dispose(tensors);
    return { ...measure, use: guidanceUse(measure) };
  }

  run('finds the bundled toy usable', async () => {
    expect(await useOfToy(() => undefined)).toMatchObject({ use: 'usable' });
  });

  run('sees a row of ∅ that is as it was drawn', async () => {
    const fresh = (table: Float32Array, width: number) =>
      table.set(randomNormal({ seed: 9, purpose: 'sample', step: 0 }, width), table.length - width);
    expect(await useOfToy(fresh)).toMatchObject({ use: 'untrained' });
  });

  run('sees classes that say nothing', async () => {
    const same = (table: Float32Array, width: number) => {
      const none = table.slice(-width);
      for (let at = 0; at < table.length; at += width) table.set(none, at);
    };
    expect(await useOfToy(same)).toMatchObject({ push: expect.closeTo(0, 6) as unknown, use: 'weak' });
  });
});
