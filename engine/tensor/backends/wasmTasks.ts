/**
 * Tiles of a product, shared out between threads: whoever is free takes the next, the main thread too. All that threads
 * know of each other lies at the start of the panels' memory.
 */
import { TILE_COLUMNS, TILE_ROWS, type PanelMultiplier } from './wasmProductCode.ts';

/** Panels of rows in a task. */
const TASK_PANELS = 16;
/** Depth of the part of two panels that stays in the first-level cache. */
export const CACHED_DEPTH = 384;

/** Where the words of the control block lie. */
const word = {
  /** Grows with every job; waiting threads watch it. */
  job: 0,
  /** Tasks that nobody has taken; whoever takes the last of nothing goes back to waiting. */
  left: 1,
  done: 2,
  /** The job's `Product`, in the order of its keys. */
  product: 3,
} as const;

/** Bytes before the panels. */
export const CONTROL_BYTES = 1024;

/** Products of panels in one memory; addresses in bytes. */
export interface PanelProduct {
  readonly batches: number;
  readonly rowPanels: number;
  readonly columnPanels: number;
  readonly depth: number;
  readonly a: number;
  readonly b: number;
  readonly product: number;
  /** From one batch to the next; 0 where all share a factor. */
  readonly aStride: number;
  readonly bStride: number;
  readonly productStride: number;
  /** 1 to add to what `product` holds. */
  readonly accumulate: number;
}

const keys = [
  'batches',
  'rowPanels',
  'columnPanels',
  'depth',
  'a',
  'b',
  'product',
  'aStride',
  'bStride',
  'productStride',
  'accumulate',
] as const satisfies readonly (keyof PanelProduct)[];

const tasksOfBatch = ({ rowPanels }: PanelProduct): number => Math.ceil(rowPanels / TASK_PANELS);

/** Computes the product; other threads help that wait in `helpForever` on the same control block. */
export function computeTogether(control: Int32Array, job: PanelProduct, multiplier: PanelMultiplier): void {
  const tasks = job.batches * tasksOfBatch(job);
  keys.forEach((key, index) => (control[word.product + index] = job[key]));
  Atomics.store(control, word.done, 0);
  // Last, since a thread that still looks for a task of the job before may take one from here on.
  Atomics.store(control, word.left, tasks);
  if (tasks > 1) {
    Atomics.add(control, word.job, 1);
    Atomics.notify(control, word.job);
  }
  takeTasks(control, multiplier);
  for (;;) {
    const done = Atomics.load(control, word.done);
    if (done === tasks) return;
    Atomics.wait(control, word.done, done);
  }
}

/** What a thread beside the main one does until it is terminated. */
export function helpForever(control: Int32Array, multiplier: PanelMultiplier): never {
  for (;;) {
    const job = Atomics.load(control, word.job);
    takeTasks(control, multiplier);
    Atomics.wait(control, word.job, job);
  }
}

function takeTasks(control: Int32Array, multiplier: PanelMultiplier): void {
  for (;;) {
    const task = Atomics.sub(control, word.left, 1) - 1;
    if (task < 0) return;
    const job = Object.fromEntries(keys.map((key, index) => [key, control[word.product + index]]));
    runTask(job as Record<keyof PanelProduct, number>, task, multiplier);
    Atomics.add(control, word.done, 1);
    Atomics.notify(control, word.done);
  }
}

function runTask(job: PanelProduct, task: number, multiplier: PanelMultiplier): void {
  const { depth, columnPanels, accumulate } = job;
  const batch = Math.floor(task / tasksOfBatch(job));
  const first = (task % tasksOfBatch(job)) * TASK_PANELS;
  const end = Math.min(job.rowPanels, first + TASK_PANELS);
  const rowBytes = 4 * TILE_COLUMNS * columnPanels;
  for (let start = 0; start < depth; start += CACHED_DEPTH) {
    const part = Math.min(CACHED_DEPTH, depth - start);
    for (let panel = first; panel < end; panel++) {
      multiplier.multiply(
        job.a + batch * job.aStride + 4 * TILE_ROWS * (panel * depth + start),
        job.b + batch * job.bStride + 4 * TILE_COLUMNS * start,
        job.product + batch * job.productStride + panel * TILE_ROWS * rowBytes,
        part,
        rowBytes,
        columnPanels,
        4 * TILE_COLUMNS * (depth - part),
        start > 0 ? 1 : accumulate,
      );
    }
  }
}
