/** A multilayer perceptron for the two-dimensional toys. */
import { perceptron, swish, type Linear } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D } from '../tensor/tf.ts';
import { siluLinear, timestepFeatures } from './layers.ts';
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
    apply: (parameters, x, t, condition) =>
      perceptron(inputsOf(config, x, t, condition), [
        firstLayer(parameters, condition),
        ...hiddenNames(layers).map((name) => layer(parameters, name)),
        layer(parameters, 'output'),
      ]),
    features(parameters, x, t, condition) {
      const { weight, bias } = firstLayer(parameters, condition);
      let h = swish(tf.matMul(inputsOf(config, x, t, condition), weight, false, true), bias, 1);
      const states = [h];
      for (const name of hiddenNames(layers)) states.push((h = siluLinear(parameters, name, h)));
      return featureLayers(layers).map((layer) => (states[layer - 1] as Tensor).expandDims(1));
    },
  };
}

const hiddenNames = (layers: number): string[] =>
  Array.from({ length: layers - 1 }, (_, i) => `hidden.${i + 1}`);

const layer = (parameters: NamedTensors, name: string): Linear => ({
  weight: named(parameters, `${name}.weight`) as Tensor2D,
  bias: named(parameters, `${name}.bias`),
});

/** Point, features of the time and the class as a one-hot row, (B, inputs). */
function inputsOf({ classes }: MlpConfig, x: Tensor, t: Tensor1D, condition: Condition): Tensor2D {
  const parts: Tensor2D[] = [x as Tensor2D, timestepFeatures(t, TIME_FEATURES)];
  if (condition.classes) parts.push(tf.oneHot(condition.classes, classes + 1).toFloat() as Tensor2D);
  return tf.concat(parts, 1);
}

/** The layer `input`, and the table of classes as the weights of the one-hot row. */
function firstLayer(parameters: NamedTensors, condition: Condition): Linear {
  const { weight, bias } = layer(parameters, 'input');
  if (!condition.classes) return { weight, bias };
  const table = named(parameters, 'y_embedder.embedding_table.weight') as Tensor2D;
  return { weight: tf.concat([weight, tf.transpose(table)], 1), bias };
}
