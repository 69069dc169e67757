/** What the flow, the samplers and the distillation know of a network; every family implements it. */
import type { NamedTensors } from '../tensor/residentState.ts';
import { concat, fill, zeros, type Rank, type Tensor, type Tensor1D, type Tensor2D } from '../tensor/tf.ts';
import type { ParameterSpecs } from './parameters.ts';

/** What the network is asked for, one entry a sample. */
export interface Condition {
  /** Class indices (B) int32; `classes` itself (one past the last) is "any class". */
  readonly classes?: Tensor1D;
  /** Caption tokens (B, L) int32; all padding is the empty caption. */
  readonly captions?: Tensor2D;
}

export interface Network {
  /** What it was made from, as plain data. */
  readonly config: object;
  /** Shape of one sample: [H, W, C] or [dimensions]. */
  readonly sampleShape: readonly number[];
  readonly specs: ParameterSpecs;
  readonly conditioning: Conditioning;
  readonly layers: number;
  /** Length of a feature vector. */
  readonly width: number;
  /** The raw output F(x, t, c) for x (B, ...sampleShape), t (B) in [0, 1]; see flow/preconditioning.ts. */
  apply(parameters: NamedTensors, x: Tensor, t: Tensor1D, condition: Condition): Tensor;
  /** What `apply` holds after each of `featureLayers`, (B, tokens, width) each. */
  features(parameters: NamedTensors, x: Tensor, t: Tensor1D, condition: Condition): Tensor[];
}

/** Where features are taken: after each third of the layers, counted from 1; fewer where there are fewer layers. */
export const featureLayers = (layers: number): number[] => [
  ...new Set([1, 2, 3].map((part) => Math.ceil((part * layers) / 3))),
];

/** Which conditions a network takes. */
export interface Conditioning {
  /** Number of classes, 0 for none. */
  readonly classes: number;
  /** Tokens a caption, 0 for none. */
  readonly captionLength: number;
}

/** ∅: no class and no caption, for guidance. */
export function emptyCondition({ classes, captionLength }: Conditioning, batch: number): Condition {
  return {
    ...(classes > 0 && { classes: fill<Rank.R1>([batch], classes, 'int32') }),
    ...(captionLength > 0 && { captions: zeros<Rank.R2>([batch, captionLength], 'int32') }),
  };
}

/** The conditions of several batches as one batch. */
export function joinConditions(conditions: readonly Condition[]): Condition {
  const classes = conditions.flatMap((c) => (c.classes ? [c.classes] : []));
  const captions = conditions.flatMap((c) => (c.captions ? [c.captions] : []));
  return {
    ...(classes.length > 0 && { classes: concat(classes) }),
    ...(captions.length > 0 && { captions: concat(captions) }),
  };
}
