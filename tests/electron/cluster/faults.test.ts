/** What a cluster may do to a sweep: refuse it, say nothing, lose an answer, end a task early. */
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClusterJobs } from '../../../electron/cluster/clusterJobs.ts';
import { recordEntry } from '../../../electron/cluster/recordEntry.ts';
import { Slurm } from '../../../electron/cluster/slurm.ts';
import { readTask } from '../../../electron/cluster/taskFiles.ts';
import { TaskJournal } from '../../../electron/cluster/taskJournal.ts';
import { storeJournal } from '../../../electron/features/runJournal.ts';
import { listClusterTasks } from '../../../electron/store/clusterTasks.ts';
import { openStore, type Store } from '../../../electron/store/database.ts';
import { readMetrics } from '../../../electron/store/metrics.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { waitingRuns } from '../../../electron/store/queueOrder.ts';
import { createRun, listRuns, pauseInterruptedRuns, setRunStatus } from '../../../electron/store/runs.ts';
import { createSweep, listCells, type KeptSweep } from '../../../electron/store/sweeps.ts';
import { clusterOptionsSchema } from '../../../engine/contract/cluster.ts';
import { variantsOf, type Sweep } from '../../../engine/contract/sweep.ts';
import { useCommandLine } from '../../support/commandLine.ts';
import { fakeSlurm, type FakeSlurm } from '../../support/fakeSlurm.ts';

const commandLine = useCommandLine();
const options = clusterOptionsSchema.parse({ partition: 'gpu', gpus: 1, extra: ['--account=a lab'] });
const sweep: Sweep = {
  ...{ name: 'Sweep $(touch pwned); `id`', experiment: null, seeds: [7] },
  recipe: { teacher: 'toy', data: 'toy', name: '"; touch pwned; "' },
  variants: variantsOf({ 'student.steps': [1, 2] }),
  baselines: [{ key: 'four', name: 'four', steps: 4, guidance: 2.5 }],
  measuring: { count: 64, taus: [] },
};

let slurm: FakeSlurm;
let folder = '';
let store: Store;
let kept: KeptSweep;
let jobs: ClusterJobs;

beforeEach(async () => {
  slurm = await fakeSlurm();
  vi.stubEnv('PATH', `${slurm.folder}:${process.env['PATH'] ?? ''}`);
  folder = await mkdtemp(path.join(tmpdir(), 'cluster-jobs-'));
  store = await openStore(folder);
  kept = await createSweep(store, (await createProject(store, 'Toys')).id, sweep);
  jobs = newJobs();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
  await rm(folder, { recursive: true });
  await slurm[Symbol.asyncDispose]();
});

const newJobs = () =>
  new ClusterJobs(store, new Slurm({ timeout: 400 }), (id, entry) =>
    recordEntry(storeJournal(store, { id }), entry),
  );
const submissions = () => readdir(path.join(folder, 'cluster'));
const places = async () => (await listClusterTasks(store)).map(({ position, job }) => [position, job]);
const runs = async () =>
  (await listRuns(store))
    .map(({ name, status, error }) => ({ name, status, error: error?.message }))
    .sort((a, b) => a.name.localeCompare(b.name));
const all = ['PENDING', 'PENDING', 'PENDING'];

test('one task a cell is submitted by words that no shell reads, and nothing of it is trained here', async () => {
  await slurm.says(all);
  await jobs.submit(kept, options);
  const [submission = ''] = await submissions();
  const at = path.join(folder, 'cluster', submission);
  expect(await slurm.words()).toEqual([
    ...['--parsable', `--job-name=stillroom-${submission}`, '--array=0-2%16', `--output=${at}/%a.log`],
    ...['--open-mode=append', '--requeue', '--signal=B:TERM@90', '--time=24:00:00', '--cpus-per-task=4'],
    ...['--mem=16G', '--gres=gpu:1', '--partition=gpu', '--account=a lab', `${at}/task.sh`],
    ...[process.execPath, path.resolve(import.meta.dirname, '../../../electron/clusterTask.ts'), at],
  ]);
  expect(await readTask(at, 0)).toMatchObject({ kind: 'teacher', measuring: { steps: 4, seed: 7 } });
  expect(await readTask(at, 2)).toMatchObject({
    kind: 'student',
    training: { recipe: { student: { steps: 2 }, seed: 7 } },
  });
  expect((await runs()).map(({ status }) => status)).toEqual(['queued', 'queued']);
  expect(await waitingRuns(store)).toEqual([]);
  // A second look submits nothing again.
  await jobs.submit(kept, options);
  expect(await slurm.jobs()).toBe(1);
});

test('a refusal is told in its own words, and leaves the queue as it was', async () => {
  const other = await createRun(store, { projectId: kept.projectId, name: 'Mine', recipe: {} });
  await slurm.submits('refuse');
  await expect(jobs.submit(kept, options)).rejects.toMatchObject({
    code: 'cluster-unavailable',
    message: expect.stringContaining('Invalid partition name specified') as string,
  });
  expect(await listClusterTasks(store)).toEqual([]);
  expect(await submissions()).toEqual([]);
  expect((await waitingRuns(store)).map(({ id }) => id)).toEqual([other.id]);
  expect((await runs()).map(({ status }) => status)).toEqual(['queued', 'paused', 'paused']);
  await slurm.submits('take');
  await jobs.submit(kept, options);
  expect(await listRuns(store)).toHaveLength(3);
});

test('a cluster that says nothing keeps nobody waiting, and nothing is submitted twice afterwards', async () => {
  await slurm.submits('hang');
  await slurm.answers('hang');
  await expect(jobs.submit(kept, options)).rejects.toThrow('“sbatch” said nothing for 0.4 s');
  expect(await waitingRuns(store)).toEqual([]);
  // Nor is it now, when it is not known whether it has the first one.
  await expect(newJobs().submit(kept, options)).rejects.toMatchObject({ code: 'cluster-unavailable' });
  await slurm.answers('answer');
  await slurm.submits('take');
  await newJobs().submit(kept, options);
  expect(await slurm.jobs()).toBe(1);
  expect(await places()).toEqual([0, 1, 2].map((position) => [position, '1']));
  expect(await listRuns(store)).toHaveLength(2);
});

test('a job whose number never arrived is found by its name', async () => {
  await slurm.says(all);
  await slurm.submits('takeAndHang');
  await jobs.submit(kept, options);
  expect(await places()).toEqual([0, 1, 2].map((position) => [position, '1']));
});

test('so it is later, if the cluster was silent altogether', async () => {
  await slurm.says(all);
  await slurm.submits('takeAndHang');
  await slurm.answers('down');
  await expect(jobs.submit(kept, options)).rejects.toThrow('“sbatch” said nothing');
  await slurm.answers('answer');
  await newJobs().submit(kept, options);
  expect(await slurm.jobs()).toBe(1);
  expect(await places()).toEqual([0, 1, 2].map((position) => [position, '1']));
});

test('results come back as tasks tell them; what ended early is submitted again, and nothing else', async () => {
  await slurm.says(all);
  await jobs.submit(kept, options);
  const [submission = ''] = await submissions();
  const at = path.join(folder, 'cluster', submission);
  new TaskJournal(at, 0).tell({ kind: 'measured', values: { toTeacher: 0.25 } });
  const done = new TaskJournal(at, 1);
  done.tell({ kind: 'began', iteration: 0 });
  done.tell({ kind: 'metrics', points: [{ name: 'quality.toTeacher', step: 10, value: 0.5 }] });
  done.tell({ kind: 'ended', status: 'done' });
  const killed = new TaskJournal(at, 2);
  killed.tell({ kind: 'began', iteration: 0 });
  killed.tell({ kind: 'metrics', points: [{ name: 'loss', step: 20, value: 3 }] });
  killed.tell({ kind: 'checkpoint', checkpoint: checkpointAt(10), best: null });
  await appendFile(path.join(at, '2.jsonl'), '{"kind":"met');
  await slurm.says(['COMPLETED', 'COMPLETED', 'RUNNING']);
  expect(await jobs.collect()).toEqual([]);
  expect((await runs()).map(({ status }) => status)).toEqual(['done', 'running']);
  // Stillroom begins anew meanwhile: what the cluster has is not interrupted.
  expect(await pauseInterruptedRuns(store)).toEqual([]);

  // The cluster begins it again on another node: what came after its checkpoint is void.
  const again = new TaskJournal(at, 2);
  again.tell({ kind: 'began', iteration: 10 });
  again.tell({ kind: 'ended', status: 'paused' });
  await slurm.says(['COMPLETED', 'COMPLETED', 'PENDING']);
  expect(await jobs.collect()).toEqual([]);
  const [, open] = await listRuns(store).then((list) => list.sort((a, b) => a.name.localeCompare(b.name)));
  expect(await readMetrics(store, open?.id ?? '', 'loss')).toEqual([]);
  expect(await places()).toEqual([[2, '1']]);

  await slurm.says(['COMPLETED', 'COMPLETED', 'TIMEOUT']);
  expect((await newJobs().collect()).map(({ task }) => task.position)).toEqual([2]);
  expect(await runs()).toMatchObject([
    { name: 'Steps 1, seed 7', status: 'done' },
    { name: 'Steps 2, seed 7', status: 'paused', error: 'Its time on the cluster ran out.' },
  ]);
  expect((await listCells(store, kept.id)).find(({ variant }) => variant === 'four')?.values).toEqual({
    toTeacher: 0.25,
  });

  await slurm.says(['PENDING']);
  await jobs.submit(kept, options);
  expect(await slurm.words()).toContain('--array=0-0%16');
  expect((await listClusterTasks(store)).map(({ runId }) => runId)).toEqual([open?.id]);
});

test('a cluster that stops answering leaves what it has where it is', async () => {
  await slurm.says(all);
  await jobs.submit(kept, options);
  await slurm.answers('down');
  await expect(jobs.collect()).rejects.toThrow('Unable to contact slurm controller');
  await expect(jobs.submit(kept, options)).rejects.toMatchObject({ code: 'cluster-unavailable' });
  expect(await places()).toHaveLength(3);
  await slurm.answers('answer');
  await jobs.cancel(kept.id);
  expect(await slurm.cancelled()).toBe('1');
});

test('a task that died without a word is told by the last line that it printed', async () => {
  await jobs.submit(kept, options);
  const [submission = ''] = await submissions();
  await appendFile(path.join(folder, 'cluster', submission, '1.log'), 'starts\ntask.sh: node: not found\n');
  await setRunStatus(store, (await listClusterTasks(store))[1]?.runId ?? '', 'running');
  await slurm.says(['FAILED', 'FAILED', 'PENDING']);
  await jobs.collect();
  expect((await runs())[0]?.error).toBe('Its task on the cluster ended early: task.sh: node: not found.');
});

test('the command line says it in one sentence, with exit code 2', async () => {
  await slurm.submits('refuse');
  const words = ['sweep', '--teacher=toy', '--data=toy', '--vary=student.steps=1,2', '--on=slurm'];
  const refused = await commandLine.run(words, { environment: process.env });
  expect(refused.code).toBe(2);
  expect(refused.output).toContain(
    'The cluster did not take the request: “sbatch” says: Batch job submission',
  );
  const wrong = await commandLine.run([...words, '--partition=gpu; touch pwned'], {
    environment: process.env,
  });
  expect(wrong.code).toBe(2);
  expect(wrong.output).toContain('--partition cannot be that');
  const own = await commandLine.run([...words, '--sbatch=--array=1-9'], { environment: process.env });
  expect(own.output).toContain('--sbatch cannot be that: another one, since Stillroom sets this one itself');
  expect(await slurm.jobs()).toBe(0);
  expect(await readdir(commandLine.folder)).toEqual(['data']);
});

const checkpointAt = (step: number) => ({
  ...{ id: '0190a000-0000-7000-8000-000000000000', step, sequence: 1, bytes: 1 },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', folder: path.join(folder, 'none') },
});
