/** The averaged student of a checkpoint by the names of its model: its experts lie in different places while they learn. */
import type { Recipe } from '../contract/recipe.ts';
import { expertStarts, phaseAt } from '../contract/studentSampling.ts';
import { expertPrefix } from '../model/experts.ts';
import { prefixed } from '../model/parameters.ts';
import type { Arrays } from './safetensors.ts';
import { arraysUnder } from './trainingRun.ts';

/** @param iterations that were done when the checkpoint was written. */
export function checkpointStudent(
  recipe: Recipe,
  iterations: number,
  arrays: Arrays,
): Record<string, Float32Array> {
  const trained = arraysUnder(arrays, 'studentAdam.ema');
  const starts = expertStarts(recipe);
  if (starts.length === 0) return trained;
  const { index } = phaseAt(recipe, Math.max(0, iterations - 1));
  const experts = starts.map((_, of) =>
    prefixed(expertPrefix(of), of === index ? trained : arraysUnder(arrays, expertPrefix(of))),
  );
  return Object.assign({}, ...experts) as Record<string, Float32Array>;
}
