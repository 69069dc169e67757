/** A comparison report of models that were trained a moment ago on a handful of pictures. */
import { glob, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readProvenance } from '../../../engine/data/png.ts';
import { tinyToy, useCommandLine } from '../../support/commandLine.ts';

const commandLine = useCommandLine();
const at = (...names: string[]) => path.join(commandLine.folder, ...names);

const metricsFile = z.object({
  prompts: z.array(z.string()),
  columns: z.array(
    z.object({
      label: z.string(),
      kind: z.string(),
      evaluations: z.number(),
      metrics: z.record(z.string(), z.number()),
    }),
  ),
});

beforeAll(async () => {
  for (const [name, red] of [
    ['dark', 0],
    ['red', 180],
  ] as const) {
    await mkdir(at('pictures', name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const picture = sharp({
        create: { width: 16, height: 16, channels: 3, background: { r: red + 6 * i, g: 7 * i, b: 40 } },
      });
      await picture.png().toFile(at('pictures', name, `${i}.png`));
    }
  }
  const size = [
    '--size=16',
    '--network.width=16',
    '--network.layers=1',
    '--network.heads=1',
    '--training.batch=4',
  ];
  const train = ['train-teacher', '--data', at('pictures'), ...size, '--training.iterations=2'];
  expect((await commandLine.run([...train, '--name=Teacher', '--out=teacher'])).code).toBe(0);
  const distil = [
    'distil',
    '--teacher=teacher',
    '--data',
    at('pictures'),
    '--training.iterations=1',
    '--training.batch=4',
  ];
  expect((await commandLine.run([...distil, '--name=Student', '--out=student'])).code).toBe(0);
}, 120_000);

it('writes a page with pictures and numbers of each model', async () => {
  const { code, output } = await commandLine.run([
    'compare',
    'teacher',
    'student',
    '--count=16',
    '--out=report',
  ]);
  expect(output).toContain('index.html');
  expect(code).toBe(0);
  const report = metricsFile.parse(JSON.parse(await readFile(at('report', 'metrics.json'), 'utf8')));
  expect(report.prompts).toHaveLength(2);
  expect(report.columns).toMatchObject([
    { label: 'Teacher', kind: 'reference', evaluations: 100 },
    { label: 'Student', kind: 'student', evaluations: 1 },
  ]);
  for (const { metrics } of report.columns) expect(metrics['fdToReal']).toBeGreaterThan(0);
});

it('keeps frames of a teacher that remember how they were made', async () => {
  const modelFile = z.object({ made: z.looseObject({ recipe: z.looseObject({}) }) });
  const { recipe } = modelFile.parse(JSON.parse(await readFile(at('teacher', 'model.json'), 'utf8'))).made;
  const frames = await Array.fromAsync(glob(at('data/runs/*/samples/0000000.png')));
  const found = await Promise.all(frames.map(async (frame) => readProvenance(await readFile(frame))));
  expect(found.find((made) => made?.student.startsWith('Teacher'))).toMatchObject({
    student: 'Teacher, iteration 0',
    recipe,
  });
});

it('refuses models of another task', async () => {
  await commandLine.run([...tinyToy, '--training.iterations=1', '--out=toy']);
  const { code, output } = await commandLine.run(['compare', 'teacher', 'toy']);
  expect(code).toBe(2);
  expect(output).toContain('cannot be compared');
});
