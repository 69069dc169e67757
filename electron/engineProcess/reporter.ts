/** Tells a training's progress with its pace; words for terminals are passed over. */
import { Pace } from '../terminal/pace.ts';
import { silentReporter, type Progress, type Reporter } from '../terminal/reporter.ts';

export interface PacedProgress {
  readonly done: number;
  readonly total: number;
  readonly activity: string | null;
  readonly secondsPerIteration: number | null;
  readonly secondsLeft: number | null;
}

export function paceReporter(tell: (progress: PacedProgress) => void): Reporter {
  let pace: Pace | undefined;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    ...silentReporter,
    progress({ done, total, activity }: Progress) {
      pace ??= new Pace(done);
      pace.advance(done, activity);
      tell({
        ...{ done, total, activity: activity ?? null },
        secondsPerIteration: finite(pace.secondsPerStep),
        secondsLeft: finite(pace.remainingSeconds(total)),
      });
    },
  };
}
