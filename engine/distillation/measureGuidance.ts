/** Takes the two numbers of a model that `guidanceUse` judges: how far its condition moves its predictions. */
import { interpolate } from '../flow/path.ts';
import { predictTogether } from '../flow/passes.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { sameTime } from '../flow/timesteps.ts';
import { conditionFeeds, conditionOf, type HostCondition } from '../model/conditions.ts';
import { emptyCondition } from '../model/network.ts';
import { normalNoise } from '../tensor/noise.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor } from '../tensor/tf.ts';
import { rms } from './diagnostics.ts';
import type { GuidanceMeasure } from './guidanceUse.ts';

const pushLevels = [0.1, 0.3, 0.5, 0.7, 0.9];
const STRAY_LEVEL = 0.95;
const SEED = 1;

/**
 * @param samples the model's own without guidance, (count, ...sampleShape), made with `condition`.
 */
export async function measureGuidance(
  { denoiser, weights }: { readonly denoiser: Denoiser; readonly weights: NamedTensors },
  samples: Float32Array,
  condition: HostCondition,
): Promise<GuidanceMeasure> {
  const { conditioning, sampleShape } = denoiser.network;
  const count = samples.length / sampleShape.reduce((a, b) => a * b, 1);
  const feeds = conditionFeeds(conditioning, condition);
  const x1 = tf.tensor(samples, [count, ...sampleShape]);
  const noise = normalNoise({ seed: SEED, purpose: 'renoiseCA', step: 0 }, x1.shape);
  /** Mean squares of the push and of the conditional prediction's error. */
  const at = async (tau: number) => {
    const squares = tf.tidy(() => {
      const t = sameTime(tau, count);
      const xt = interpolate(x1, noise, t);
      const [conditional, unconditional] = predictTogether(denoiser, weights, [
        { xt, t, condition: conditionOf(feeds) },
        { xt, t, condition: emptyCondition(conditioning, count) },
      ]) as [Tensor, Tensor];
      return tf.stack([rms(conditional.sub(unconditional)), rms(conditional.sub(x1))]);
    });
    const [push = NaN, error = NaN] = await squares.data<'float32'>();
    squares.dispose();
    return { push, error };
  };
  let meanSquare = 0;
  for (const tau of pushLevels) meanSquare += (await at(tau)).push ** 2 / pushLevels.length;
  const late = await at(STRAY_LEVEL);
  tf.dispose([feeds, x1, noise]);
  return { push: Math.sqrt(meanSquare) / denoiser.dataDeviation, stray: late.push / late.error };
}
