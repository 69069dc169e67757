/**
 * What teacher and fake score make of the student's samples once these are re-noised to one τ: beside the samples
 * themselves they show why a distillation goes as it does.
 */
import { interpolate } from '../flow/path.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { sameTime } from '../flow/timesteps.ts';
import { conditionFeeds, conditionOf, type HostCondition } from '../model/conditions.ts';
import { under } from '../model/parameters.ts';
import { randomNormal } from '../tensor/random.ts';
import { named, type NamedTensors, type ResidentState } from '../tensor/residentState.ts';
import { Step } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor1D } from '../tensor/tf.ts';
import { namesUnder } from './roles.ts';

export interface PredictedViews {
  /** x̂1 of the teacher, (count, ...sampleShape) like the student's samples. */
  readonly teacher: Float32Array;
  /** x̂1 of the fake score; undefined where the recipe trains none. */
  readonly fake: Float32Array | undefined;
}

export class PredictedViewer {
  private readonly denoiser: Denoiser;
  private readonly step: Step;

  /** Reads `teacher.` and, where there is one, `fake.` of the state, which stays the caller's. */
  constructor(denoiser: Denoiser, state: ResidentState, usesFake: boolean) {
    this.denoiser = denoiser;
    const roles = usesFake ? ['teacher', 'fake'] : ['teacher'];
    this.step = new Step({
      name: 'views',
      state,
      settings: [denoiser.network.config, denoiser.dataDeviation],
      uses: namesUnder(state, ...roles),
      run: (weights, feeds) => {
        const tau = named(feeds, 'tau') as Tensor1D;
        const xTau = interpolate(named(feeds, 'x'), named(feeds, 'noise'), tau);
        const predicted = (role: string) =>
          predictX1(denoiser, under(weights, role), xTau, tau, conditionOf(feeds));
        return { outputs: Object.fromEntries(roles.map((role) => [role, predicted(role)])) };
      },
    });
  }

  /** @param samples (count, ...sampleShape); the noise is the same for the same seed, whatever the τ. */
  async predict(
    samples: Float32Array,
    { seed, count, condition }: { seed: number; count: number; condition: HostCondition },
    tau: number,
  ): Promise<PredictedViews> {
    const { sampleShape, conditioning } = this.denoiser.network;
    const shape = [count, ...sampleShape];
    const feeds: NamedTensors = {
      x: tf.tensor(samples, shape),
      noise: tf.tensor(randomNormal({ seed, purpose: 'renoiseDM', step: 0 }, samples.length), shape),
      tau: sameTime(tau, count),
      ...conditionFeeds(conditioning, condition),
    };
    const outputs = this.step.run(feeds);
    const teacher = await named(outputs, 'teacher').data<'float32'>();
    const fake = await outputs['fake']?.data<'float32'>();
    tf.dispose([feeds, outputs]);
    return { teacher, fake };
  }

  dispose(): void {
    this.step.dispose();
  }
}
