/** What captured steps multiply matrices in: as a recipe asks, or as a measurement on this device says. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { StudioError } from '../contract/errors.ts';
import type { Precision } from '../contract/recipe.ts';
import { fastest } from './backends/probe.ts';
import { createProbeStep, type ProbeSize } from './backends/probeStep.ts';
import { measurementPath } from './backends/selectionReport.ts';
import { nativeKernels } from './residentState.ts';
import type { ProductType } from './step.ts';
import type { Tensor } from './tf.ts';

export interface PrecisionChoice {
  readonly products: ProductType;
  /** One sentence for people. */
  readonly reason: string;
}

const measurementSchema = z.strictObject({
  /** Milliseconds of a training step. */
  float32: z.number(),
  bfloat16: z.number(),
  /** ‖g − g₃₂‖ ÷ ‖g₃₂‖ of the gradients g in bfloat16. */
  gradientError: z.number(),
});
export type PrecisionMeasurement = z.infer<typeof measurementSchema>;

/** bfloat16 keeps 8 bits: each product is off by up to 2⁻⁸ of its factors, and a sound gradient by about as much. */
const LARGEST_ERROR = 0.02;
/** A gain below this is not worth rounding for. */
const LARGEST_RATIO = 0.9;
/** Products large enough to be what a step's time goes into. */
const PROBE: ProbeSize = { batch: 16, tokens: 64, width: 256 };

/**
 * The first `auto` on a device measures for some seconds; later ones read what was kept.
 *
 * @throws StudioError 'engine-unavailable' for bfloat16 where steps are not captured.
 */
export async function choosePrecision(asked: Precision): Promise<PrecisionChoice> {
  if (asked === 'float32') return { products: 'float32', reason: 'float32, as the recipe asks.' };
  if (!nativeKernels()) {
    if (asked === 'auto')
      return { products: 'float32', reason: 'float32, all that this backend computes in.' };
    throw new StudioError(
      'engine-unavailable',
      'The recipe asks for bfloat16, which only the native engine computes in.',
      'Set training.precision to auto, or set up the native engine with `npm run engine:install`.',
    );
  }
  if (asked === 'bfloat16') return { products: 'bfloat16', reason: 'bfloat16, as the recipe asks.' };
  return judge(readMeasurement() ?? (await measureAndKeep()));
}

/** The rule of `auto`. */
export function judge({ float32, bfloat16, gradientError }: PrecisionMeasurement): PrecisionChoice {
  const ratio = bfloat16 / float32;
  const error = `${(100 * gradientError).toFixed(1)} %`;
  const facts = `here a step in bfloat16 takes ${ratio.toFixed(2)} of float32's time, its gradient off by ${error}`;
  const isBetter = ratio <= LARGEST_RATIO && gradientError <= LARGEST_ERROR;
  const products = isBetter ? 'bfloat16' : 'float32';
  return { products, reason: `${products}, as measured: ${facts}.` };
}

export async function measurePrecisions(size = PROBE): Promise<PrecisionMeasurement> {
  const [wide, narrow] = [createProbeStep(size), createProbeStep(size, 'bfloat16')];
  const expected = await valuesOf(wide.run());
  const actual = await valuesOf(narrow.run());
  const difference = actual.map((value, i) => value - (expected[i] ?? NaN));
  const measurement = {
    float32: await fastest(() => wide.run()),
    bfloat16: await fastest(() => narrow.run()),
    gradientError: norm(difference) / norm(expected),
  };
  wide.dispose();
  narrow.dispose();
  return measurement;
}

async function measureAndKeep(): Promise<PrecisionMeasurement> {
  const measurement = await measurePrecisions();
  const path = measurementPath('precision');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(measurement));
  return measurement;
}

/** Undefined where there is none that can be read. */
function readMeasurement(): PrecisionMeasurement | undefined {
  try {
    return measurementSchema.parse(JSON.parse(readFileSync(measurementPath('precision'), 'utf8')));
  } catch {
    return undefined;
  }
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

async function valuesOf(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
