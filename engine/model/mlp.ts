/** A multilayer perceptron for the two-dimensional toys. */
import { swish } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D } from '../tensor/tf.ts';
import { linear, lookup, product, siluLinear, timestepFeatures } from './layers.ts';
import { featureLayers, type Condition, type Network } from './network.ts';
import { linearSpecs, normal, type ParameterSpecs } from './parameters.ts';

export interface MlpConfig {
  readonly family: 'mlp';
  readonly dimensions: number;
  readonly width: number;
  readonly layers: number;
  /** Number of classes, 0 for none. */
  readonly classes: number;
}

/** Width of the sinusoidal features of t. */
const TIME_FEATURES = 32;

export function createMlp(config: MlpConfig): Network {
  const { dimensions, width, layers, classes } = config;
  const specs: Record<string, ParameterSpecs[string]> = {
    ...linearSpecs('input', dimensions + TIME_FEATURES, width),
    ...linearSpecs('output', width, dimensions, 0),
  };
  if (classes > 0) specs['y_embedder.embedding_table.weight'] = normal(1, classes + 1, width);
  for (let i = 1; i < layers; i++) Object.assign(specs, linearSpecs(`hidden.${i}`, width, width));
  return {
    config,
    sampleShape: [dimensions],
    specs,
    conditioning: { classes, captionLength: 0 },
    layers,
    width,
    apply: (...inputs) => linear(inputs[0], 'output', hiddenStates(layers, ...inputs).at(-1) as Tensor),
    features: (...inputs) => {
      const states = hiddenStates(layers, ...inputs);
      return featureLayers(layers).map((layer) => (states[layer - 1] as Tensor).expandDims(1));
    },
  };
}

/** The hidden activations (B, width) after each layer. */
function hiddenStates(
  layers: number,
  parameters: NamedTensors,
  x: Tensor,
  t: Tensor1D,
  condition: Condition,
): Tensor[] {
  const inputs = tf.concat([x as Tensor2D, timestepFeatures(t, TIME_FEATURES)], 1);
  let h = product(parameters, 'input', inputs);
  if (condition.classes) {
    h = h.add(lookup(named(parameters, 'y_embedder.embedding_table.weight') as Tensor2D, condition.classes));
  }
  const states = [swish(h, named(parameters, 'input.bias'), 1)];
  for (let i = 1; i < layers; i++) {
    states.push(siluLinear(parameters, `hidden.${i}`, states[i - 1] as Tensor));
  }
  return states;
}
