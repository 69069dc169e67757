/** What the study of relatives distils: matching distributions beside following the teacher, on two budgets. */
import type { RecipeInput } from '../../engine/contract/recipe.ts';
import { common, rows as toyRows, type Row } from './rows.ts';

/** What a reader of the numbers of seeds 1, 2 and 3 should know first. */
export const relativesFinding = `The baselines are nearer to the guided teacher than matching distributions is: at four steps progressive distillation
by far, at one step both. On eight known blobs a regression on the teacher's way is easy, so this says nothing of
pictures. Consistency with four steps goes back towards the unguided teacher: each re-noising undoes guidance. The
baselines' learning rates, levels and stages were chosen on this measure with seed 1 among some twenty short runs; the
matching rows are the toy study's and were not tuned again. Seconds are of a computer that did other work too.`;

const matching = new Set(['shared-4', 'hybrid-4-half-dm', 'full-1']);
/** Iterations: those of the matching rows, and as many as take about as long as they do. */
const budgets = [400, 2000];

const baseline = (name: string, steps: number, iterations: number, recipe: RecipeInput): Row => ({
  key: `${name}-${steps}-${iterations}`.toLowerCase(),
  name: `${name}, ${steps} ${steps === 1 ? 'step' : 'steps'}, ${iterations} iterations`,
  recipe: {
    student: { steps, shift: 1, emaDecay: 0.95 },
    ...recipe,
    training: { ...common.training, iterations },
  },
});

const optimizer = (learningRate: number) => ({ ...common.optimizer, beta1: 0.9, learningRate });

export const relatives: readonly Row[] = [
  ...toyRows.filter(({ key }) => matching.has(key)),
  ...budgets.flatMap((iterations) =>
    [1, 4].flatMap((steps) => [
      baseline('Consistency', steps, iterations, { method: 'consistency', optimizer: optimizer(5e-4) }),
      baseline('Progressive', steps, iterations, {
        method: 'progressive',
        progressive: { stages: steps === 1 ? 4 : 3 },
        optimizer: optimizer(1e-3),
      }),
    ]),
  ),
];
