/** The loop that every training shares: iterate, report, sample, save, stop when asked; resumed exactly. */
import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../contract/errors.ts';
import { under } from '../model/parameters.ts';
import type { ResidentState } from '../tensor/residentState.ts';
import { dispose, tensor, type Tensor } from '../tensor/tf.ts';
import {
  readCheckpoint,
  writeCheckpoint,
  type CheckpointContents,
  type CheckpointState,
} from './checkpoint.ts';
import { listCheckpoints, pruneCheckpoints, type Checkpoint } from './checkpointFolder.ts';
import { fromFloat32, toFloat32 } from './halfPrecision.ts';
import type { Arrays } from './safetensors.ts';
import { selected, selectionAt, type Described, type Selection } from './selection.ts';

export interface Trainable {
  readonly state: ResidentState;
  /** Which of the state's names a checkpoint keeps as weights and as optimiser state; the rest is frozen. */
  readonly saved: { readonly weights: readonly string[]; readonly optimizer: readonly string[] };
  /** One iteration, counted from 0; its metrics by name. */
  iterate(iteration: number): Promise<Record<string, number>>;
  /** Told when the state was replaced by that after so many iterations. */
  restored?(iterations: number): void;
}

/** Looks after a run by a distance that is measured at each checkpoint of its own rhythm, not at those of a pause. */
export interface Supervision {
  readonly measure: () => Promise<number>;
  /** Checkpoints of this iteration and of earlier ones hold no whole student, and are neither measured nor chosen. */
  readonly from: number;
  /** Checkpoints without improvement after which the run ends; 0 is never. */
  readonly patience: number;
  /** The run ends with the weights of its best checkpoint. */
  readonly chooseBest: boolean;
}

export interface TrainingRunOptions {
  readonly runFolder: string;
  readonly iterations: number;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  /** What every checkpoint's state.json carries besides the step: recipe, teacher, backend. */
  readonly description: Described;
  /** The checkpoint to go on from. */
  readonly from?: CheckpointContents;
  readonly supervision?: Supervision | undefined;
  /** Ids of checkpoints that are never pruned, asked for at each save. */
  readonly pinned?: (() => readonly string[]) | undefined;
  /** Aborting saves a checkpoint and pauses. */
  readonly signal?: AbortSignal;
  /** After each iteration; `iteration` counts those done. */
  readonly onMetrics: (iteration: number, metrics: Record<string, number>) => void | Promise<void>;
  /** @param best the best one's id, where the run is supervised and measured one. */
  readonly onCheckpoint: (checkpoint: Checkpoint, best: string | undefined) => void | Promise<void>;
  /** Before the first iteration, every `sampleEvery`, and after the last. */
  readonly onSample: (iteration: number) => void | Promise<void>;
}

export interface TrainingOutcome {
  readonly iteration: number;
  readonly completed: boolean;
  /** The iteration whose weights the trainable has now: an earlier one where the best checkpoint was put back. */
  readonly weightsOf: number;
  /** What the best checkpoint says, where it was put back: perhaps from before the run was forked. */
  readonly chosen: CheckpointState | undefined;
  readonly selection: Selection | undefined;
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
  const { iterations, checkpointEvery, sampleEvery, signal, supervision } = options;
  const start = options.from?.state.step ?? 0;
  if (options.from) restore(trainable, options.from);
  let { selection, best } = await supervisedUntil(options);
  if (start === 0) await options.onSample(0);
  let iteration = start;
  let savedAt = start;
  let withheld = 0;
  const isOver = () => iteration >= iterations || isExhausted(selection, supervision);

  const save = async () => {
    const checkpoint = await writeCheckpoint(options.runFolder, {
      ...arraysOf(trainable),
      state: { ...options.description, ...(selection && { selection }), version: 1, step: iteration },
    });
    if (selection?.best.step === iteration) best = checkpoint;
    await pruneCheckpoints(options.runFolder, {
      pinned: options.pinned?.() ?? [],
      ...(best && { best: best.id }),
    });
    savedAt = iteration;
    await options.onCheckpoint(checkpoint, best?.id);
  };

  while (!isOver() && signal?.aborted !== true) {
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
    const isDue = iteration % checkpointEvery === 0 || iteration === iterations;
    if (isDue && supervision && iteration > supervision.from) {
      metrics['distance'] = await supervision.measure();
      selection = selected(selection, iteration, metrics['distance']);
    }
    await options.onMetrics(iteration, metrics);
    if (iteration % sampleEvery === 0 || iteration === iterations) await options.onSample(iteration);
    if (isDue) await save();
    // Native calls never yield by themselves: let signals and output through.
    await setImmediate();
  }
  if (savedAt !== iteration) await save();
  const completed = isOver();
  const chosen =
    completed && supervision?.chooseBest === true && best ? await putBack(trainable, best) : undefined;
  return { iteration, completed, weightsOf: chosen?.step ?? iteration, chosen, selection };
}

const isExhausted = (selection: Selection | undefined, supervision: Supervision | undefined): boolean =>
  selection !== undefined && supervision !== undefined && supervision.patience > 0
    ? selection.since >= supervision.patience
    : false;

/** What a resumed run had chosen; nothing where the best is not in its folder, which pruning keeps it from. */
async function supervisedUntil({
  supervision,
  runFolder,
  description,
  from,
}: TrainingRunOptions): Promise<{ selection: Selection | undefined; best: Checkpoint | undefined }> {
  const selection = supervision && from && selectionAt(from.state, description);
  const { checkpoints } = await listCheckpoints(runFolder);
  const best = selection && checkpoints.find(({ step }) => step === selection.best.step);
  return best ? { selection, best } : { selection: undefined, best: undefined };
}

/** Each byte is checked; undefined where the checkpoint is damaged, and then nothing changed. */
async function putBack(trainable: Trainable, { folder }: Checkpoint): Promise<CheckpointState | undefined> {
  try {
    const contents = await readCheckpoint(folder);
    restore(trainable, contents);
    return contents.state;
  } catch (error) {
    if (error instanceof StudioError && error.code === 'file-invalid') return undefined;
    throw error;
  }
}

/** What a checkpoint keeps of the trainable's state, on the host. */
function arraysOf({ state, saved }: Trainable): Pick<CheckpointContents, 'weights' | 'optimizer'> {
  const read = (names: readonly string[]): Arrays => {
    const tensors = state.read(names);
    const arrays = new Map(
      Object.entries(tensors).map(([name, value]) => [
        name,
        fromFloat32(value.dataSync<'float32'>().slice(), value.shape),
      ]),
    );
    dispose(tensors);
    return arrays;
  };
  return { weights: read(saved.weights), optimizer: read(saved.optimizer) };
}

/** Puts a checkpoint's arrays back; a name or shape that does not fit stops it before anything changes. */
function restore(trainable: Trainable, { weights, optimizer, state }: CheckpointContents): void {
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
  trainable.restored?.(state.step);
}

/** Host values of the arrays under `prefix.`, without it. */
export function arraysUnder(arrays: Arrays, prefix: string): Record<string, Float32Array> {
  return under(Object.fromEntries([...arrays].map(([name, array]) => [name, toFloat32(array)])), prefix);
}
