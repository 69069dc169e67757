/** The loop that every training shares: iterate, report, sample, save, stop when asked; resumed exactly. */
import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../contract/errors.ts';
import { under } from '../model/parameters.ts';
import type { ResidentState } from '../tensor/residentState.ts';
import { dispose, tensor, type Tensor } from '../tensor/tf.ts';
import { writeCheckpoint, type CheckpointContents, type CheckpointState } from './checkpoint.ts';
import { pruneCheckpoints, type Checkpoint } from './checkpointFolder.ts';
import { fromFloat32, toFloat32 } from './halfPrecision.ts';
import type { Arrays } from './safetensors.ts';

export interface Trainable {
  readonly state: ResidentState;
  /** Which of the state's names a checkpoint keeps as weights and as optimiser state; the rest is frozen. */
  readonly saved: { readonly weights: readonly string[]; readonly optimizer: readonly string[] };
  /** One iteration, counted from 0; its metrics by name. */
  iterate(iteration: number): Promise<Record<string, number>>;
}

export interface TrainingRunOptions {
  readonly runFolder: string;
  readonly iterations: number;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  /** What every checkpoint's state.json carries besides the step: recipe, teacher, backend. */
  readonly description: Readonly<Omit<CheckpointState, 'version' | 'step'>>;
  /** The checkpoint to go on from. */
  readonly from?: CheckpointContents;
  /** Ids of checkpoints that are never pruned, asked for at each save. */
  readonly pinned?: (() => readonly string[]) | undefined;
  /** Aborting saves a checkpoint and pauses. */
  readonly signal?: AbortSignal;
  /** After each iteration; `iteration` counts those done. */
  readonly onMetrics: (iteration: number, metrics: Record<string, number>) => void | Promise<void>;
  readonly onCheckpoint: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Before the first iteration, every `sampleEvery`, and after the last. */
  readonly onSample: (iteration: number) => void | Promise<void>;
}

export interface TrainingOutcome {
  readonly iteration: number;
  readonly completed: boolean;
}

/** Updates in a row that may be withheld because their gradient was not finite. */
const WITHHELD_LIMIT = 3;

/**
 * @throws StudioError 'diverged' when gradients stay non-finite: the weights and the checkpoints are still good,
 *   since such an update changes nothing; 'disk-full' when a checkpoint cannot be saved.
 */
export async function runTraining(
  trainable: Trainable,
  options: TrainingRunOptions,
): Promise<TrainingOutcome> {
  const { iterations, checkpointEvery, sampleEvery, signal } = options;
  const start = options.from?.state.step ?? 0;
  if (options.from) restore(trainable, options.from);
  if (start === 0) await options.onSample(0);
  let iteration = start;
  let savedAt = start;
  let withheld = 0;

  const save = async () => {
    const checkpoint = await writeCheckpoint(options.runFolder, contentsOf(trainable, iteration, options));
    await pruneCheckpoints(options.runFolder, { pinned: options.pinned?.() ?? [] });
    savedAt = iteration;
    await options.onCheckpoint(checkpoint);
  };

  while (iteration < iterations && signal?.aborted !== true) {
    const metrics = await trainable.iterate(iteration);
    iteration++;
    withheld = Object.values(metrics).every(Number.isFinite) ? 0 : withheld + 1;
    if (withheld >= WITHHELD_LIMIT) {
      throw new StudioError(
        'diverged',
        `The training diverged at iteration ${iteration}: its numbers are not finite any more. The checkpoint of iteration ${savedAt} is kept.`,
        'Lower the learning rate or the weights of the terms, and start again from that checkpoint.',
      );
    }
    await options.onMetrics(iteration, metrics);
    if (iteration % sampleEvery === 0 || iteration === iterations) await options.onSample(iteration);
    if (iteration % checkpointEvery === 0 || iteration === iterations) await save();
    // Native calls never yield by themselves: let signals and output through.
    await setImmediate();
  }
  if (savedAt !== iteration) await save();
  return { iteration, completed: iteration >= iterations };
}

function contentsOf(trainable: Trainable, step: number, options: TrainingRunOptions): CheckpointContents {
  const read = (names: readonly string[]): Arrays => {
    const tensors = trainable.state.read(names);
    const arrays = new Map(
      Object.entries(tensors).map(([name, value]) => [
        name,
        fromFloat32(value.dataSync<'float32'>().slice(), value.shape),
      ]),
    );
    dispose(tensors);
    return arrays;
  };
  return {
    weights: read(trainable.saved.weights),
    optimizer: read(trainable.saved.optimizer),
    state: { ...options.description, version: 1, step },
  };
}

/** Puts a checkpoint's arrays back; a name or shape that does not fit stops it before anything changes. */
function restore(trainable: Trainable, { weights, optimizer }: CheckpointContents): void {
  const current = trainable.state.read();
  const arrays = new Map([...weights, ...optimizer]);
  const wanted = [...trainable.saved.weights, ...trainable.saved.optimizer];
  const values: Record<string, Tensor> = {};
  for (const name of wanted) {
    const array = arrays.get(name);
    if (!array || array.shape.join() !== current[name]?.shape.join()) {
      dispose([current, values]);
      throw new StudioError(
        'file-invalid',
        `The checkpoint does not fit this run: ${name} is missing or misshapen. Nothing was changed.`,
        'Resume with the recipe that the run began with.',
      );
    }
    values[name] = tensor(toFloat32(array), [...array.shape]);
  }
  trainable.state.write(values);
  dispose([current, values]);
}

/** Host values of the arrays under `prefix.`, without it. */
export function arraysUnder(arrays: Arrays, prefix: string): Record<string, Float32Array> {
  return under(Object.fromEntries([...arrays].map(([name, array]) => [name, toFloat32(array)])), prefix);
}
