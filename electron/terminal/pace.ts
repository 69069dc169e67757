/** How fast a long piece of work goes and when it will end, with what happens between its steps counted in. */

/** Everything beside ordinary steps: evaluating, sampling, saving. */
interface Interruption {
  /** Of the newest ones. */
  readonly seconds: number[];
  count: number;
  /** Steps done when it came first and last. */
  first: number;
  last: number;
}

/** As many of the newest steps are looked at. */
const windowLength = 64;

export class Pace {
  private readonly startedAt: number;
  private readonly startDone: number;
  private readonly now: () => number;
  private readonly steps: number[] = [];
  private readonly interruptions = new Map<string, Interruption>();
  private activity: string | undefined;
  private changedAt: number;
  private done: number;

  /** `done` is where the work starts, above 0 when it is resumed; `now` gives milliseconds. */
  constructor(done = 0, now: () => number = () => performance.now()) {
    this.now = now;
    this.startDone = done;
    this.done = done;
    this.startedAt = now();
    this.changedAt = this.startedAt;
  }

  /**
   * The time since the last call belongs to what was announced then: steps, or an activity between them. `activity`
   * announces what comes next; without it, that is a step.
   */
  advance(done: number, activity?: string): void {
    const time = this.now();
    const seconds = (time - this.changedAt) / 1000;
    if (this.activity !== undefined) this.recordInterruption(this.activity, seconds);
    else if (done > this.done) this.recordSteps(seconds / (done - this.done), done - this.done);
    this.activity = activity;
    this.done = done;
    this.changedAt = time;
  }

  get elapsedSeconds(): number {
    return (this.now() - this.startedAt) / 1000;
  }

  /** Without interruptions; NaN before the first step. */
  get secondsPerStep(): number {
    return trimmedMean(this.steps);
  }

  /** NaN before the first step. An activity is expected to return as regularly as it came. */
  remainingSeconds(total: number): number {
    let seconds = Math.max(0, total - this.done) * this.secondsPerStep;
    for (const interruption of this.interruptions.values()) {
      seconds += this.countRemaining(interruption, total) * trimmedMean(interruption.seconds);
    }
    return seconds;
  }

  private recordSteps(seconds: number, count: number): void {
    for (let i = 0; i < Math.min(count, windowLength); i++) this.steps.push(seconds);
    if (this.steps.length > windowLength) this.steps.splice(0, this.steps.length - windowLength);
  }

  private recordInterruption(activity: string, seconds: number): void {
    const known = this.interruptions.get(activity) ?? {
      seconds: [],
      count: 0,
      first: this.done,
      last: this.done,
    };
    known.seconds.push(seconds);
    if (known.seconds.length > windowLength) known.seconds.shift();
    known.count++;
    known.last = this.done;
    this.interruptions.set(activity, known);
  }

  private countRemaining({ first, last, count }: Interruption, total: number): number {
    const period = count > 1 ? (last - first) / (count - 1) : last - this.startDone;
    return period > 0 ? Math.max(0, Math.floor((total - last) / period)) : 0;
  }
}

/** The mean without the lowest and the highest tenth, so that one hiccup or a laptop's sleep does not count. */
function trimmedMean(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = values.length < 3 ? 0 : Math.max(1, Math.floor(values.length / 10));
  const kept = sorted.slice(cut, sorted.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
