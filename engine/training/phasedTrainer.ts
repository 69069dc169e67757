/**
 * Phased DMD (arXiv 2510.27684): distribution matching in phases from noise to data, each with its share of the student's
 * steps and of the iterations. As in the paper, a phase is trained after the one before it, its fake score begins as the
 * teacher anew, the student's steps are Euler's, and of a phase's own steps one drawn at random carries the gradient and
 * goes on to the phase's end at once. Ours: CA and DM may look at different τ, by the recipe's schedule (the paper's is
 * coupled-shared), and one student may go through all phases instead of an expert each.
 */
import { phaseAt, phaseStarts, type Phase } from '../contract/studentSampling.ts';
import { expertPrefix } from '../model/experts.ts';
import { prefixed } from '../model/parameters.ts';
import { eulerStep } from '../sampling/euler.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import type { Step } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import { conditionOf } from '../model/conditions.ts';
import type { DistillationMetrics, DistillationParts } from './distillation.ts';
import type { TrainedPart } from './distillationDraws.ts';
import { DistillationTrainer } from './distillationTrainer.ts';
import { zeroMoments } from './optimizers.ts';
import { namesUnder, readUnder } from './roles.ts';

export class PhasedTrainer extends DistillationTrainer {
  /** Backward simulation by the experts of the phases before the trained one. */
  private readonly simulateBy: readonly Step[];
  private completed = 0;

  constructor(parts: DistillationParts) {
    const { recipe, teacher } = parts;
    const experts =
      recipe.phased.experts === 'each' ? Array.from({ length: recipe.phased.phases }, (_, i) => i) : [];
    const weights = experts.map((index) => prefixed(expertPrefix(index), teacher));
    super(parts, Object.assign({}, ...weights) as NamedTensors);
    this.simulateBy = experts.map((index) => this.simulation(expertPrefix(index), `simulate-${index}`));
  }

  override async iterate(iteration: number): Promise<DistillationMetrics> {
    const phase = phaseAt(this.recipe, iteration);
    if (phase.index > 0 && iteration === phase.firstIteration) this.beginPhase(phase);
    this.completed = iteration + 1;
    return super.iterate(iteration);
  }

  restored(iterations: number): void {
    this.completed = iterations;
  }

  /** Of all experts: those of later phases are the teacher still. */
  override studentWeights(which: 'averaged' | 'current' = 'averaged'): NamedTensors {
    const trained = super.studentWeights(which);
    if (this.simulateBy.length === 0) return trained;
    const { index } = phaseAt(this.recipe, Math.max(0, this.completed - 1));
    const experts = this.simulateBy.map((_, of) => {
      const prefix = expertPrefix(of);
      return of === index ? prefixed(prefix, trained) : this.state.read(namesUnder(this.state, prefix));
    });
    return Object.assign({}, ...experts) as NamedTensors;
  }

  override dispose(): void {
    for (const step of this.simulateBy) step.dispose();
    super.dispose();
  }

  protected override part(iteration: number): TrainedPart {
    const { firstIteration, steps, end } = phaseAt(this.recipe, iteration);
    const starts = phaseStarts(this.recipe);
    const earlier = (step: number) => this.simulateBy[starts.findLastIndex((start) => start <= step)];
    return { done: iteration - firstIteration, steps, end, earlier };
  }

  protected override simulated(parameters: NamedTensors, feeds: NamedTensors): Tensor {
    const [t, next] = [named(feeds, 't') as Tensor1D, named(feeds, 'next') as Tensor1D];
    return eulerStep(this.denoiser, parameters, named(feeds, 'z'), t, next, conditionOf(feeds), undefined);
  }

  /** What was trained is kept and the next expert begins as the teacher, as the fake score does; moments are forgotten. */
  private beginPhase({ index }: Phase): void {
    const teacher = readUnder(this.state, 'teacher');
    const average = super.studentWeights();
    const moments = zeroMoments(teacher);
    this.state.write({
      ...(this.simulateBy.length > 0 && {
        ...prefixed(expertPrefix(index - 1), average),
        ...prefixed('student', teacher),
        ...prefixed('studentAdam.ema', teacher),
      }),
      ...prefixed('studentAdam', moments),
      ...prefixed('fake', teacher),
      ...prefixed('fakeAdam', moments),
    });
    tf.dispose([teacher, average, moments]);
  }
}
