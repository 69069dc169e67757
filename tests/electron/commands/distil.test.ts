import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { eventsOf, useCommandLine } from '../../support/commandLine.ts';
import { weightsIn } from '../../support/weights.ts';

const commandLine = useCommandLine();

const fields = [
  '--teacher=toy',
  '--data=toy',
  '--student.steps=4',
  '--training.iterations=60',
  '--training.checkpointEvery=15',
  '--training.sampleEvery=1000',
];

/** CA alone, too fast: nearest early, and no more after. */
const spear = [
  ...['--teacher=toy', '--data=toy', '--distributionMatching.weight=0', '--renoising.normalizer=time'],
  ...['--optimizer.learningRate=2e-4', '--student.shift=1', '--training.batch=128'],
  ...['--training.iterations=120', '--training.checkpointEvery=5', '--training.sampleEvery=1000'],
  ...['--supervision.chooseBest=on', '--supervision.patience=4'],
];

/** Ends the command at the `done`th iteration by SIGKILL, between checkpoints. */
const killedAt = (done: number) =>
  ({ interruptAt: new RegExp(`"done":${done},`), interruptBy: 'SIGKILL' }) as const;

test('a distillation killed twice and resumed by new processes ends with the very bits of one left alone', async () => {
  const data = path.join(commandLine.folder, 'killed');
  const distil = (...words: string[]) => ['distil', ...words, '--json'];
  const whole = await commandLine.run(distil(...fields, '--out=whole'));
  expect(eventsOf(whole).at(-1)).toMatchObject({ event: 'done' });

  const first = await commandLine.run(distil(...fields, '--name=Killed'), { data, ...killedAt(20) });
  expect(first.code).toBeNull();
  const second = await commandLine.run(distil('--resume=Killed'), { data, ...killedAt(40) });
  expect(second.output).toContain('Resumed at iteration 15 of 60');
  const last = await commandLine.run(distil('--resume=Killed', '--out=killed-student'), { data });
  expect(last.output).toContain('Resumed at iteration 30 of 60');

  expect(await weightsIn(path.join(commandLine.folder, 'killed-student'))).toEqual(
    await weightsIn(path.join(commandLine.folder, 'whole')),
  );
}, 120_000);

test('a run that chooses its best and ends early does both alike after kills', async () => {
  const data = path.join(commandLine.folder, 'careful');
  const whole = await commandLine.run(['distil', ...spear, '--out=careful', '--json']);
  const [, early, best] =
    /Ended early at iteration (\d+) of 120.*that of iteration (\d+)\./.exec(whole.output) ?? [];
  expect(Number(best)).toBeGreaterThan(0);
  expect(Number(early)).toBe(Number(best) + 4 * 5);
  expect(whole.output).toContain(`The student is that of iteration ${best ?? ''}`);

  // Once before its best and once after.
  for (const done of [Number(best) - 2, Number(best) + 8])
    await commandLine.run(
      ['distil', ...(done < Number(best) ? [...spear, '--name=Careful'] : ['--resume=Careful']), '--json'],
      { data, ...killedAt(done) },
    );
  const last = await commandLine.run(['distil', '--resume=Careful', '--out=careful-killed'], { data });
  expect(last.output).toContain(`Ended early at iteration ${early ?? ''} of 120`);
  expect(await weightsIn(path.join(commandLine.folder, 'careful-killed'))).toEqual(
    await weightsIn(path.join(commandLine.folder, 'careful')),
  );
  const info = z
    .object({ made: z.object({ iterations: z.int() }) })
    .parse(JSON.parse(await readFile(path.join(commandLine.folder, 'careful/model.json'), 'utf8')));
  expect(info.made.iterations).toBe(Number(best));
}, 120_000);
