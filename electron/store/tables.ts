/** The database's tables as TypeScript sees them; `migrations/` makes them. Times are ISO 8601 texts in UTC. */

import type { Selectable } from 'kysely';

export const runStatuses = ['queued', 'running', 'paused', 'done', 'failed'] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface Tables {
  projects: { id: string; name: string; createdAt: string; updatedAt: string };
  runs: {
    id: string;
    projectId: string;
    name: string;
    status: RunStatus;
    /** JSON; `engine/contract/recipe.ts` knows its form. */
    recipe: string;
    /** The run and step that a fork began from. */
    parentRunId: string | null;
    parentStep: number | null;
    /** Why it failed or paused: JSON of `{code, message, hint}`. */
    error: string | null;
    createdAt: string;
    updatedAt: string;
  };
  /** An index of the manifests on disk, but for `pinned` and `best`, which are only here. */
  checkpoints: {
    id: string;
    runId: string;
    step: number;
    sequence: number;
    bytes: number;
    createdAt: string;
    /** The folder's name below `runs/<runId>/checkpoints`. */
    folder: string;
    pinned: 0 | 1;
    best: 0 | 1;
  };
  /** `value` is null where the measured number was not finite. */
  metrics: { runId: string; name: string; step: number; value: number | null };
  samples: {
    id: string;
    runId: string;
    step: number;
    /** Relative to the data folder, with `/`. */
    path: string;
    seed: number;
    prompt: string;
    sha256: string;
    createdAt: string;
  };
  /** Pictures that people chose, named `data:<id>` by recipes, and texts of prompts, `prompts:<id>`. */
  datasets: {
    id: string;
    name: string;
    /** Absolute. */
    location: string;
    createdAt: string;
    /** 1 where the files are a copy in the data folder, below `datasets/<id>`. */
    isCopy: 0 | 1;
    /** JSON of the last report's numbers; null before the first. */
    summary: string | null;
  };
  /** `recipe` is JSON as it was typed, right or wrong. */
  drafts: { projectId: string; kind: string; recipe: string; savedAt: string };
  /** Pictures that the gallery made; `column` is JSON, the file is `gallery/<id>.png`. */
  galleryItems: {
    id: string;
    projectId: string;
    column: string;
    name: string;
    iteration: number | null;
    prompt: string;
    seed: number;
    evaluations: number;
    rating: number;
    createdAt: string;
  };
  /** `column` and `values` are JSON. */
  measurements: { projectId: string; column: string; values: string; count: number; measuredAt: string };
  blindTests: { id: string; projectId: string; createdAt: string; endedAt: string | null };
  blindPairs: {
    id: string;
    testId: string;
    position: number;
    firstItemId: string;
    secondItemId: string;
    firstIsLeft: 0 | 1;
    choice: 'first' | 'second' | 'tie' | null;
  };
  /** `sweep` is JSON of `engine/contract/sweep.ts`. */
  sweeps: { id: string; projectId: string; sweep: string; createdAt: string };
  /** What was begun of a sweep: a variant's run, or a baseline's measured numbers as JSON. */
  sweepCells: { sweepId: string; variant: string; seed: number; runId: string | null; values: string | null };
  /** Cells of sweeps that a cluster has now: the array job they were submitted in, and their place in it. */
  clusterTasks: {
    sweepId: string;
    variant: string;
    seed: number;
    runId: string | null;
    submission: string;
    position: number;
    /** Null until the cluster said its number. */
    job: string | null;
  };
  /** What was thrown away together; `trashed` names the projects, runs, pictures and picture sets in it, whose rows stay. */
  trash: { id: string; kind: 'project' | 'run' | 'pictures' | 'data'; name: string; discardedAt: string };
  trashed: { id: string; trashId: string };
  /** What the app remembers; `value` is JSON. */
  preferences: { name: string; value: string };
}

export type Project = Selectable<Tables['projects']>;
export type Sample = Selectable<Tables['samples']>;
