/** Everything that a run of the benchmark found, as its JSON file holds it. */
import type { ComparisonResult } from './comparePytorch.ts';
import type { BackendAnswer } from './measureBackend.ts';
import type { GrowthCurve } from './measureGrowth.ts';

export interface Bench {
  readonly measuredAt: string;
  readonly command: string;
  readonly system: {
    readonly platform: string;
    readonly processor: string;
    readonly threads: number;
    readonly memoryBytes: number;
    readonly node: string;
    /** Other work on the computer shows here, and makes every number worse. */
    readonly loadAverage: readonly number[];
  };
  readonly repeats: number;
  readonly backends: readonly BackendAnswer[];
  readonly growth: readonly GrowthCurve[];
  readonly comparisons: readonly ComparisonResult[];
}
