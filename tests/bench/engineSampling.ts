/** Sampling on our engine from noise to PNG files' bytes, as the gallery does it. */
import { writePng } from '../../engine/data/png.ts';
import type { NetworkConfig } from '../../engine/model/registry.ts';
import { studentTimesteps } from '../../engine/sampling/fewStep.ts';
import { Sampler } from '../../engine/sampling/sampler.ts';
import { dispose } from '../../engine/tensor/tf.ts';
import { denoiserOf, randomCondition, randomWeights } from './engineWork.ts';
import type { SamplingTask } from './protocol.ts';
import { SEED } from './workloads.ts';

/** The default recipe's. */
const GUIDANCE = 2.5;
const SHIFT = 2;

export class EngineSampling {
  private readonly samplers = new Map<string, Sampler>();

  async secondsOf({ network, kind, steps, images }: SamplingTask): Promise<number> {
    const sampler = this.samplerOf(network);
    const request = { seed: SEED, count: images, condition: randomCondition(network, 0, images) };
    const started = performance.now();
    const { values } = await (kind === 'teacher'
      ? sampler.teacher(request, { steps, guidance: GUIDANCE })
      : sampler.student(request, studentTimesteps(steps, SHIFT)));
    if (network.family === 'dit') {
      const length = values.length / images;
      const pictures = Array.from({ length: images }, (_, i) =>
        writePng(values.subarray(i * length, (i + 1) * length), network.size, network.size),
      );
      await Promise.all(pictures);
    }
    return (performance.now() - started) / 1000;
  }

  dispose(): void {
    for (const sampler of this.samplers.values()) sampler.dispose();
  }

  private samplerOf(network: NetworkConfig): Sampler {
    const key = JSON.stringify(network);
    const existing = this.samplers.get(key);
    if (existing) return existing;
    const denoiser = denoiserOf(network);
    const weights = randomWeights(denoiser);
    const sampler = new Sampler(denoiser, weights);
    dispose(weights);
    this.samplers.set(key, sampler);
    return sampler;
  }
}
