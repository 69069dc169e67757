import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';

const launcher = fileURLToPath(new URL('../../scripts/withNode.mjs', import.meta.url));
const launch = (...words: string[]) =>
  spawnSync(process.execPath, [launcher, ...words], { encoding: 'utf8' });

const pins = z
  .object({ optionalDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

test('the program and what it starts get a pinned Node', () => {
  const { stdout } = launch('sh', '-c', 'node --version');
  expect(Object.values(pins.optionalDependencies)).toContain(stdout.trim().replace('v', ''));
});

test('tools are found, and the exit code is theirs', () => {
  expect(launch('tsc', '--version').stdout).toMatch(/^Version \d/);
  expect(launch('node', '-e', 'process.exit(7)').status).toBe(7);
});

test('a program that does not exist is named', () => {
  expect(launch('no-such-program')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no-such-program cannot be started') as unknown,
  });
});
