/** A model ready to sample: a student by its own times, a teacher as asked. */
import { Sampler, type SampleRequest, type Samples, type TeacherSampling } from '../sampling/sampler.ts';
import { dispose } from '../tensor/tf.ts';
import { weightTensors, type Model } from './modelFile.ts';

export interface ModelSampler {
  generate(request: SampleRequest): Promise<Samples>;
  dispose(): void;
}

/** Copies the model's weights to the active backend. */
export function samplerOf(model: Pick<Model, 'denoiser' | 'weights'>): Sampler {
  const weights = weightTensors(model);
  const sampler = new Sampler(model.denoiser, weights);
  dispose(weights);
  return sampler;
}

/** `sampling` is for teachers; students have their own. */
export function createModelSampler(model: Model, sampling: TeacherSampling): ModelSampler {
  const sampler = samplerOf(model);
  const { times, solver } = model.info;
  return {
    generate: (request) =>
      times ? sampler.student(request, times, solver) : sampler.teacher(request, sampling),
    dispose: () => sampler.dispose(),
  };
}
