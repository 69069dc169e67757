/** The networks of the goldens. */
import type { ImageStatistics } from '../../engine/distillation/regularizers/meanVariance.ts';
import type { Denoiser } from '../../engine/flow/preconditioning.ts';
import { createNetwork, type NetworkConfig } from '../../engine/model/registry.ts';
import type { Golden } from './golden.ts';

export interface ModelHeader {
  readonly network: NetworkConfig;
  readonly deviation: number;
  readonly target: ImageStatistics;
}

export const families = ['mlp', 'dit'] as const;

export const denoiserOf = ({ header }: Golden<ModelHeader>): Denoiser => ({
  network: createNetwork(header.network),
  dataDeviation: header.deviation,
});
