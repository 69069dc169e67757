/**
 * A data folder with what the pictures of the studio show: real runs of the bundled teachers, a picture set and a
 * teacher that learns from it. What is there already is used again, so that filling goes on where it was left.
 */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type Client } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { shownCaptions } from '../../electron/commands/demoPrompts.ts';
import type { Host } from '../../electron/host.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import type { Column } from '../../engine/contract/messages/gallery.ts';
import { draftRecipeSchema, type RecipeKind } from '../../engine/contract/messages/recipes.ts';
import type { Run } from '../../engine/contract/messages/runs.ts';
import type { Plan } from '../../engine/contract/messages/sweeps.ts';
import { presets, type Preset } from '../../engine/contract/presets.ts';
import type { RecipeInput } from '../../engine/contract/recipe.ts';
import { writeInkDrops } from './inkDrops.ts';

type Api = Client<typeof studioContract>['api'];

/** What scenes name. */
export interface StudioData {
  readonly api: Api;
  /** Paused on its way, to be watched. */
  readonly watched: Run;
  readonly overBaked: Run;
  readonly inkTeacher: Run;
  readonly inkDrops: string;
  /** The paper's ablation on the toy, done, in a project of its own. */
  readonly ablation: { readonly id: string; readonly projectId: string };
}

/** Iterations between two sample pictures. */
const OFTEN = 10;
const inkSet = 'Ink drops';
export const ablationProject = 'Spear and shield';

/** @param say is told what is waited for. */
export async function fillStudio(
  host: Host,
  dataFolder: string,
  say: (text: string) => void,
): Promise<StudioData> {
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  const { api } = connect(studioContract, ours);
  const filling = { api, say };
  while ((await api.app.state()).engine.status !== 'ready') await wait(500);

  const blobs = await projectNamed(filling, 'Eight blobs');
  const toy = { teacher: 'toy', data: 'toy', training: { iterations: 400 } };
  const ofBlobs = { projectId: blobs, kind: 'distillation', until: 400 } as const;
  await train(filling, ofBlobs, { ...toy, name: 'Blobs in two steps', student: { steps: 2 } });
  const overBaked = await train(filling, ofBlobs, {
    ...{ ...toy, name: 'Blobs by CA alone' },
    distributionMatching: { weight: 0 },
  });

  const ablation = await runAblation(filling, await projectNamed(filling, ablationProject));

  const inkDrops = await addInkDrops(filling, host, dataFolder);
  const inkTeacher = await train(
    filling,
    { projectId: await projectNamed(filling, inkSet), kind: 'teacher', until: 240 },
    { name: 'Ink teacher', data: inkDrops, training: { iterations: 2000, sampleEvery: 40 } },
  );

  const demo = await projectNamed(filling, 'Emoji demo');
  const distil = (until: number, { training, ...recipe }: RecipeInput) =>
    train(
      filling,
      { projectId: demo, kind: 'distillation', until },
      { ...recipe, training: { ...training, sampleEvery: OFTEN } },
    );
  const oneStep = await distil(150, presets.oneStep.recipe);
  const fourSteps = await distil(75, presets.fourSteps.recipe);
  const spearAlone = await distil(60, { ...presets.spearAlone.recipe, training: { iterations: 60 } });
  const gentler = await forkGentler(filling, oneStep);
  const watched = await distil(60, {
    ...{ name: 'One step, late CA', cfgAugmentation: { rangeMin: 0.35 } },
    training: { iterations: 150 },
  });

  const teacher: Column = { model: 'emoji', steps: 50, guidance: 2.5 };
  const student = ({ id }: Run, steps: number): Column => ({ model: `run:${id}`, steps, guidance: null });
  const columns = [student(fourSteps, 4), student(oneStep, 1), student(gentler, 1), student(spearAlone, 4)];
  say('Pictures of the gallery');
  const made = { projectId: demo, prompts: [...shownCaptions], seeds: [1, 2, 3, 4] };
  await api.gallery.render({ ...made, columns: [teacher, ...columns] });
  const { measurements } = await api.gallery.list({ projectId: demo });
  say('Measurements of the gallery');
  if (measurements.length === 0) await api.gallery.measure({ projectId: demo, teacher, columns, count: 256 });
  say('What the presets take');
  for (const preset of Object.values<Preset>(presets)) {
    const recipe = draftRecipeSchema.parse(preset.recipe);
    const work = { kind: 'distillation', recipe } as const;
    if ((await api.recipes.estimate(work)) === null) await api.recipes.measure(work);
  }
  const recipe = draftRecipeSchema.parse(presets.fourSteps.recipe);
  await api.recipes.save({ projectId: demo, kind: 'distillation', recipe });
  await projectNamed(filling, 'Autumn leaves');
  await api.projects.open({ id: demo });
  return { api, watched, overBaked, inkTeacher, inkDrops, ablation };
}

interface Training {
  readonly projectId: string;
  readonly kind: RecipeKind;
  /** Trains to here and pauses, or ends. */
  readonly until: number;
}

/** What filling needs all the time. */
interface Filling {
  readonly api: Api;
  readonly say: (text: string) => void;
}

/** The run of this recipe's name, trained so far. */
async function train(filling: Filling, { projectId, kind, until }: Training, recipe: object): Promise<Run> {
  const draft = draftRecipeSchema.parse(recipe);
  const known = (await filling.api.runs.list({ projectId })).find(({ name }) => name === draft['name']);
  return reach(filling, known ?? (await filling.api.runs.start({ projectId, kind, recipe: draft })), until);
}

async function forkGentler(filling: Filling, { id, projectId }: Run): Promise<Run> {
  const { api } = filling;
  const name = 'One step, gentler CA';
  const known = (await api.runs.list({ projectId })).find((run) => run.name === name);
  if (known) return reach(filling, known, known.iterations);
  const checkpoint = (await api.runs.get({ id })).checkpoints.find(({ step }) => step === 100);
  if (!checkpoint) throw new Error('The run has no checkpoint of iteration 100.');
  const changes = { 'cfgAugmentation.weight': 0.6 };
  const run = await api.runs.fork({ id, checkpointId: checkpoint.id, name, changes });
  return reach(filling, run, run.iterations);
}

async function reach({ api, say }: Filling, { id, name }: Run, until: number): Promise<Run> {
  let run = await api.runs.get({ id });
  const reached = () => run.checkpoints[0]?.step ?? 0;
  if (run.status === 'paused' && reached() < until) await api.runs.resume({ id });
  let latest = 0;
  for (;;) {
    run = await api.runs.get({ id });
    if (run.status === 'failed') throw new Error(`${name}: ${run.error?.message ?? ''}`);
    if (run.status === 'done' || (run.status === 'paused' && reached() >= until)) return run;
    const points = await api.runs.curve({ id, name: 'loss', pieces: 2 });
    const now = Math.floor(points.at(-1)?.step ?? 0);
    if (now !== latest) say(`${name}: ${(latest = now)} of ${until}`);
    if (run.status === 'running' && until < run.iterations && now >= until) await api.runs.pause({ id });
    await wait(1000);
  }
}

async function runAblation({ api, say }: Filling, projectId: string): Promise<StudioData['ablation']> {
  const experiment = 'ablation-1-step';
  const plan: Plan = { kind: 'experiment', experiment, teacher: 'toy', seeds: [1, 2, 3] };
  const [known] = await api.sweeps.list({ projectId });
  const { id } = known ?? (await api.sweeps.start({ projectId, plan }));
  if (known?.state === 'paused') await api.sweeps.resume({ id });
  for (let latest = -1; ;) {
    const sweep = (await api.sweeps.list({ projectId })).find((one) => one.id === id);
    if (!sweep) throw new Error('The ablation is not there any more.');
    if (sweep.state === 'done') return { id, projectId };
    if (sweep.done !== latest) say(`${sweep.name}: ${(latest = sweep.done)} of ${sweep.total}`);
    await wait(1000);
  }
}

async function projectNamed({ api }: Filling, name: string): Promise<string> {
  const known = (await api.projects.list()).find((project) => project.name === name);
  return (known ?? (await api.projects.create({ name }))).id;
}

/** As a person's own folder, beside the studio's data. */
async function addInkDrops({ api }: Filling, host: Host, dataFolder: string): Promise<string> {
  const known = (await api.data.list()).find(({ name }) => name === inkSet);
  if (known) return known.data;
  const folder = path.join(dataFolder, 'pictures', inkSet);
  await writeInkDrops(folder);
  const added = await api.data.add({ source: host.sources.add(folder).id });
  await api.data.inspect({ data: added.data, size: 32 });
  return added.data;
}
