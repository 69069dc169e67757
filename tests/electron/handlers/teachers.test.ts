/** A model that a person chooses: told from everything else, copied whole, examined by the real engine, sampled. */
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Client } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { recogniseModel } from '../../../electron/features/recognisedModel.ts';
import { guidanceOf } from '../../../electron/features/teacherGuidance.ts';
import { openHost, type Host } from '../../../electron/host.ts';
import { studioContract, type StudioContract } from '../../../engine/contract/messages.ts';
import type { ModelInfo } from '../../../engine/contract/modelInfo.ts';
import { readModel, writeModel } from '../../../engine/training/modelFile.ts';
import { modelFolder } from '../../../engine/training/modelFolder.ts';
import { encodeSafetensors } from '../../../engine/training/safetensors.ts';

let folder = '';
let host: Host;
let client: Client<StudioContract>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-models-'));
  host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: path.join(folder, 'data') });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  client = connect(studioContract, ours);
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const place = (name: string) => path.join(folder, name);
const add = (name: string) => client.api.teachers.add({ source: host.sources.add(place(name)).id });
const kept = () => readdir(path.join(folder, 'data/teachers')).catch(() => []);

async function toyInto(name: string): Promise<string> {
  await cp(modelFolder('toy'), place(name), { recursive: true });
  return place(name);
}

it('starts its engine', { timeout: 90_000 }, async () => {
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 90_000 })
    .toBe('ready');
});

it('tells in advance whether guidance can work: as measured, otherwise as the recipe says', () => {
  const toy = (classes: number) => ({ family: 'mlp', dimensions: 2, width: 16, layers: 1, classes }) as const;
  const trained = (conditionDropout: number) => ({ recipe: { conditionDropout } });
  expect(guidanceOf({ network: toy(8), made: trained(0.1) })).toBe('usable');
  expect(guidanceOf({ network: toy(8), made: trained(0) })).toBe('untrained');
  // The last of several recipes counts.
  expect(guidanceOf({ network: toy(8), made: { phases: [trained(0), trained(0.1)] } })).toBe('usable');
  expect(guidanceOf({ network: toy(1), made: trained(0.1) })).toBe('no-condition');
  expect(guidanceOf({ network: toy(8), made: { seconds: 3 } })).toBe('unknown');
  expect(guidanceOf({ network: toy(8), made: trained(0.1) }, { push: 0.01, stray: 0.1 })).toBe('weak');
  expect(guidanceOf({ network: toy(8), made: trained(0.1) }, { push: 0.9, stray: 2 })).toBe('untrained');
});

it('copies a model folder, examines it and samples it; the same weights are kept once', async () => {
  await toyInto('My toy');
  const added = await add('My toy');
  expect(added).toMatchObject({
    ...{ origin: 'added', role: 'teacher', family: 'mlp', size: 0, data: 'toy', guidance: 'usable' },
    classNames: (await readModel('toy')).info.classNames,
  });
  expect(added.measured?.push).toBeGreaterThan(0.3);
  const [copy = ''] = await kept();
  const weights = 'weights.safetensors';
  expect(await readFile(path.join(folder, 'data/teachers', copy, weights))).toEqual(
    await readFile(path.join(modelFolder('toy'), weights)),
  );
  expect(await add('My toy')).toEqual(added);
  expect(await kept()).toEqual([copy]);
  const { pictures } = await client.api.teachers.sample({
    ...{ teacher: added.teacher, prompts: [], seed: 1, guidance: 2, steps: 3 },
  });
  expect(pictures).toHaveLength(1);
  expect((await client.api.library.list()).nodes.map(({ key }) => key)).toContain(`teacher:${added.teacher}`);
});

it('says what the training of a teacher takes, from iterations that were really made', async () => {
  const recipeOf = (iterations: number, batch = 8) => ({
    ...{ kind: 'teacher' as const },
    recipe: { data: 'toy', network: { width: 16, layers: 1, heads: 1 }, training: { iterations, batch } },
  });
  expect(await client.api.recipes.estimate(recipeOf(100))).toBeNull();
  const measured = await client.api.recipes.measure(recipeOf(100));
  expect(measured.seconds).toBeCloseTo(100 * measured.secondsPerIteration);
  expect(measured).toMatchObject({ distanceSeconds: 0 });
  expect(measured.memoryBytes).toBeGreaterThan(2 ** 20);
  // Longer is longer, by as much; another batch is another work.
  expect((await client.api.recipes.estimate(recipeOf(300)))?.seconds).toBeCloseTo(3 * measured.seconds);
  expect(await client.api.recipes.estimate(recipeOf(100, 9))).toBeNull();
});

it('is distilled like any other teacher, and stays as long as a run names it', async () => {
  const teacher = (await client.api.teachers.list()).find(({ origin }) => origin === 'added')?.teacher ?? '';
  const [project] = await client.api.projects.list();
  const recipe = {
    ...{ name: 'Of mine', teacher, data: 'toy', student: { steps: 1 } },
    training: { iterations: 3, batch: 8 },
  };
  const run = await client.api.runs.start({ projectId: project?.id ?? '', kind: 'distillation', recipe });
  await expect
    .poll(async () => (await client.api.runs.get({ id: run.id })).status, { timeout: 60_000 })
    .toBe('done');
  await expect(client.api.teachers.discard({ teacher })).rejects.toMatchObject({ code: 'busy' });
  await client.api.library.discardRun({ runId: run.id });
  await client.api.teachers.discard({ teacher });
  expect(await kept()).toEqual([]);
  await expect(client.api.teachers.discard({ teacher: 'toy' })).rejects.toMatchObject({
    code: 'input-invalid',
  });
});

it('takes a weights file alone where it says what it is, and a student as a student', async () => {
  const { info, weights } = await readModel('toy');
  const student: ModelInfo = { ...info, role: 'student', name: 'Quick', times: [0, 0.5] };
  await writeModel(place('exported'), student, weights, 'F16');
  await cp(path.join(place('exported'), 'weights.safetensors'), place('quick.safetensors'));
  expect(await add('quick.safetensors')).toMatchObject({ name: 'Quick', role: 'student', steps: 2 });
});

it('says in a sentence what is no model, and keeps nothing of it', async () => {
  const before = await kept();
  const refusals: Record<string, RegExp> = {
    'notes.txt': /“notes.txt” is no model/,
    'foreign.safetensors': /holds 1 arrays of numbers/,
    'cut.safetensors': /damaged/,
    checkpoint: /checkpoint of a run/,
    empty: /no model in “empty”/,
    huge: /not understood/,
    spoilt: /not finite/,
  };
  await writeFile(place('notes.txt'), 'a model');
  const array = { dtype: 'F32', shape: [1], data: new Uint8Array(4) } as const;
  const bytes = Buffer.concat(encodeSafetensors(new Map([['lora_up.weight', array]])));
  await writeFile(place('foreign.safetensors'), bytes);
  await writeFile(place('cut.safetensors'), bytes.subarray(0, 20));
  await mkdir(place('checkpoint'));
  for (const name of ['state.json', 'weights.safetensors'])
    await writeFile(path.join(place('checkpoint'), name), '');
  await mkdir(place('empty'));
  const info = JSON.parse(await readFile(path.join(await toyInto('huge'), 'model.json'), 'utf8')) as {
    network: object;
  };
  const huge = { ...info, network: { ...info.network, layers: 1e9 } };
  await writeFile(path.join(place('huge'), 'model.json'), JSON.stringify(huge));
  // The last number becomes NaN: only reading the weights finds that.
  const spoilt = await open(path.join(await toyInto('spoilt'), 'weights.safetensors'), 'r+');
  await spoilt.write(Buffer.from([0, 0, 0xc0, 0x7f]), 0, 4, (await spoilt.stat()).size - 4);
  await spoilt.close();
  for (const [name, message] of Object.entries(refusals)) {
    const refusal = add(name);
    await expect(refusal, name).rejects.toMatchObject({ code: 'file-invalid' });
    await expect(refusal, name).rejects.toThrow(message);
  }
  expect(await kept()).toEqual(before);
  expect(await readdir(path.join(folder, 'data/uploads')).catch(() => [])).toEqual([]);
  expect((await recogniseModel(modelFolder('emoji'))).info.name).toBe('Emoji');
});
