/**
 * A diffusion transformer (Peebles & Xie 2023) with one modulation network shared by all blocks
 * (adaLN-single, Chen et al. 2024) and class and caption conditions. Parameter names follow PixArt's.
 */
import { modulate } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../tensor/tf.ts';
import { captionEncoderSpecs, encodeCaptions, type CaptionEncoderConfig } from './captionEncoder.ts';
import { addGated, attend, hidden, linear, lookup, silu, siluLinear, timestepFeatures } from './layers.ts';
import { featureLayers, type Condition, type Network } from './network.ts';
import { linearSpecs, normal, prefixed, under, zeros, type ParameterSpecs } from './parameters.ts';

export interface DitConfig {
  readonly family: 'dit';
  /** Height and width of the square image or latent, pixels. */
  readonly size: number;
  readonly channels: number;
  readonly patch: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Number of classes, 0 for none. */
  readonly classes: number;
  readonly captions: CaptionEncoderConfig | null;
}

/** Two-dimensional sine and cosine position table, (tokens, width), rows first. */
function positionTable(side: number, width: number): Float32Array {
  const quarter = width / 4;
  const table = new Float32Array(side * side * width);
  for (let token = 0; token < side * side; token++) {
    for (let axis = 0; axis < 2; axis++) {
      const place = axis === 0 ? Math.floor(token / side) : token % side;
      for (let k = 0; k < quarter; k++) {
        const angle = place / 10000 ** (k / quarter);
        const at = token * width + 2 * axis * quarter + k;
        table[at] = Math.sin(angle);
        table[at + quarter] = Math.cos(angle);
      }
    }
  }
  return table;
}

function ditSpecs(config: DitConfig): ParameterSpecs {
  const { size, channels, patch, width, layers, classes, captions } = config;
  const side = size / patch;
  const patchLength = patch * patch * channels;
  const specs: Record<string, ParameterSpecs[string]> = {
    pos_embed: {
      shape: [side * side, width],
      initializer: { kind: 'values', values: positionTable(side, width) },
    },
    ...linearSpecs('x_embedder.proj', patchLength, width),
    ...linearSpecs('t_embedder.mlp.0', width, width),
    ...linearSpecs('t_embedder.mlp.2', width, width),
    ...linearSpecs('t_block.1', width, 6 * width, 0),
    'final_layer.scale_shift_table': zeros(2, width),
    ...linearSpecs('final_layer.linear', width, patchLength, 0),
  };
  if (classes > 0) specs['y_embedder.embedding_table.weight'] = normal(0.5, classes + 1, width);
  if (captions) Object.assign(specs, prefixed('caption_embedder', captionEncoderSpecs(captions, width)));
  for (let i = 0; i < layers; i++) {
    Object.assign(
      specs,
      { [`blocks.${i}.scale_shift_table`]: zeros(6, width) },
      linearSpecs(`blocks.${i}.attn.qkv`, width, 3 * width),
      linearSpecs(`blocks.${i}.attn.proj`, width, width),
      linearSpecs(`blocks.${i}.mlp.fc1`, width, 4 * width),
      linearSpecs(`blocks.${i}.mlp.fc2`, 4 * width, width),
    );
  }
  return specs;
}

/** (B, H, W, C) → (B, tokens, patch·patch·C). */
export function patchify(x: Tensor, patch: number): Tensor3D {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [rows, columns] = [height / patch, width / patch];
  return x
    .reshape([batch, rows, patch, columns, patch * channels])
    .transpose([0, 1, 3, 2, 4])
    .reshape([batch, rows * columns, patch * patch * channels]);
}

/** (B, tokens, patch·patch·C) → (B, size, size, C); the inverse of patchify. */
export function unpatchify(x: Tensor, patch: number, size: number, channels: number): Tensor {
  const batch = x.shape[0];
  const side = size / patch;
  return x
    .reshape([batch, side, side, patch, patch * channels])
    .transpose([0, 1, 3, 2, 4])
    .reshape([batch, size, size, channels]);
}

function embedCondition(
  config: DitConfig,
  parameters: NamedTensors,
  t: Tensor1D,
  condition: Condition,
): Tensor {
  const features = timestepFeatures(t, config.width);
  const time = linear(parameters, 't_embedder.mlp.2', siluLinear(parameters, 't_embedder.mlp.0', features));
  const parts: Tensor[] = [time];
  if (condition.classes) {
    parts.push(lookup(named(parameters, 'y_embedder.embedding_table.weight') as Tensor2D, condition.classes));
  }
  if (condition.captions && config.captions) {
    parts.push(encodeCaptions(config.captions, under(parameters, 'caption_embedder'), condition.captions));
  }
  return parts.reduce((sum, part) => sum.add(part)); // (B, D)
}

/** One transformer block under its adaptive norms and gates; h (B, T, D), modulation (B, 6, D). */
function block(
  { heads }: DitConfig,
  parameters: NamedTensors,
  name: string,
  h: Tensor,
  modulation: Tensor,
): Tensor {
  const table = named(parameters, `${name}.scale_shift_table`);
  const [shift1, scale1, gate1, shift2, scale2, gate2] = tf.split(modulation.add(table), 6, 1) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]; // each (B, 1, D)
  const attended = attend(parameters, `${name}.attn`, modulate(h, shift1, scale1), heads);
  const mixed = addGated(parameters, `${name}.attn.proj`, h, attended, gate1);
  const inner = hidden(parameters, `${name}.mlp`, modulate(mixed, shift2, scale2));
  return addGated(parameters, `${name}.mlp.fc2`, mixed, inner, gate2);
}

/** The tokens (B, T, D) after each block, and the embedding c (B, D) that modulates them. */
function blockStates(
  config: DitConfig,
  parameters: NamedTensors,
  x: Tensor,
  t: Tensor1D,
  condition: Condition,
): { c: Tensor; states: Tensor[] } {
  const { patch, width, layers } = config;
  const c = embedCondition(config, parameters, t, condition);
  const modulation = linear(parameters, 't_block.1', silu(c)).reshape([t.shape[0], 6, width]);
  let h: Tensor = linear(parameters, 'x_embedder.proj', patchify(x, patch)).add(
    named(parameters, 'pos_embed'),
  );
  const states: Tensor[] = [];
  for (let i = 0; i < layers; i++) {
    // What the backward pass does not need is freed block by block.
    h = tf.tidy(() => block(config, parameters, `blocks.${i}`, h, modulation));
    states.push(h);
  }
  return { c, states };
}

export function createDit(config: DitConfig): Network {
  const { size, channels, patch, width, layers, classes, captions } = config;
  return {
    config,
    sampleShape: [size, size, channels],
    specs: ditSpecs(config),
    conditioning: { classes, captionLength: captions?.length ?? 0 },
    layers,
    width,
    apply(parameters, x, t, condition) {
      const { c, states } = blockStates(config, parameters, x, t, condition);
      const last = named(parameters, 'final_layer.scale_shift_table').add(c.reshape([-1, 1, width]));
      const [shift, scale] = tf.split(last, 2, 1) as [Tensor, Tensor];
      const h = modulate(states.at(-1) as Tensor, shift, scale);
      return unpatchify(linear(parameters, 'final_layer.linear', h), patch, size, channels);
    },
    features(...inputs) {
      const { states } = blockStates(config, ...inputs);
      return featureLayers(layers).map((layer) => states[layer - 1] as Tensor);
    },
  };
}
