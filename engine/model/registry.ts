/** Every network family by name; adding one is one line here and one file beside it. */
import { createDit, type DitConfig } from './dit.ts';
import { createMlp, type MlpConfig } from './mlp.ts';
import type { Network } from './network.ts';
import { sideBySide } from './sideBySide.ts';

export type NetworkConfig = DitConfig | MlpConfig;

const families: {
  [F in NetworkConfig['family']]: (config: Extract<NetworkConfig, { family: F }>) => Network;
} = {
  dit: (config) => sideBySide(createDit(config)),
  mlp: createMlp,
};

export function createNetwork(config: NetworkConfig): Network {
  const create = families[config.family] as (config: NetworkConfig) => Network;
  return create(config);
}
