/** Who does the work of a sweep's cells: this process, the studio's queue and engine, or a cluster. */
import type { Recipe } from '../../../engine/contract/recipe.ts';
import type { Baseline } from '../../../engine/contract/sweep.ts';
import type { Run } from '../../store/runs.ts';
import type { Values } from './measurer.ts';

export interface SweepRunner {
  /** Trains the run to its end, measured with every frame; answers what became of it. */
  train(run: Run, recipe: Recipe): Promise<'done' | 'paused' | 'failed'>;
  /** Measures the teacher itself, and writes a picture of its samples; undefined where that did not succeed. */
  baseline(baseline: Baseline, seed: number, pictureFile: string): Promise<Values | undefined>;
}
