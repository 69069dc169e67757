import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { Measurer } from '../../../../electron/features/sweeps/measurer.ts';
import { parseRecipe } from '../../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { openDistillation } from '../../../../engine/training/distillationJob.ts';
import { useDataFolder } from '../../../support/dataFolder.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';
import { writeTinyTeacher } from '../../../support/tinyTeacher.ts';

const folder = useDataFolder();

const plan = { teacher: 'toy', data: 'toy', guidance: 2.5, measuring: { count: 512, taus: [0.5] } };

nativeTest('students and teachers are measured against the guided teacher of the same seed', async () => {
  await activateBackend('tensorflow');
  const measurer = await Measurer.open(plan);
  const reference = await measurer.baseline({ steps: 50, guidance: 2.5 }, 1);
  expect(reference['relativeStd']).toBe(1);
  expect(reference).not.toHaveProperty('toTeacher');
  const few = await measurer.baseline({ steps: 1, guidance: 2.5 }, 1);
  const more = await measurer.baseline({ steps: 8, guidance: 2.5 }, 1);
  expect(more['toTeacher']).toBeLessThan(few['toTeacher'] ?? 0);

  const recipe = parseRecipe({
    ...{ teacher: 'toy', data: 'toy', training: { batch: 16 }, distributionMatching: { weight: 0 } },
    fakeScore: { trained: 'always' },
  });
  const job = await openDistillation(recipe);
  const before = await measurer.student(job, 1);
  // Student, teacher and fake score all begin with the same weights.
  expect(before['moved']).toBe(0);
  expect(before['fakeStd@0.5']).toBe(before['teacherStd@0.5']);
  for (let i = 0; i < 5; i++) await job.iterate(i);
  const after = await measurer.student(job, 1);
  expect(after['moved']).toBeGreaterThan(0);
  expect(after['coarse']).toBeGreaterThan(0);
  expect(after['fakeStd@0.5']).not.toBe(after['teacherStd@0.5']);
  expect((after['std'] ?? 0) / (reference['std'] ?? 1)).toBeCloseTo(after['relativeStd'] ?? 0, 10);
  job.dispose();
  measurer.dispose();
});

nativeTest(
  'without pictures, students of pictures are measured against the teacher, by classes or prompts',
  async () => {
    await activateBackend('tensorflow');
    const [teacher, prompts] = ['tiny', 'prompts.txt'].map((name) => path.join(folder.folder, name)) as [
      string,
      string,
    ];
    await writeTinyTeacher(teacher);
    await writeFile(prompts, Array.from({ length: 40 }, (_, i) => `a heart, number ${i}`).join('\n'));
    const measuring = { count: 48, taus: [] };
    for (const data of ['classes', prompts]) {
      const measurer = await Measurer.open({ teacher, data, guidance: 2.5, measuring });
      const few = await measurer.baseline({ steps: 1, guidance: 2.5 }, 1);
      const many = await measurer.baseline({ steps: 40, guidance: 2.5 }, 1);
      expect(many['toTeacher']).toBeLessThan(few['toTeacher'] ?? 0);
      expect(few).not.toHaveProperty('toData');
      // A class is asked for by classes alone, a caption by prompts alone.
      expect('classAgreement' in few).toBe(data === 'classes');
      expect('captionAgreement' in few).toBe(data !== 'classes');
      const job = await openDistillation(parseRecipe({ teacher, data, training: { batch: 4 } }));
      expect(await measurer.student(job, 1)).toMatchObject({ moved: 0 });
      await job.iterate(0);
      expect((await measurer.student(job, 1))['moved']).toBeGreaterThan(0);
      job.dispose();
      measurer.dispose();
    }
  },
);
