/** The distillation recipe: the only place where one of its settings exists. */
import { z } from 'zod';
import { baselineSections, methodField } from './baselineFields.ts';
import { StudioError } from './errors.ts';
import { field, section } from './field.ts';
import { isPromptData } from './promptData.ts';
import { supervisionSection } from './supervisionFields.ts';

export const renoisingSchedules = [
  'coupled-shared',
  'decoupled-full',
  'decoupled-constrained',
  'decoupled-hybrid',
] as const;
export type RenoisingSchedule = (typeof renoisingSchedules)[number];

export const normalizers = ['per-sample', 'time', 'none'] as const;
export type Normalizer = (typeof normalizers)[number];

export const precisions = ['auto', 'float32', 'bfloat16', 'float16'] as const;
export type Precision = (typeof precisions)[number];

/** Of both recipes. */
export const precisionField = () =>
  field(z.enum(precisions).default('auto'), {
    label: 'Precision',
    help: 'What matrix products are computed in; weights, norms and sums stay float32. auto takes bfloat16, or else float16, where it was measured to be faster and as good.',
    step: 'training',
    expert: true,
  });

const time = () => z.number().min(0).max(1);
const weight = () => z.number().min(0).max(100);
const rate = () => z.number().positive().max(0.1);

/** The noise levels that a term looks at. */
const range = (term: string) => ({
  rangeMin: field(time().default(0), {
    label: 'Noisiest level',
    help: `Smallest τ that ${term} may draw; 0 is pure noise, where composition and colour are decided.`,
    step: 'schedule',
    expert: true,
  }),
  rangeMax: field(time().default(0.98), {
    label: 'Cleanest level',
    help: `Largest τ that ${term} may draw; 1 is the clean image, where only texture is left.`,
    step: 'schedule',
    expert: true,
  }),
});

export const recipeSchema = z.strictObject({
  version: field(z.literal(1).default(1), {
    label: 'Version',
    help: 'Version of this format.',
    step: 'training',
    expert: true,
  }),
  name: field(z.string().min(1).max(120).default('Student'), {
    label: 'Name',
    help: 'What the student is called in the gallery.',
    step: 'student',
  }),
  seed: field(z.int().min(0).max(0x7fffffff).default(1), {
    label: 'Seed',
    help: 'Every random draw follows from it: the same recipe and seed give the same student.',
    step: 'training',
    expert: true,
  }),
  teacher: field(z.string().min(1).max(4096).default('emoji'), {
    label: 'Teacher',
    help: 'The model to distil: emoji or toy (bundled), or a teacher folder.',
    step: 'teacher',
  }),
  data: field(z.string().min(1).max(4096).default('demo'), {
    label: 'Data',
    help: 'Where captions and image statistics come from: demo, toy, a folder or zip of images; or, without any, classes (those of the teacher) or a .txt of prompts, one a line.',
    step: 'data',
  }),
  method: methodField,
  student: section({
    steps: field(z.int().min(1).max(8).default(1), {
      label: 'Steps',
      help: 'Network evaluations that the student needs for an image.',
      step: 'student',
    }),
    shift: field(z.number().min(0.1).max(20).default(2), {
      label: 'Timestep shift',
      help: "Above 1 the student's steps move towards noise; 3 is common for large images.",
      step: 'schedule',
      expert: true,
    }),
    emaDecay: field(z.number().min(0).max(0.99999).default(0.95), {
      label: 'Weight averaging',
      help: "Decay of the moving average of the student's weights; higher is smoother and slower.",
      step: 'training',
      expert: true,
    }),
  }),
  guidance: section({
    scale: field(z.number().min(1).max(30).default(2.5), {
      label: 'Guidance scale',
      help: "α: how strongly CA pushes towards the condition, as the teacher's own guidance scale would.",
      step: 'terms',
    }),
  }),
  cfgAugmentation: section({
    weight: field(weight().default(1), {
      label: 'CA weight',
      help: 'The spear: turns the student into a few-step model. Alone it over-saturates; 0 switches it off.',
      step: 'terms',
    }),
    ...range('CA'),
  }),
  distributionMatching: section({
    weight: field(weight().default(1), {
      label: 'DM weight',
      help: 'The shield: cancels the artefacts that CA makes. Alone it is stable and weak; 0 switches it off.',
      step: 'terms',
    }),
    ...range('DM'),
  }),
  meanVariance: section({
    weight: field(weight().default(0), {
      label: 'Mean–variance weight',
      help: "A shield without a model: keeps each image's mean and variance near the real data's. 0 switches it off.",
      step: 'terms',
    }),
  }),
  gan: section({
    weight: field(weight().default(0), {
      label: 'GAN weight',
      help: "A shield that learns: a discriminator compares the student's pictures with real ones. 0 switches it off.",
      step: 'terms',
    }),
    discriminatorWeight: field(z.number().positive().max(100).default(0.01), {
      label: 'Discriminator weight',
      help: "How much the discriminator's loss shapes the fake-score model, on whose features it looks where DM is on.",
      step: 'terms',
      expert: true,
    }),
    learningRate: field(rate().default(1e-3), {
      label: 'Discriminator learning rate',
      help: "Of the discriminator's own layers; too high and it wins at once and teaches nothing.",
      step: 'training',
      expert: true,
    }),
    r1: field(weight().default(0.1), {
      label: 'R1 weight',
      help: 'γ: keeps the discriminator flat around real pictures, by a finite difference; 0 switches it off.',
      step: 'terms',
      expert: true,
    }),
    ...range('the discriminator'),
  }),
  renoising: section({
    schedule: field(z.enum(renoisingSchedules).default('decoupled-hybrid'), {
      label: 'Re-noising schedule',
      help: 'At which noise levels CA and DM look at the student; hybrid is d-DMD, coupled-shared is ordinary DMD.',
      step: 'schedule',
    }),
    shift: field(z.number().min(0.1).max(20).default(1), {
      label: 'Re-noising shift',
      help: 'Above 1 the re-noising draws move towards noise.',
      step: 'schedule',
      expert: true,
    }),
    warmup: field(z.int().min(0).max(10_000_000).default(0), {
      label: 'Warm-up',
      help: "Iterations over which the re-noising draws move from high noise to the schedule's own, as in DMDR; 0 switches it off.",
      unit: 'iterations',
      step: 'schedule',
      expert: true,
    }),
    normalizer: field(z.enum(normalizers).default('per-sample'), {
      label: 'Normaliser',
      help: "per-sample divides by the distance to the teacher's prediction (DMD); time divides by 1 − τ.",
      step: 'schedule',
      expert: true,
    }),
  }),
  ...baselineSections,
  fakeScore: section({
    learningRate: field(rate().default(3e-4), {
      label: 'Fake-score learning rate',
      help: 'How fast the fake-score model follows the student; too low and the shield fails.',
      step: 'training',
    }),
    stepsPerStudentStep: field(z.int().min(1).max(20).default(2), {
      label: 'Fake-score steps',
      help: 'Fake-score updates for each student update (two-time-scale rule).',
      step: 'training',
    }),
    trained: field(z.enum(['if-used', 'always']).default('if-used'), {
      label: 'Fake score trained',
      help: 'if-used trains it only where DM has a weight; always lets it observe a student that it has no influence on.',
      step: 'training',
      expert: true,
    }),
  }),
  optimizer: section({
    learningRate: field(rate().default(5e-5), {
      label: 'Student learning rate',
      help: 'Too high and the student over-trains within a few hundred iterations.',
      step: 'training',
    }),
    beta1: field(z.number().min(0).max(0.9999).default(0), {
      label: 'Adam β₁',
      help: 'Momentum of both optimisers; 0 is usual in distillation.',
      step: 'training',
      expert: true,
    }),
    beta2: field(z.number().min(0).max(0.99999).default(0.99), {
      label: 'Adam β₂',
      help: 'Memory of the squared gradients of both optimisers.',
      step: 'training',
      expert: true,
    }),
    weightDecay: field(z.number().min(0).max(1).default(0), {
      label: 'Weight decay',
      help: 'Decoupled weight decay of both optimisers.',
      step: 'training',
      expert: true,
    }),
    clipNorm: field(z.number().positive().max(1e6).default(10), {
      label: 'Gradient clip',
      help: 'Largest gradient norm of both optimisers.',
      step: 'training',
      expert: true,
    }),
  }),
  training: section({
    iterations: field(z.int().min(1).max(10_000_000).default(150), {
      label: 'Iterations',
      help: 'Student updates. Small models are best after 100 to 300.',
      step: 'training',
    }),
    batch: field(z.int().min(1).max(4096).default(32), {
      label: 'Batch',
      help: 'Images an update; memory grows with it.',
      unit: 'images',
      step: 'training',
    }),
    precision: precisionField(),
    checkpointEvery: field(z.int().min(1).max(1_000_000).default(50), {
      label: 'Checkpoint every',
      help: 'Iterations between checkpoints; a crash loses at most this much.',
      unit: 'iterations',
      step: 'training',
      expert: true,
    }),
    sampleEvery: field(z.int().min(1).max(1_000_000).default(25), {
      label: 'Sample every',
      help: 'Iterations between sample images of fixed seeds.',
      unit: 'iterations',
      step: 'training',
      expert: true,
    }),
  }),
  supervision: supervisionSection,
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeInput = z.input<typeof recipeSchema>;

/** Whether distributions are matched, by DM and CA; the other methods follow the teacher's own way. */
export const matchesDistributions = ({ method }: Pick<Recipe, 'method'>): boolean =>
  method === 'decoupled-dmd' || method === 'phased';

/** The guidance scale of the teacher that the student aims at: CA alone brings it where distributions are matched. */
export const aimedGuidance = (recipe: Recipe): number =>
  matchesDistributions(recipe) && recipe.cfgAugmentation.weight === 0 ? 1 : recipe.guidance.scale;

/** Whether a fake-score model is trained at all. */
export const usesFakeScore = (recipe: Recipe): boolean => {
  const { fakeScore, distributionMatching } = recipe;
  return matchesDistributions(recipe) && (fakeScore.trained === 'always' || distributionMatching.weight > 0);
};

/** Whether a discriminator is trained: a weight of 0 costs nothing. */
export const usesGan = ({ method, gan }: Recipe): boolean => method === 'decoupled-dmd' && gan.weight > 0;

/** Whether real pictures are compared with or learnt from; matching distributions alone asks the teacher only. */
export const needsPictures = (recipe: Recipe): boolean =>
  recipe.method === 'consistency' || recipe.method === 'progressive' || usesGan(recipe);

/** Whether the discriminator looks on the fake score's features, as in DMD2, or on the frozen teacher's. */
export const sharesFakeScore = (recipe: Recipe): boolean =>
  usesGan(recipe) && recipe.distributionMatching.weight > 0;

/** Whether the student's distance is measured at its checkpoints, as soon as it is whole. */
export const isSupervised = ({ supervision }: Recipe): boolean =>
  supervision.chooseBest === 'on' || supervision.patience > 0;

/** What is wrong with a setting, by its dotted path. */
export interface RecipeProblem {
  readonly path: string;
  readonly message: string;
}

/** The rules across fields that a recipe of right fields still breaks. */
export function brokenRules(recipe: Recipe): RecipeProblem[] {
  const ranges = (['cfgAugmentation', 'distributionMatching', 'gan'] as const)
    .filter((term) => recipe[term].rangeMin >= recipe[term].rangeMax)
    .map((term) => ({ path: `${term}.rangeMin`, message: 'must be below rangeMax' }));
  const data = needsPictures(recipe) && isPromptData(recipe.data);
  return [
    ...ranges,
    ...(data
      ? [{ path: 'data', message: 'a GAN, consistency and progressive distillation need pictures' }]
      : []),
    ...methodProblems(recipe),
  ];
}

/** What the recipe's method cannot work with. */
function methodProblems(recipe: Recipe): RecipeProblem[] {
  const { cfgAugmentation, distributionMatching, meanVariance, gan } = recipe;
  const { student, phased, consistency, progressive, training } = recipe;
  switch (recipe.method) {
    case 'decoupled-dmd':
      return cfgAugmentation.weight + distributionMatching.weight + meanVariance.weight + gan.weight > 0
        ? []
        : [{ path: 'cfgAugmentation.weight', message: 'at least one term needs a weight above 0' }];
    case 'phased':
      return [
        ...(cfgAugmentation.weight + distributionMatching.weight > 0
          ? []
          : [{ path: 'cfgAugmentation.weight', message: 'at least one term needs a weight above 0' }]),
        ...(phased.phases <= Math.min(student.steps, training.iterations)
          ? []
          : [{ path: 'phased.phases', message: 'each phase needs a step and an iteration' }]),
      ];
    case 'consistency':
      return consistency.skip < consistency.levels
        ? []
        : [{ path: 'consistency.skip', message: 'must be below levels' }];
    case 'progressive':
      return progressive.stages <= training.iterations
        ? []
        : [{ path: 'progressive.stages', message: 'each stage needs an iteration' }];
  }
}

/**
 * Checks a recipe and fills in its defaults.
 *
 * @throws StudioError 'recipe-invalid' that names the first field at fault.
 */
export function parseRecipe(input: unknown): Recipe {
  return parseSettings(recipeSchema, input, (recipe) => brokenRules(recipe)[0]);
}

/** Parses settings with a schema and an optional rule across fields; one sentence names the field at fault. */
export function parseSettings<S extends z.ZodType>(
  schema: S,
  input: unknown,
  rule: (value: z.output<S>) => RecipeProblem | undefined = () => undefined,
): z.output<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const parent = issue?.path.map(String) ?? [];
    const path = (issue?.code === 'unrecognized_keys' ? [...parent, issue.keys[0] ?? ''] : parent).join('.');
    const what =
      issue?.code === 'unrecognized_keys' ? 'is not a setting' : `is not valid: ${issue?.message ?? ''}`;
    throw new StudioError(
      'recipe-invalid',
      `The recipe's field ${path || '(top)'} ${what}.`,
      'Correct the field and start again; nothing was changed.',
      {
        field: path,
      },
    );
  }
  const broken = rule(parsed.data);
  if (broken) {
    throw new StudioError(
      'recipe-invalid',
      `The recipe's field ${broken.path} is not valid: ${broken.message}.`,
      'Correct the field and start again; nothing was changed.',
      {
        field: broken.path,
      },
    );
  }
  return parsed.data;
}
