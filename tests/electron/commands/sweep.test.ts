import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { reportSchema } from '../../../engine/contract/experiments/report.ts';
import { eventsOf, useCommandLine } from '../../support/commandLine.ts';

const commandLine = useCommandLine();

const words = [
  'sweep',
  '--teacher=toy',
  '--data=toy',
  '--training.iterations=30',
  '--training.sampleEvery=15',
  '--training.batch=16',
  '--vary=student.steps=1,2',
  '--seeds=1,2',
  '--out=report',
  '--json',
];

const progress = z.looseObject({ event: z.literal('progress'), phase: z.string() });
const done = z.object({
  event: z.literal('done'),
  facts: z.object({ page: z.string(), seconds: z.number(), estimatedSeconds: z.number() }),
});

test('a sweep that was killed goes on where it stopped, and repeats nothing that was finished', async () => {
  const killed = await commandLine.run(words, { interruptAt: /3 of 4/, interruptBy: 'SIGKILL' });
  expect(killed.code).toBeNull();
  const resumed = await commandLine.run(words);
  expect(resumed.code).toBe(0);
  expect(resumed.output).toContain('2 of 4 were finished before');

  const events = eventsOf(resumed);
  const worked = events.flatMap((event) => progress.safeParse(event).data?.phase ?? []);
  expect(new Set(worked)).toEqual(new Set(['Steps 1, seed 2', 'Steps 2, seed 2']));

  const { facts } = done.parse(events.at(-1));
  const folder = path.dirname(facts.page);
  expect(folder).toBe(path.join(commandLine.folder, 'report'));
  const report = reportSchema.parse(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')));
  expect(report.progress).toEqual({ done: 4, total: 4 });
  for (const { cells, summary } of report.rows) {
    expect(cells.map(({ status }) => status)).toEqual(['done', 'done']);
    const values = cells.map(({ final }) => final['toTeacher'] ?? NaN);
    expect(summary['toTeacher']?.mean).toBeCloseTo(((values[0] ?? NaN) + (values[1] ?? NaN)) / 2, 10);
    // Measured before, half-way and at the end; the best of them is no worse than the last.
    for (const { curves, best, final } of cells) {
      expect(curves['toTeacher']?.map(([step]) => step)).toEqual([0, 15, 30]);
      expect(best['toTeacher']).toBeLessThanOrEqual(final['toTeacher'] ?? NaN);
    }
  }
  const page = await readFile(facts.page, 'utf8');
  expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
  expect(await readFile(path.join(folder, 'numbers.csv'), 'utf8')).toContain('Steps 2,2,toTeacher,');
}, 120_000);
