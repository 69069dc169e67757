/** Which experiments and sweeps need real pictures, said before anything runs; and that a student teaches nothing. */
import { expect, test } from 'vitest';
import { requirePictures } from '../../../../electron/features/sweeps/teacherScale.ts';
import { sweepOf } from '../../../../engine/contract/experiments/experiment.ts';
import { experiments } from '../../../../engine/contract/experiments/experiments.ts';
import { requireTeacher } from '../../../../engine/contract/modelInfo.ts';
import { cellsOf } from '../../../../engine/contract/sweep.ts';

/** By experiment; all others are told by the teacher alone. */
const wanting: Readonly<Record<string, readonly string[]>> = {
  regularizers: ['GAN'],
  relatives: ['DMD2', 'Consistency', 'Progressive'],
};

test.each(experiments)('$id without pictures', (experiment) => {
  const choice = { scale: 'images', teacher: 'emoji', seeds: [1] } as const;
  requirePictures(sweepOf(experiment, { ...choice, data: 'demo' }));
  for (const data of ['classes', 'prompts.txt', 'prompts:00000000-0000-7000-8000-000000000000']) {
    const sweep = sweepOf(experiment, { ...choice, data });
    const names = wanting[experiment.id];
    if (names)
      expect(() => requirePictures(sweep)).toThrow(
        `Real pictures are needed for ${names.map((name) => `“${name}”`).join(', ')}, and the data “${data}”`,
      );
    else {
      requirePictures(sweep);
      expect(cellsOf(sweep).length).toBeGreaterThan(0);
    }
  }
});

test('what a sweep varies decides: the method, the weight of a GAN, or the data itself', () => {
  const own = { teacher: 'emoji', data: 'classes' };
  const varied = (changes: Readonly<Record<string, string | number>>) => () =>
    requirePictures({ recipe: own, variants: [{ key: 'a', name: 'A variant', changes }] });
  for (const fine of [{ 'student.steps': 2 }, { 'meanVariance.weight': 1 }, { method: 'phased' }])
    varied(fine)();
  for (const wants of [{ method: 'consistency' }, { 'gan.weight': 1 }])
    expect(varied(wants)).toThrow(expect.objectContaining({ code: 'input-invalid', field: 'data' }));
  varied({ 'gan.weight': 1, data: 'demo' })();
});

test('a student cannot teach', () => {
  requireTeacher({ name: 'Emoji', role: 'teacher' });
  expect(() => requireTeacher({ name: 'Quick', role: 'student' })).toThrow('“Quick” is a student');
});
