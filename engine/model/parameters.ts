/** A model's parameters: tensors under the names that its safetensors file uses, with their initial values. */
import { randomNormal } from '../tensor/random.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { dispose, tensor } from '../tensor/tf.ts';

/** How one parameter starts. */
export type Initializer =
  | { readonly kind: 'zeros' }
  /** Normal with this standard deviation. */
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'values'; readonly values: Float32Array };

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

export const zeros = (...shape: number[]): ParameterSpec => ({ shape, initializer: { kind: 'zeros' } });
export const normal = (deviation: number, ...shape: number[]): ParameterSpec => ({
  shape,
  initializer: { kind: 'normal', deviation },
});

/** A linear layer's `weight` [out, in] and `bias` [out], as PyTorch stores them; LeCun normal by default. */
export function linearSpecs(
  name: string,
  inputs: number,
  outputs: number,
  deviation = 1 / Math.sqrt(inputs),
) {
  return {
    [`${name}.weight`]: deviation === 0 ? zeros(outputs, inputs) : normal(deviation, outputs, inputs),
    [`${name}.bias`]: zeros(outputs),
  };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function countParameters(specs: ParameterSpecs): number {
  return Object.values(specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Host values of every parameter, a pure function of the seed. */
export function initialValues(specs: ParameterSpecs, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, initializer }], index) => {
      const length = sizeOf(shape);
      switch (initializer.kind) {
        case 'zeros':
          return [name, new Float32Array(length)];
        case 'values':
          return [name, initializer.values];
        case 'normal': {
          const draws = randomNormal({ seed, purpose: 'initialization', step: 0, index }, length);
          return [name, draws.map((value) => value * initializer.deviation)];
        }
      }
    }),
  );
}

/** Uploads host values in the specs' shapes; the caller disposes the tensors. */
export function toTensors(
  specs: ParameterSpecs,
  values: Readonly<Record<string, Float32Array>>,
): NamedTensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const data = values[name];
      if (!data) throw new Error(`parameter ${name} has no value`);
      return [name, tensor(data, [...shape], 'float32')];
    }),
  );
}

/** Host copies of the tensors, which it disposes. */
export function toHost(tensors: NamedTensors): Record<string, Float32Array> {
  const values = Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [name, value.dataSync<'float32'>().slice()]),
  );
  dispose(tensors);
  return values;
}

/** The parameters under `prefix.`, with the prefix removed. */
export function under<T>(parameters: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  const start = `${prefix}.`;
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(start))
      .map(([name, value]) => [name.slice(start.length), value]),
  );
}

/** The same parameters with `prefix.` before each name. */
export function prefixed<T>(prefix: string, parameters: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`${prefix}.${name}`, value]));
}
