/**
 * Retunes: a run whose numbers say that it goes wrong is forked from before that with the remedy of its verdict, as
 * often as its recipe allows. Decided at checkpoints alone, from what was recorded until then, so that the same recipe
 * and seed decide alike on every computer.
 */
import type { RunVerdict } from '../../engine/contract/messages/runs.ts';
import { withChanges } from '../../engine/contract/recipeChanges.ts';
import { parseRecipe, recipeSchema } from '../../engine/contract/recipe.ts';
import { listRunCheckpoints } from '../store/checkpoints.ts';
import type { Store } from '../store/database.ts';
import { getRun, listRuns, type Run } from '../store/runs.ts';
import { recipeOf } from './describeRuns.ts';
import { distilRun, type DistillationOptions, type FinishedDistillation } from './distillation.ts';
import { forkRun } from './forkRun.ts';
import { judgeRun } from './judgeRun.ts';
import { storeJournal } from './runJournal.ts';

/** A run is left alone for so many iterations after it began or was forked: a remedy needs time to show. */
const GRACE = 50;

export interface Retune {
  readonly parent: Run;
  readonly verdict: RunVerdict;
  /** Without that of `supervision.retunes`. */
  readonly changes: NonNullable<RunVerdict['suggestion']>['changes'];
  /** Made and not yet trained; `parentStep` 0 begins afresh. */
  readonly fork: Run;
}

/** Forks the run if it goes wrong at this checkpoint and may be retuned; whoever trains it stops it then. */
export async function retuneIfDue(store: Store, runId: string, step: number): Promise<Retune | undefined> {
  const parent = await getRun(store, runId);
  const recipe = recipeSchema.safeParse(parent.recipe).data;
  if (!recipe || recipe.supervision.retunes === 0) return undefined;
  const { iterations, checkpointEvery } = recipe.training;
  // A pause saves at any iteration: that must change no decision.
  if (step % checkpointEvery !== 0 || step >= iterations) return undefined;
  if (step - (parent.parentStep ?? 0) < GRACE) return undefined;
  // Once: a retuned run that a person resumes goes on as it is.
  if ((await listRuns(store)).some(({ parentRunId }) => parentRunId === runId)) return undefined;
  const verdict = (await judgeRun(store, runId)).find(({ suggestion }) => suggestion !== null);
  if (!verdict?.suggestion) return undefined;
  const { checkpointId, changes } = verdict.suggestion;
  const checkpoint = (await listRunCheckpoints(store, runId)).find(
    (one) => one.id === checkpointId && one.step <= verdict.step,
  );
  const name = retunedName(parent.name);
  const changed = withChanges(recipeOf(parent), {
    ...changes,
    name,
    'supervision.retunes': recipe.supervision.retunes - 1,
  });
  const fork = await forkRun(store, parent, { name, recipe: parseRecipe(changed), checkpoint });
  return { parent, verdict, changes, fork };
}

/** Trains a run, and the forks that it is retuned into, to the end of the last or until it is paused. */
export async function distilRetuned(
  store: Store,
  begun: Run,
  options: DistillationOptions,
): Promise<FinishedDistillation & { readonly run: Run }> {
  let run = begun;
  for (;;) {
    const stop = new AbortController();
    const journal = storeJournal(store, run);
    const retunes: Retune[] = [];
    const decide = async (step: number) => {
      const retune = await retuneIfDue(store, run.id, step);
      if (!retune) return;
      retunes.push(retune);
      stop.abort();
    };
    const finished = await distilRun(
      {
        ...journal,
        // A kill between a checkpoint and its decision takes nothing from it.
        async began(step) {
          await journal.began(step);
          await decide(step);
        },
        async checkpoint(saved, best) {
          await journal.checkpoint(saved, best);
          await decide(saved.step);
        },
      },
      parseRecipe(run.recipe),
      { ...options, signal: AbortSignal.any([options.signal, stop.signal]) },
    );
    const [retune] = retunes;
    if (!retune) return { ...finished, run };
    finished.job.dispose();
    options.reporter.note(inASentence(retune));
    run = retune.fork;
  }
}

const reasons: Readonly<Partial<Record<RunVerdict['code'], string>>> = {
  'fake-lags': 'its fake score lags behind',
  'over-baked': 'it over-bakes',
  collapsed: 'it collapses inwards',
};

function inASentence({ parent, verdict, changes, fork }: Retune): string {
  const remedy = Object.entries(changes).map(([path, value]) => `${path} ${String(value)}`);
  const from = fork.parentStep ? `from iteration ${fork.parentStep}` : 'afresh';
  return `“${parent.name}” is retuned, since ${reasons[verdict.code] ?? verdict.code}: it goes on ${from} as “${fork.name}” with ${remedy.join(', ')}.`;
}

/** Student, Student (retune 1), Student (retune 2). */
function retunedName(name: string): string {
  const [, base = name, count = '0'] = /^(.*) \(retune (\d+)\)$/.exec(name) ?? [];
  return `${base} (retune ${Number(count) + 1})`;
}
