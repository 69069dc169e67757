/** Looks at a model once: whether its file is whole, and whether it has guidance that CA could distil. */
import { measureGuidance } from '../../engine/distillation/measureGuidance.ts';
import type { GuidanceMeasure } from '../../engine/distillation/guidanceUse.ts';
import type { HostCondition } from '../../engine/model/conditions.ts';
import { dispose } from '../../engine/tensor/tf.ts';
import { readModel, weightTensors, type Model } from '../../engine/training/modelFile.ts';
import { createModelSampler } from '../../engine/training/modelSampler.ts';
import type { HandlerContext } from '../bridge/api.ts';

const SAMPLES = 32;
const SEED = 1;
/** Enough for samples that lie where the data does. */
const STEPS = 16;

/** Null for a model that knows no condition. @throws StudioError 'file-invalid', 'cancelled'. */
export async function examineModel(
  folder: string,
  { signal }: Pick<HandlerContext, 'signal'>,
): Promise<GuidanceMeasure | null> {
  const model = await readModel(folder);
  const condition = someConditions(model);
  if (!condition) return null;
  const sampler = createModelSampler(model, { steps: STEPS, guidance: 1 });
  const weights = weightTensors(model);
  try {
    const { values } = await sampler.generate({ seed: SEED, count: SAMPLES, condition, signal });
    return await measureGuidance({ denoiser: model.denoiser, weights }, values, condition);
  } finally {
    sampler.dispose();
    dispose(weights);
  }
}

/** Every class in turn, with the words that its captions know best; undefined where it knows neither. */
function someConditions({ denoiser, info, tokeniser }: Model): HostCondition | undefined {
  const { classes, captionLength } = denoiser.network.conditioning;
  if (classes < 2 && !tokeniser) return undefined;
  // Pieces that begin a word, the most frequent first; short ones are mostly parts of words.
  const words = (tokeniser?.toJSON().pieces ?? [])
    .filter((piece) => /^▁\p{L}{4,}$/u.test(piece))
    .slice(0, SAMPLES);
  const asked = Array.from(
    { length: SAMPLES },
    (_, i) => words[i % Math.max(1, words.length)] ?? info.classNames[i % Math.max(1, classes)] ?? '',
  );
  const tokens = tokeniser?.encodeAll(asked, captionLength);
  return {
    ...(classes > 0 && { classes: Int32Array.from({ length: SAMPLES }, (_, i) => i % classes) }),
    ...(tokens && { captions: tokens }),
  };
}
