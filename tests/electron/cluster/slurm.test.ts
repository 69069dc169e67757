/** A sweep on a real cluster of one node: left, found again, preempted, and the same in every number as here. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { useCommandLine } from '../../support/commandLine.ts';
import { clusterTest, startCluster } from '../../support/slurmCluster.ts';

const commandLine = useCommandLine();

const words = [
  ...['sweep', '--teacher=toy', '--data=toy', '--training.batch=16', '--training.iterations=600'],
  ...['--training.sampleEvery=300', '--training.checkpointEvery=20', '--vary=student.steps=1,2', '--seeds=3'],
];
const onCluster = [...words, '--on=slurm', '--cpus=1', '--memory=1500M'];

clusterTest('a sweep on a cluster', { timeout: 180_000 }, async () => {
  await using cluster = await startCluster();
  const { environment } = cluster;
  const run = (...options: Parameters<typeof commandLine.run>) =>
    commandLine.run(options[0], { environment, ...options[1] });

  // Whoever is gone leaves the tasks alone.
  const killed = await run([...onCluster, '--out=first'], {
    interruptAt: /The cluster has 2/,
    interruptBy: 'SIGKILL',
  });
  expect(killed.code).toBeNull();
  const resumed = run([...onCluster, '--out=cluster']);
  // What the first task has told so far: its journal, or what was last read of it where the sweep has ended.
  let told = '';
  const journal = async () => {
    const folder = path.join(commandLine.folder, 'data', 'cluster');
    const [submission = ''] = await readdir(folder);
    return (told = await readFile(path.join(folder, submission, '0.jsonl'), 'utf8').catch(() => told));
  };
  await expect.poll(journal, { timeout: 60_000, interval: 50 }).toContain('"checkpoint"');
  // As preemption does; the cluster would wait two minutes before it begins anew.
  cluster.ask('scontrol', 'requeue', '1_0');
  await expect
    .poll(() => cluster.ask('squeue', '--noheader', '--array', '--jobs=1_0', '--format=%T'), {
      timeout: 30_000,
    })
    .toBe('PENDING\n');
  await expect.poll(journal, { timeout: 60_000, interval: 50 }).toContain('"paused"');
  // An end that the cluster hears of after the next beginning would count as that one's: hence its two minutes.
  cluster.ask('scontrol', 'update', 'JobId=1_0', 'StartTime=now+5');
  await expect
    .poll(journal, { timeout: 60_000, interval: 50 })
    .toMatch(/"paused"\}\n\n\{"kind":"began","iteration":[1-9]\d*/);
  const { code, output } = await resumed;
  expect(output).toContain('in job 1.');
  expect(code).toBe(0);
  expect(cluster.ask('squeue', '--noheader', '--states=all', '--format=%F').trim().split('\n')).not.toContain(
    '2',
  );

  // On this computer the same numbers come out, but for the order in which a busy computer's threads add.
  expect((await run([...words, '--out=here'], { data: path.join(commandLine.folder, 'other') })).code).toBe(
    0,
  );
  const [there, here] = await Promise.all(['cluster', 'here'].map(numbersOf));
  expect(there?.map(([name]) => name)).toEqual(here?.map(([name]) => name));
  for (const [i, [name, value]] of (here ?? []).entries())
    expect(there?.[i]?.[1], name).toBeCloseTo(value, 2);
  expect(await readdir(path.join(commandLine.folder, 'data', 'cluster'))).toEqual([]);

  const cancelled = await run([...onCluster, '--fresh', '--out=second'], {
    interruptAt: /The cluster has 2/,
  });
  expect(cancelled.code).toBe(130);
  expect(cluster.ask('squeue', '--noheader')).toBe('');
});

/** Of a report: variant, seed and measure, and the number. */
async function numbersOf(out: string): Promise<[string, number][]> {
  const text = await readFile(path.join(commandLine.folder, out, 'numbers.csv'), 'utf8');
  const lines = text.trim().split('\n').slice(1);
  expect(lines.length).toBeGreaterThan(10);
  return lines.map((line) => {
    const [variant = '', , seed = '', measure = '', final] = line.split(',');
    return [`${variant}, ${seed}, ${measure}`, Number(final)];
  });
}
