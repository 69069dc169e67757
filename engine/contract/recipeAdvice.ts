/**
 * What is unusual about a recipe that is allowed, and what comes of it; shown beside the field. Facts are
 * from arXiv 2511.22677 (its figures and tables are named) and from common practice.
 */
import { usesSetting } from './methodSettings.ts';
import { aimedGuidance, matchesDistributions, usesFakeScore, type Recipe } from './recipe.ts';
import { recipeLeaves } from './recipeProblems.ts';
import { constrainedTerms } from './renoising.ts';
import { timestepGrid } from './timesteps.ts';

export interface Advice {
  /** The field that it stands beside. */
  readonly path: string;
  readonly message: string;
}

interface Rule extends Advice {
  readonly applies: (recipe: Recipe) => boolean;
}

const has = (term: { readonly weight: number }) => term.weight > 0;
const lastStep = ({ student }: Recipe) => timestepGrid(student.steps, student.shift).at(-1) ?? 0;

const rules: readonly Rule[] = [
  {
    path: 'distributionMatching.weight',
    message:
      'CA without a shield converts quickly, then variance rises without end (Fig 2). To watch, not to keep.',
    applies: ({ cfgAugmentation, distributionMatching, meanVariance, gan }) =>
      has(cfgAugmentation) && ![distributionMatching, meanVariance, gan].some(has),
  },
  {
    path: 'cfgAugmentation.weight',
    message: 'Without CA the student is stable but weak: nothing teaches it guidance (Fig 2).',
    applies: ({ cfgAugmentation }) => !has(cfgAugmentation),
  },
  {
    path: 'guidance.scale',
    message: "At 1 CA is nothing, since it is (α − 1) times the guidance's direction.",
    applies: (recipe) =>
      matchesDistributions(recipe) && recipe.guidance.scale === 1 && has(recipe.cfgAugmentation),
  },
  {
    path: 'guidance.scale',
    message: 'This is far above what teachers are sampled with: expect saturated colours and little variety.',
    applies: (recipe) => aimedGuidance(recipe) > 10,
  },
  {
    path: 'renoising.schedule',
    message:
      "One τ for both is ordinary DMD; CA's own range is not used. In Table 1 d-DMD's hybrid is better.",
    applies: ({ renoising }) => renoising.schedule === 'coupled-shared',
  },
  {
    path: 'cfgAugmentation.rangeMin',
    message: 'The clean end alone collapses (Fig 4a: τ in [0.7, 1]).',
    applies: ({ cfgAugmentation, renoising }) =>
      has(cfgAugmentation) && cfgAugmentation.rangeMin >= 0.7 && renoising.schedule !== 'coupled-shared',
  },
  {
    path: 'cfgAugmentation.rangeMax',
    message: 'So noisy a range makes composition and colour but little detail (Fig 4a).',
    applies: ({ cfgAugmentation, renoising }) =>
      has(cfgAugmentation) && cfgAugmentation.rangeMax <= 0.3 && renoising.schedule !== 'coupled-shared',
  },
  {
    path: 'cfgAugmentation.rangeMax',
    message: "The student's last step is cleaner than this: CA sees only a sliver just above it there.",
    applies: (recipe) =>
      has(recipe.cfgAugmentation) &&
      constrainedTerms[recipe.renoising.schedule].ca &&
      lastStep(recipe) >= recipe.cfgAugmentation.rangeMax,
  },
  {
    path: 'distributionMatching.rangeMin',
    message: 'DM should catch artefacts of every scale: those noisier than this go by.',
    applies: ({ distributionMatching }) => has(distributionMatching) && distributionMatching.rangeMin >= 0.3,
  },
  {
    path: 'distributionMatching.rangeMax',
    message: 'DM should catch artefacts of every scale: those cleaner than this go by.',
    applies: ({ distributionMatching }) => has(distributionMatching) && distributionMatching.rangeMax <= 0.7,
  },
  {
    path: 'fakeScore.learningRate',
    message: 'A fake-score model this slow lags behind the student, and the shield fails.',
    applies: ({ fakeScore, distributionMatching, optimizer }) =>
      has(distributionMatching) && fakeScore.learningRate < optimizer.learningRate,
  },
  {
    path: 'fakeScore.stepsPerStudentStep',
    message: "Each fake-score step takes about as long as a student's: this recipe trains slowly.",
    applies: ({ fakeScore, distributionMatching }) =>
      has(distributionMatching) && fakeScore.stepsPerStudentStep > 8,
  },
  {
    path: 'optimizer.learningRate',
    message: "This is fast for distillation: watch the deviation of the student's pictures for over-baking.",
    applies: ({ optimizer }) => optimizer.learningRate > 5e-4,
  },
  {
    path: 'optimizer.beta1',
    message: 'With momentum the student follows directions of a fake-score model that has moved on.',
    applies: (recipe) => usesFakeScore(recipe) && recipe.optimizer.beta1 >= 0.9,
  },
  {
    path: 'student.steps',
    message:
      "More steps re-noise a guided answer and answer again, which undoes part of the guidance: one step may be nearer to the teacher's.",
    applies: ({ method, student, guidance }) =>
      method === 'consistency' && student.steps > 1 && guidance.scale > 1,
  },
  {
    path: 'student.shift',
    message: "Below 1 the student's steps crowd at the clean end, where composition is settled already.",
    applies: ({ student }) => student.steps > 1 && student.shift < 1,
  },
  {
    path: 'training.checkpointEvery',
    message: 'The first checkpoint comes with the last iteration: a crash before it loses everything.',
    applies: ({ training }) => training.checkpointEvery >= training.iterations && training.iterations > 200,
  },
];

/** Everything that may be advised of settings that a method uses. */
export const adviceMessages: readonly string[] = rules.map(({ message }) => message);

function valueAt(recipe: Recipe, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], recipe);
}

/** At most one a field. */
export function recipeAdvice(recipe: Recipe): Advice[] {
  const { method } = recipe;
  const found = new Map<string, string>();
  for (const { path, message, applies } of rules) {
    if (!found.has(path) && usesSetting(method, path) && applies(recipe)) found.set(path, message);
  }
  for (const { path, bounds } of recipeLeaves) {
    if (usesSetting(method, path) || bounds.kind === 'fixed') continue;
    if (valueAt(recipe, path) !== bounds.default)
      found.set(path, `The method ${method} does not use this setting.`);
  }
  return [...found].map(([path, message]) => ({ path, message }));
}
