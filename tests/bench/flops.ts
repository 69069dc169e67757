/**
 * Floating-point operations of the matrix products of a training iteration, counted on paper: a product of (m, k) and
 * (k, n) is 2·m·k·n. Everything else (softmax, normalisation, the optimiser) counts as nothing, so that a rate says
 * how well the products are fed. `docs/performance.md` writes the formulas out.
 */
import type { Recipe } from '../../engine/contract/recipe.ts';
import type { DitConfig } from '../../engine/model/dit.ts';
import type { MlpConfig } from '../../engine/model/mlp.ts';
import type { NetworkConfig } from '../../engine/model/registry.ts';
import { randomIntegers } from '../../engine/tensor/random.ts';

/** For one sample. */
export interface PassFlops {
  readonly forward: number;
  /** Gradients of the weights, and of the inputs of all but the first layers. */
  readonly backward: number;
}

/** Width of the toy network's time features, see engine/model/mlp.ts. */
const MLP_TIME_FEATURES = 32;

export function passFlops(config: NetworkConfig): PassFlops {
  const { first, rest } = config.family === 'mlp' ? mlpFlops(config) : ditFlops(config);
  return { forward: first + rest, backward: first + 2 * rest };
}

/** `first` are the products whose left factor needs no gradient: they read the input or the time. */
interface Products {
  readonly first: number;
  readonly rest: number;
}

function mlpFlops({ dimensions, width, layers }: MlpConfig): Products {
  return {
    first: 2 * (dimensions + MLP_TIME_FEATURES) * width,
    rest: 2 * (layers - 1) * width ** 2 + 2 * width * dimensions,
  };
}

function ditFlops({ size, channels, patch, width, layers, captions }: DitConfig): Products {
  const tokens = (size / patch) ** 2;
  const embedding = 2 * tokens * patch ** 2 * channels * width; // the last layer costs the same
  const words = captions
    ? captions.layers * blockFlops(captions.length, captions.width) + 2 * captions.width * width
    : 0;
  return {
    first: embedding + 2 * width ** 2,
    rest: 2 * width ** 2 + 12 * width ** 2 + layers * blockFlops(tokens, width) + embedding + words,
  };
}

/** Query, key, value, output (8TD²), scores and mixture (4T²D), and the feed-forward part (16TD²). */
const blockFlops = (tokens: number, width: number): number =>
  24 * tokens * width ** 2 + 4 * tokens ** 2 * width;

/** Of one teacher update. */
export function teacherFlops(network: NetworkConfig, batch: number): number {
  const { forward, backward } = passFlops(network);
  return batch * (forward + backward);
}

/** Three passes of the teacher (DM, CA with and without condition) and one of the fake score. */
const SCORE_PASSES = 4;

/** Of one iteration with both terms on separate draws; the passes of its backward simulations are the drawn ones. */
export function distillationFlops(network: NetworkConfig, recipe: Recipe, iteration: number): number {
  const { forward, backward } = passFlops(network);
  const fakeUpdates = recipe.fakeScore.stepsPerStudentStep;
  const student = (1 + SCORE_PASSES) * forward + backward;
  const fake = 2 * forward + backward; // the student's sample, then the fake score's own update
  const simulation = simulatedSteps(recipe, iteration).reduce((sum, steps) => sum + steps, 0) * forward;
  return recipe.training.batch * (student + fakeUpdates * fake + simulation);
}

/** How many of the student's earlier steps each of an iteration's inputs runs: the student's, then the fake score's. */
export function simulatedSteps({ seed, student, fakeScore }: Recipe, iteration: number): number[] {
  const perIteration = fakeScore.stepsPerStudentStep + 1;
  const draws = Array.from({ length: perIteration }, (_, k) => iteration * perIteration + k);
  return draws.map(
    (draw) => randomIntegers({ seed, purpose: 'simulation', step: draw }, 1, student.steps)[0] ?? 0,
  );
}
