/** What a distillation's numbers say in a word, and what to do about it. Pure: numbers in, verdicts out. */
import type { RunVerdict, VerdictCode } from '../contract/messages/runs.ts';
import { matchesDistributions, type Recipe } from '../contract/recipe.ts';
import { trainingParts, wholeFrom } from '../contract/studentSampling.ts';
import { guidanceThresholds } from './guidanceUse.ts';

/** Means around a step, oldest first. */
export type Curve = readonly { readonly step: number; readonly mean: number }[];

export interface RunNumbers {
  readonly recipe: Recipe;
  readonly curves: Readonly<Record<'fake_loss' | 'ca_rms' | 'x_std' | 'data_deviation' | 'distance', Curve>>;
  readonly checkpoints: readonly { readonly id: string; readonly step: number }[];
}

/**
 * Measured on the toy over 400 iterations: a fake score that keeps up stays below 0.25 and 3 times its least loss, one
 * with a 50th of the learning rate passes 0.9 and 3.6 times at 200, while dm_cos still says 0.98. CA alone passes 1.45
 * times the data's deviation at 100 and goes on, CA with DM ends at 1.2 to 1.35; inward collapse ended at 0.63.
 *
 * On emoji, 32 × 32, three seeds over 100 to 150 iterations, deviations move less: CA with DM ends at 1.14 to 1.17, with
 * mean–variance at 1.07, with a GAN at 1.12 at most; CA alone passes 1.2 at 30, 1.4 to 1.47 at 60, 1.67 to 1.73 at 100
 * (four steps: 1.26 at 60). A fake score that keeps up goes from 0.15 to
 * 0.21; with a 50th of the learning rate from 0.17 to 0.23 at 100: too near to be told apart so early, so that the
 * toy's limits stand.
 *
 * Phased DMD on the toy, two phases of 200 iterations, two seeds: in the last phase a fake score that keeps up goes from
 * 0.08 to 0.13, one with a 50th of the learning rate from 0.13 to 0.6, CA alone passes 1.4 at 40 and goes on. In the first
 * a sound student's deviation reaches 1.65, since its predictions are no samples yet, and the losses are 2.6 and 3.6: its
 * target is mostly noise. So the last phase alone is judged.
 */
export const thresholds = {
  /** Loss in units of its target's variance, and times the least loss of the run; both. */
  fakeLoss: 0.5,
  fakeLossGrowth: 2.5,
  /** The samples' standard deviation in units of the data's. */
  overBaked: { points: 1.4, pictures: 1.25 },
  collapsed: 0.65,
  /** Relative change of the deviation between the last two windows, and iterations of a window. */
  settled: 0.015,
  settledWindow: 50,
  /** The push of guidance, in units of the data's deviation. */
  noGuidance: guidanceThresholds.push,
  /**
   * CA's noisiest level must be below this: at clean levels the push of any teacher is small. In 16 iterations it was
   * 0.30, 0.18 and 0.15 of the bundled emoji teacher with 1, 4 and 8 steps, 0.04 with τ above 0.7; the toy's 0.64.
   */
  noGuidanceNoise: 0.1,
  /** Measured checkpoints in a row that are no better than the best. */
  pastBest: 3,
  /** A verdict needs so many iterations behind it, and speaks of the mean of so many. */
  leastIterations: 20,
  window: 10,
} as const;

/** The gravest first. */
export function judge(numbers: RunNumbers): RunVerdict[] {
  // Most rules are about matching distributions; a regression's own loss says how it goes.
  const matches = matchesDistributions(numbers.recipe);
  const judged = withWholeStudent(numbers);
  const rules = matches ? [noGuidance, fakeLags, overBaked, collapsed, pastBest] : [pastBest];
  const bad = rules.map((rule) => rule(judged)).filter((found) => found !== undefined);
  const good = matches && bad.length === 0 ? converged(judged) : undefined;
  return good ? [good] : bad;
}

/** Curves of the last phase; of CA's those of the first, since all later ones look at cleaner levels. */
function withWholeStudent({ curves, ...numbers }: RunNumbers): RunNumbers {
  const { recipe } = numbers;
  const from = wholeFrom(recipe);
  const [, second = Infinity] = trainingParts(recipe);
  const late = (curve: Curve) => curve.filter(({ step }) => step > from);
  return {
    ...numbers,
    curves: {
      ...curves,
      ca_rms: curves.ca_rms.filter(({ step }) => step <= second),
      ...{ fake_loss: late(curves.fake_loss), x_std: late(curves.x_std), distance: late(curves.distance) },
    },
  };
}

/** What CA teaches is what the condition changes in the teacher's prediction; no setting makes more of it. */
function noGuidance(numbers: RunNumbers): RunVerdict | undefined {
  const { guidance, cfgAugmentation } = numbers.recipe;
  if (guidance.scale === 1 || cfgAugmentation.rangeMin > thresholds.noGuidanceNoise) return undefined;
  // One draw of the student's step differs from the next by ten times: a long window.
  const push = relativeToData(numbers, 'ca_rms', thresholds.settledWindow).map(({ step, mean }) => ({
    step,
    mean: mean / (guidance.scale - 1),
  }));
  const { noGuidance: limit } = thresholds;
  const found = verdict('no-guidance', numbers, push, limit, (value) => value < limit, {});
  return found && { ...found, suggestion: null };
}

function fakeLags(numbers: RunNumbers): RunVerdict | undefined {
  const { learningRate, stepsPerStudentStep } = numbers.recipe.fakeScore;
  const smooth = smoothed(numbers.curves.fake_loss);
  const least = Math.min(...smooth.map(({ mean }) => mean));
  const limit = Math.max(thresholds.fakeLoss, thresholds.fakeLossGrowth * least);
  return verdict('fake-lags', numbers, smooth, limit, (value) => value >= limit, {
    'fakeScore.learningRate': rounded(Math.min(0.1, 2 * learningRate)),
    'fakeScore.stepsPerStudentStep': Math.min(20, 2 * stepsPerStudentStep),
  });
}

function overBaked(numbers: RunNumbers): RunVerdict | undefined {
  const { cfgAugmentation, distributionMatching } = numbers.recipe;
  const limit = thresholds.overBaked[numbers.recipe.data === 'toy' ? 'points' : 'pictures'];
  return verdict('over-baked', numbers, relativeToData(numbers, 'x_std'), limit, (value) => value >= limit, {
    ...(distributionMatching.weight === 0
      ? { 'distributionMatching.weight': 1 }
      : { 'cfgAugmentation.weight': rounded(0.7 * cfgAugmentation.weight) }),
  });
}

function collapsed(numbers: RunNumbers): RunVerdict | undefined {
  const { optimizer, renoising } = numbers.recipe;
  const { collapsed: limit } = thresholds;
  return verdict('collapsed', numbers, relativeToData(numbers, 'x_std'), limit, (value) => value <= limit, {
    'optimizer.learningRate': rounded(optimizer.learningRate / 2),
    ...(renoising.normalizer === 'per-sample' && { 'renoising.normalizer': 'time' }),
  });
}

/** Nothing to change: the best checkpoint is there, and the recipe may choose it by itself. */
function pastBest({ curves: { distance } }: RunNumbers): RunVerdict | undefined {
  const least = Math.min(...distance.map(({ mean }) => mean));
  const best = distance.findIndex(({ mean }) => mean === least);
  const [at, now] = [distance[best], distance.at(-1)];
  if (!at || !now || distance.length - 1 - best < thresholds.pastBest) return undefined;
  return { code: 'past-best', step: at.step, measured: now.mean, limit: least, suggestion: null };
}

function converged({ curves }: RunNumbers): RunVerdict | undefined {
  const { settled, settledWindow } = thresholds;
  const last = curves.x_std.at(-1)?.step ?? 0;
  if (last - (curves.x_std[0]?.step ?? 0) < 2 * settledWindow) return undefined;
  const meanFrom = (from: number, to: number) => {
    const inside = curves.x_std.filter(({ step }) => step > from && step <= to);
    return inside.reduce((sum, { mean }) => sum + mean, 0) / inside.length;
  };
  const before = meanFrom(last - 2 * settledWindow, last - settledWindow);
  const now = meanFrom(last - settledWindow, last);
  const measured = Math.abs(now - before) / before;
  if (!(measured <= settled)) return undefined;
  return { code: 'converged', step: last, measured, limit: settled, suggestion: null };
}

/** If it holds now: since when without a break, and the fork that would undo it. */
function verdict(
  code: VerdictCode,
  { checkpoints }: RunNumbers,
  curve: Curve,
  limit: number,
  holds: (value: number) => boolean,
  changes: Record<string, number | string>,
): RunVerdict | undefined {
  const [first, now] = [curve.at(0), curve.at(-1)];
  if (!first || !now || now.step - first.step < thresholds.leastIterations) return undefined;
  if (!holds(now.mean)) return undefined;
  const lastFine = curve.findLastIndex(({ mean }) => !holds(mean));
  const step = curve[lastFine + 1]?.step ?? now.step;
  const earlier = checkpoints.filter((checkpoint) => checkpoint.step <= step);
  // Without one from before, the oldest that is kept is the least spoilt.
  const from = latest(earlier) ?? latest(checkpoints, -1);
  return { code, step, measured: now.mean, limit, suggestion: { checkpointId: from?.id ?? null, changes } };
}

function latest<C extends { readonly step: number }>(checkpoints: readonly C[], sign = 1): C | undefined {
  return checkpoints.toSorted((a, b) => sign * (a.step - b.step)).at(-1);
}

/** A curve in units of the data's deviation; empty where that is not known. */
function relativeToData({ curves }: RunNumbers, name: 'ca_rms' | 'x_std', window?: number): Curve {
  const deviation = curves.data_deviation.at(-1)?.mean;
  if (deviation === undefined) return [];
  return smoothed(curves[name], window).map(({ step, mean }) => ({ step, mean: mean / deviation }));
}

/** Means over the last iterations. */
function smoothed(curve: Curve, window: number = thresholds.window): Curve {
  return curve.map(({ step }, i) => {
    const inside = curve.slice(0, i + 1).filter((point) => point.step > step - window);
    return { step, mean: inside.reduce((sum, { mean }) => sum + mean, 0) / inside.length };
  });
}

const rounded = (value: number) => Number(value.toPrecision(2));
