/** The models that are measured. All but their size is the bundled teachers'. */
import type { NetworkConfig } from '../../engine/model/registry.ts';

export const sizeNames = ['toy', 'DiT-4M', 'DiT-33M'] as const;
export type SizeName = (typeof sizeNames)[number];

export interface ModelSize {
  readonly network: NetworkConfig;
  /** Unless another is asked for: the bundled recipes'. */
  readonly batch: number;
}

const image = { family: 'dit', size: 32, channels: 3, patch: 4, classes: 10 } as const;
const words = { vocabulary: 1024, length: 16, heads: 4 } as const;

export const sizes: Readonly<Record<SizeName, ModelSize>> = {
  toy: { network: { family: 'mlp', dimensions: 2, width: 128, layers: 3, classes: 8 }, batch: 256 },
  'DiT-4M': {
    network: { ...image, width: 192, layers: 6, heads: 4, captions: { ...words, width: 128, layers: 2 } },
    batch: 32,
  },
  'DiT-33M': {
    network: { ...image, width: 512, layers: 9, heads: 8, captions: { ...words, width: 256, layers: 3 } },
    batch: 32,
  },
};
