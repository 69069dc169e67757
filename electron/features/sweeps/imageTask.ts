/** Measuring pictures: captions, prompts or classes drawn by the seed, seen by the bundled classifier. */
import { lookAtData } from '../../../engine/metrics/imageMetrics.ts';
import { imageMovement } from '../../../engine/metrics/movement.ts';
import { readBundledClassifier } from '../../../engine/training/bundledClassifier.ts';
import type { Model } from '../../../engine/training/modelFile.ts';
import type { TrainingData } from '../../../engine/training/trainingData.ts';
import { Evaluation } from '../evaluation.ts';
import type { Task, Values } from './measurer.ts';

export async function imageTask(
  teacher: Model,
  { dataset, prompts }: TrainingData,
  measured: number,
  signal?: AbortSignal,
): Promise<Task> {
  const classifier = await readBundledClassifier();
  const seen = await lookAtData(classifier, dataset ?? prompts, signal);
  const [side = 1] = teacher.denoiser.network.sampleShape;
  const evaluations = new Map<number, Evaluation>();
  const evaluationOf = (seed: number) => {
    const kept = evaluations.get(seed);
    if (kept) return kept;
    const data = dataset ? { dataset, shown: [] } : { texts: prompts };
    const made = new Evaluation({ teacher, classifier, measured, seed, seen, ...data });
    evaluations.set(seed, made);
    return made;
  };
  return {
    request: (seed) => evaluationOf(seed).request,
    comparesUnguided: false,
    async reference(seed, guided) {
      // The first samples of an evaluation are its reference.
      await evaluationOf(seed).assess(guided);
    },
    async values(seed, samples) {
      const { found } = await evaluationOf(seed).assess(samples);
      const { fdToTeacher, fdToReal, mean, std, saturation, outOfRange } = found;
      const { captionAgreement, classAgreement } = found;
      const values = {
        ...{ toTeacher: fdToTeacher, toData: fdToReal, captionAgreement, classAgreement },
        ...{ mean, std, saturation, outOfRange },
      };
      return Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
      ) satisfies Values;
    },
    movement: (_seed, before, after) => imageMovement(before, after, side),
    dispose: () => classifier.dispose(),
  };
}
