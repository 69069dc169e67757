import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

import { eventsOf, useCommandLine } from '../../support/commandLine.ts';

const commandLine = useCommandLine();

const fields = [
  '--teacher=toy',
  '--data=toy',
  '--student.steps=4',
  '--training.iterations=60',
  '--training.checkpointEvery=15',
  '--training.sampleEvery=1000',
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

  const weights = (student: string) =>
    readFile(path.join(commandLine.folder, student, 'weights.safetensors'), 'base64');
  expect(await weights('killed-student')).toBe(await weights('whole'));
}, 120_000);
