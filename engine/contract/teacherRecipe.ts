/** How a teacher is trained: the only place where one of its settings exists. */
import { z } from 'zod';
import { field, section } from './field.ts';
import { isPromptData } from './promptData.ts';
import { parseSettings, precisionField } from './recipe.ts';

export const teacherRecipeSchema = z.strictObject({
  version: field(z.literal(1).default(1), {
    label: 'Version',
    help: 'Version of this format.',
    step: 'training',
    expert: true,
  }),
  name: field(z.string().min(1).max(120).default('Teacher'), {
    label: 'Name',
    help: 'What the teacher is called in the library.',
    step: 'teacher',
  }),
  seed: field(z.int().min(0).max(0x7fffffff).default(1), {
    label: 'Seed',
    help: 'Every random draw follows from it.',
    step: 'training',
    expert: true,
  }),
  data: field(z.string().min(1).max(4096).default('demo'), {
    label: 'Data',
    help: 'What to learn: demo, toy, or a folder of images.',
    step: 'data',
  }),
  size: field(z.int().min(8).max(256).multipleOf(4).default(32), {
    label: 'Image size',
    help: 'Height and width; four times the pixels is four times the time.',
    unit: 'pixels',
    step: 'data',
  }),
  network: section({
    width: field(z.int().min(16).max(1152).multipleOf(16).default(192), {
      label: 'Width',
      help: 'Numbers a token (or hidden units of a toy network).',
      step: 'teacher',
      expert: true,
    }),
    layers: field(z.int().min(1).max(40).default(6), {
      label: 'Layers',
      help: 'Blocks.',
      step: 'teacher',
      expert: true,
    }),
    heads: field(z.int().min(1).max(16).default(4), {
      label: 'Heads',
      help: 'Attention heads.',
      step: 'teacher',
      expert: true,
    }),
    patch: field(z.int().min(1).max(8).default(4), {
      label: 'Patch',
      help: 'Pixels a token along each side; smaller is finer and much slower.',
      unit: 'pixels',
      step: 'teacher',
      expert: true,
    }),
    captions: field(z.boolean().default(true), {
      label: 'Learn captions',
      help: 'Train a caption encoder with the teacher; otherwise classes alone.',
      step: 'teacher',
    }),
  }),
  timesteps: section({
    distribution: field(z.enum(['logit-normal', 'uniform']).default('logit-normal'), {
      label: 'Timestep distribution',
      help: 'At which noise levels the teacher trains.',
      step: 'schedule',
      expert: true,
    }),
    mean: field(z.number().min(-5).max(5).default(0), {
      label: 'Logit mean',
      help: 'Below 0 the noisier half is trained more.',
      step: 'schedule',
      expert: true,
    }),
    deviation: field(z.number().positive().max(5).default(1.3), {
      label: 'Logit deviation',
      help: 'How wide the trained range is.',
      step: 'schedule',
      expert: true,
    }),
    shift: field(z.number().min(0.1).max(20).default(1), {
      label: 'Shift',
      help: 'Timestep shift of the uniform distribution.',
      step: 'schedule',
      expert: true,
    }),
  }),
  conditionDropout: field(z.number().min(0).max(0.9).default(0.12), {
    label: 'Condition dropout',
    help: 'Share of samples trained without class and caption, so that guidance works.',
    step: 'training',
    expert: true,
  }),
  classDropout: field(z.number().min(0).max(0.9).default(0.3), {
    label: 'Class dropout',
    help: 'Share of samples trained with their caption but without their class, so that a caption alone works.',
    step: 'training',
    expert: true,
  }),
  classBalance: field(z.number().min(0).max(1).default(0.5), {
    label: 'Class balance',
    help: '0 draws every image equally often, 1 every class; between, large classes count for less.',
    step: 'data',
    expert: true,
  }),
  optimizer: section({
    learningRate: field(z.number().positive().max(0.1).default(1e-3), {
      label: 'Learning rate',
      help: 'Peak rate; it warms up and falls to zero along a cosine.',
      step: 'training',
    }),
    warmup: field(z.int().min(0).max(100_000).default(100), {
      label: 'Warm-up',
      help: 'Iterations before the peak rate.',
      unit: 'iterations',
      step: 'training',
      expert: true,
    }),
    beta1: field(z.number().min(0).max(0.9999).default(0.9), {
      label: 'Adam β₁',
      help: 'Momentum.',
      step: 'training',
      expert: true,
    }),
    beta2: field(z.number().min(0).max(0.99999).default(0.99), {
      label: 'Adam β₂',
      help: 'Memory of the squared gradients.',
      step: 'training',
      expert: true,
    }),
    weightDecay: field(z.number().min(0).max(1).default(0), {
      label: 'Weight decay',
      help: 'Decoupled weight decay.',
      step: 'training',
      expert: true,
    }),
    clipNorm: field(z.number().positive().max(1e6).default(1), {
      label: 'Gradient clip',
      help: 'Largest gradient norm.',
      step: 'training',
      expert: true,
    }),
  }),
  training: section({
    iterations: field(z.int().min(1).max(10_000_000).default(4000), {
      label: 'Iterations',
      help: 'Updates in all.',
      step: 'training',
    }),
    batch: field(z.int().min(1).max(4096).default(64), {
      label: 'Batch',
      help: 'Images an update.',
      unit: 'images',
      step: 'training',
    }),
    precision: precisionField(),
    emaDecay: field(z.number().min(0).max(0.99999).default(0.999), {
      label: 'Weight averaging',
      help: 'Decay of the moving average that becomes the teacher.',
      step: 'training',
      expert: true,
    }),
    checkpointEvery: field(z.int().min(1).max(1_000_000).default(250), {
      label: 'Checkpoint every',
      help: 'Iterations between checkpoints.',
      unit: 'iterations',
      step: 'training',
      expert: true,
    }),
    sampleEvery: field(z.int().min(1).max(1_000_000).default(250), {
      label: 'Sample every',
      help: 'Iterations between sample images.',
      unit: 'iterations',
      step: 'training',
      expert: true,
    }),
  }),
});

export type TeacherRecipe = z.output<typeof teacherRecipeSchema>;

/** @throws StudioError 'recipe-invalid' that names the first field at fault. */
export function parseTeacherRecipe(input: unknown): TeacherRecipe {
  return parseSettings(teacherRecipeSchema, input, ({ data, size, network }) => {
    if (isPromptData(data)) return { path: 'data', message: 'a teacher learns from pictures' };
    if (size % network.patch !== 0)
      return { path: 'network.patch', message: `must divide the image size ${size}` };
    if (network.width % (4 * network.heads) !== 0)
      return { path: 'network.heads', message: 'must divide a quarter of the width' };
    return undefined;
  });
}
