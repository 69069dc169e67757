/** Samples from a trained network, as teacher or as student; the same seed means the same starting noise. */
import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../contract/errors.ts';
import type { StudentSolver } from '../contract/studentSampling.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { sameTime, timestepGrid } from '../flow/timesteps.ts';
import { conditionFeeds, conditionOf, selectConditions, type HostCondition } from '../model/conditions.ts';
import { normalNoises } from '../tensor/noise.ts';
import { randomNormal, type RandomKey } from '../tensor/random.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../tensor/residentState.ts';
import { Step, type StepMode } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import { eulerStep, type SolverStep } from './euler.ts';
import { fewStep } from './fewStep.ts';
import { heunStep } from './heun.ts';
import { sphericalMix } from './sphericalMix.ts';

export const solvers = ['euler', 'heun'] as const;
export type Solver = (typeof solvers)[number];

export interface SampleRequest {
  /** Sample i starts from the noise of (seed, first + i), whatever the batch. */
  readonly seed: number;
  readonly first?: number;
  /** One a sample, instead of `seed` and `first`: each then starts from the first noise of its own seed. */
  readonly seeds?: readonly number[];
  /** Mixes every noise, along the sphere, with that of another seed; share 0 is none of it, 1 nothing else. */
  readonly towards?: { readonly seed: number; readonly share: number };
  /** Samples made at once; fewer answer sooner, more are quicker each. */
  readonly batch?: number;
  readonly count: number;
  /** One entry a sample. */
  readonly condition: HostCondition;
  readonly signal?: AbortSignal;
  /** Samples finished so far. */
  readonly onProgress?: (done: number) => void;
}

export interface TeacherSampling {
  readonly steps: number;
  /** α; 1 is no guidance and half the evaluations. */
  readonly guidance: number;
  readonly solver?: Solver;
  readonly shift?: number;
}

export interface Samples {
  /** (count, ...sampleShape) */
  readonly values: Float32Array;
  /** Network evaluations for each sample. */
  readonly evaluations: number;
  readonly seconds: number;
}

const BATCH = { points: 512, pictures: 32 };

/** Samples made at once; the last batch is filled up, so that one captured graph serves all. */
export const usualBatch = (sampleShape: readonly number[]): number =>
  sampleShape.length === 1 ? BATCH.points : BATCH.pictures;

type Noise = (index: number) => Tensor;

export class Sampler {
  private readonly denoiser: Denoiser;
  private readonly state: ResidentState;
  private readonly teacherStep: Record<Solver, Step>;
  private readonly studentStep: Step;

  /** Copies the weights; the caller keeps owning them. */
  constructor(denoiser: Denoiser, weights: NamedTensors, mode: StepMode = 'auto') {
    this.denoiser = denoiser;
    const state = createResidentState(weights);
    this.state = state;
    const settings = [denoiser.network.config, denoiser.dataDeviation];
    const step = (name: string, next: (parameters: NamedTensors, feeds: NamedTensors) => Tensor) =>
      new Step(
        {
          ...{ name, state, settings },
          run: (parameters, feeds) => ({ outputs: { x: next(parameters, feeds) } }),
        },
        mode,
      );
    const teacherStep = (name: Solver, solve: SolverStep) =>
      step(name, (parameters, feeds) =>
        solve(denoiser, parameters, ...positionOf(feeds), conditionOf(feeds), feeds['scale']),
      );
    this.teacherStep = { euler: teacherStep('euler', eulerStep), heun: teacherStep('heun', heunStep) };
    this.studentStep = step('fewStep', (parameters, feeds) =>
      fewStep(denoiser, parameters, ...positionOf(feeds), named(feeds, 'noise'), conditionOf(feeds)),
    );
  }

  /** Replaces the weights, keeping the captured graphs. */
  load(weights: NamedTensors): void {
    this.state.write(weights);
  }

  /** Integrates the flow from noise to data in `steps` steps; the last is Euler's, since v is undefined at t = 1. */
  async teacher(request: SampleRequest, sampling: TeacherSampling): Promise<Samples> {
    const { steps, guidance, solver = 'euler', shift = 1 } = sampling;
    return this.integrate(request, timestepGrid(steps, shift), guidance, solver);
  }

  private async integrate(
    request: SampleRequest,
    starts: readonly number[],
    guidance: number,
    solver: Solver,
  ): Promise<Samples> {
    const steps = starts.length;
    const times = [...starts, 1];
    const perPass = guidance === 1 ? 1 : 2;
    return this.inBatches(
      request,
      perPass * (solver === 'heun' ? 2 * steps - 1 : steps),
      (noise, condition) => {
        const scale = guidance === 1 ? {} : { scale: tf.scalar(guidance) };
        let x = noise(0);
        for (let k = 0; k < steps; k++) {
          const step = this.teacherStep[k === steps - 1 ? 'euler' : solver];
          const [t, next] = [timeFeed(x, times[k]), timeFeed(x, times[k + 1])];
          x = advance(step, { x, t, next, ...scale }, condition, ['scale']);
        }
        tf.dispose(scale);
        return x;
      },
    );
  }

  /** By re-noising: predict, re-noise, repeat; or along the student's own flow. `times` are its own, noise first. */
  async student(
    request: SampleRequest,
    times: readonly number[],
    solver: StudentSolver = 're-noise',
  ): Promise<Samples> {
    if (solver === 'ode') return this.integrate(request, times, 1, 'euler');
    return this.inBatches(request, times.length, (noise, condition) => {
      let x = noise(0);
      times.forEach((time, k) => {
        const [t, next] = [timeFeed(x, time), timeFeed(x, times[k + 1])];
        x = advance(this.studentStep, { x, t, next, noise: noise(k + 1) }, condition);
      });
      return x;
    });
  }

  dispose(): void {
    for (const step of [...Object.values(this.teacherStep), this.studentStep]) step.dispose();
    this.state.dispose();
  }

  private async inBatches(
    request: SampleRequest,
    evaluations: number,
    run: (noise: Noise, condition: NamedTensors) => Tensor,
  ): Promise<Samples> {
    const { sampleShape, conditioning } = this.denoiser.network;
    const usual = usualBatch(sampleShape);
    const { count, condition, batch = usual, signal, onProgress } = request;
    const length = sampleShape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(count * length);
    const started = performance.now();
    for (let start = 0; start < count; start += batch) {
      const members = Array.from({ length: batch }, (_, i) => Math.min(start + i, count - 1));
      const feeds = conditionFeeds(conditioning, selectConditions(conditioning, condition, members));
      const noise = (index: number) => noiseOf(request, members, index, sampleShape);
      const x = run(noise, feeds);
      const wanted = Math.min(batch, count - start) * length;
      values.set((await x.data()).subarray(0, wanted), start * length);
      tf.dispose([x, feeds]);
      onProgress?.(Math.min(start + batch, count));
      // Native calls never yield by themselves: let signals and output through.
      await setImmediate();
      if (signal?.aborted) throw new StudioError('cancelled', 'Sampling was cancelled; nothing was changed.');
    }
    return { values, evaluations, seconds: (performance.now() - started) / 1000 };
  }
}

/** The noise that samples of the request begin from, and by `index` that of their later steps; (members, …shape). */
function noiseOf(
  { seed, first = 0, seeds, towards }: SampleRequest,
  members: readonly number[],
  index: number,
  shape: readonly number[],
): Tensor {
  const keys = members.map((member): RandomKey => {
    const from = seeds ? { seed: seeds[member] ?? seed, step: 0 } : { seed, step: first + member };
    return { ...from, purpose: 'sample', index };
  });
  if (!towards || towards.share === 0) return normalNoises(keys, shape);
  const length = shape.reduce((a, b) => a * b, 1);
  const mixed = keys.map((key) =>
    sphericalMix(
      randomNormal(key, length),
      randomNormal({ ...key, seed: towards.seed }, length),
      towards.share,
    ),
  );
  return tf.tidy(() => tf.stack(mixed.map((values) => tf.tensor(values, [...shape]))));
}

/** x (B, …), its time and the next one, (B) each. */
const positionOf = (feeds: NamedTensors) =>
  [named(feeds, 'x'), named(feeds, 't') as Tensor1D, named(feeds, 'next') as Tensor1D] as const;

const timeFeed = ({ shape: [batch = 0] }: Tensor, time = 1): Tensor1D => sameTime(time, batch);

/** Runs one sampling step and disposes its feeds, except the named ones. */
function advance(
  step: Step,
  feeds: NamedTensors,
  condition: NamedTensors,
  kept: readonly string[] = [],
): Tensor {
  const outputs = step.run({ ...feeds, ...condition });
  for (const [name, value] of Object.entries(feeds)) if (!kept.includes(name)) value.dispose();
  return named(outputs, 'x');
}
