/** The paper's experiments, by name. */
import { StudioError } from '../errors.ts';
import { ablationFourSteps, ablationOneStep } from './ablation.ts';
import type { Experiment } from './experiment.ts';
import { fakeScoreRate } from './fakeScoreRate.ts';
import { observer } from './observer.ts';
import { rangeProbe } from './rangeProbe.ts';
import { regularizers } from './regularizers.ts';
import { relatives } from './relatives.ts';
import { schedules } from './schedules.ts';
import { teacherSteps } from './teacherSteps.ts';

export const experiments: readonly Experiment[] = [
  ablationOneStep,
  ablationFourSteps,
  regularizers,
  rangeProbe,
  observer,
  schedules,
  fakeScoreRate,
  relatives,
  teacherSteps,
];

/** @throws StudioError 'not-found' that names the experiments there are. */
export function experimentNamed(id: string): Experiment {
  const found = experiments.find((experiment) => experiment.id === id);
  if (found) return found;
  throw new StudioError(
    'not-found',
    `There is no experiment “${id}”.`,
    `There are ${experiments.map((experiment) => experiment.id).join(', ')}.`,
    { field: 'name' },
  );
}
