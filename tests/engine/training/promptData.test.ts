/** Distilling from prompts or classes alone. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { openDataFor, openDistillation } from '../../../engine/training/distillationJob.ts';
import { readModel } from '../../../engine/training/modelFile.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();

async function prompts(...lines: string[]): Promise<string> {
  const file = path.join(data.folder, 'prompts.txt');
  await writeFile(file, lines.join('\n'));
  return file;
}

it('draws the prompts equally often, as captions of any class', async () => {
  const teacher = await readModel('emoji');
  const texts = ['red heart', 'flag: France', 'a smiling cat'];
  const opened = await openDataFor(teacher, await prompts(...texts));
  const length = teacher.denoiser.network.conditioning.captionLength;
  const rows = texts.map((text) => [...(teacher.tokeniser?.encode(text, length) ?? [])].join());
  const { classes = [], captions = new Int32Array() } = opened.conditions(3, 900, 1);
  expect(new Set(classes)).toEqual(new Set([teacher.info.classNames.length]));
  const drawn = Array.from({ length: 900 }, (_, i) =>
    rows.indexOf(captions.slice(i * length, (i + 1) * length).join()),
  );
  // Six standard deviations of a binomial of a third.
  for (const row of [0, 1, 2])
    expect(Math.abs(drawn.filter((one) => one === row).length - 300)).toBeLessThan(85);
  expect(opened.conditions(3, 20, 1)).toEqual(opened.conditions(3, 20, 1));
  expect(opened.conditions(4, 20, 1)).not.toEqual(opened.conditions(3, 20, 1));
  expect(opened.statistics).toEqual(teacher.info.statistics);
});

it('draws every class of the teacher with the empty caption', async () => {
  const teacher = await readModel('emoji');
  const { classes = [], captions = [] } = (await openDataFor(teacher, 'classes')).conditions(0, 400, 1);
  expect([...new Set(classes)].sort((a, b) => a - b)).toEqual(teacher.info.classNames.map((_, i) => i));
  expect(new Set(captions)).toEqual(new Set([0]));
});

it('takes classes by name from a teacher that reads no captions, and says which it does not know', async () => {
  const teacher = await readModel('toy');
  const [, second = ''] = teacher.info.classNames;
  const { classes } = (await openDataFor(teacher, await prompts(second))).conditions(0, 3, 1);
  expect([...(classes ?? [])]).toEqual([1, 1, 1]);
  await expect(openDataFor(teacher, await prompts(second, 'a cat'))).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('a cat') as string,
    field: 'data',
  });
});

it('distils without a picture, held by the statistics of the teacher', async () => {
  await activateBackend('wasm');
  const recipe = { teacher: 'toy', data: 'classes', meanVariance: { weight: 0.5 }, training: { batch: 8 } };
  const job = await openDistillation(parseRecipe(recipe));
  const metrics = await job.iterate(0);
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect(metrics['mean_variance']).toBeGreaterThan(0);
  expect(() => job.data.batch(0, 8, 1)).toThrow('This recipe compares with real pictures');
  job.dispose();
});

it.each([
  { what: 'a GAN', recipe: { gan: { weight: 0.1 } } },
  { what: 'consistency', recipe: { method: 'consistency' } },
  { what: 'progressive distillation', recipe: { method: 'progressive' } },
])('asks for pictures before anything runs: $what', ({ recipe }) => {
  for (const name of ['classes', 'prompts.txt', 'prompts:018f2f3e-0000-7000-8000-00000000000a'])
    expect(() => parseRecipe({ ...recipe, data: name })).toThrow('need pictures');
  expect(parseRecipe({ ...recipe, data: 'demo' }).data).toBe('demo');
});
