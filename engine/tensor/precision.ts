/** What captured steps multiply matrices in: as a recipe asks, or as a measurement on this device says. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { StudioError } from '../contract/errors.ts';
import type { Precision } from '../contract/recipe.ts';
import { fastest } from './backends/probe.ts';
import { createProbeStep, type ProbeSize } from './backends/probeStep.ts';
import { measurementPath } from './backends/selectionReport.ts';
import { isNativeProcessor, nativeKernels } from './residentState.ts';
import type { ProductType } from './step.ts';
import type { Tensor } from './tf.ts';

export interface PrecisionChoice {
  readonly products: ProductType;
  /** One sentence for people. */
  readonly reason: string;
}

const narrowTypes = ['bfloat16', 'float16'] as const;
type NarrowType = (typeof narrowTypes)[number];

const narrowSchema = z.strictObject({
  products: z.enum(narrowTypes),
  milliseconds: z.number(),
  /** ‖g − g₃₂‖ ÷ ‖g₃₂‖ of its gradients g. */
  gradientError: z.number(),
});
const failureSchema = z.strictObject({ products: z.enum(narrowTypes), failure: z.string() });

const measurementSchema = z.strictObject({
  /** Milliseconds of a training step. */
  float32: z.number(),
  /** In the order in which they are taken. */
  narrow: z.array(narrowSchema.or(failureSchema)),
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
 * @throws StudioError 'engine-unavailable' for 16 bits where steps are not captured.
 */
export async function choosePrecision(asked: Precision): Promise<PrecisionChoice> {
  if (asked === 'float32') return { products: 'float32', reason: 'float32, as the recipe asks.' };
  if (!nativeKernels()) {
    if (asked === 'auto')
      return { products: 'float32', reason: 'float32, all that this backend computes in.' };
    throw new StudioError(
      'engine-unavailable',
      `The recipe asks for ${asked}, which only the native engine computes in.`,
      'Set training.precision to auto, or set up the native engine with `npm run engine:install`.',
    );
  }
  if (asked !== 'auto') return { products: asked, reason: `${asked}, as the recipe asks.` };
  return judge(readMeasurement() ?? (await measureAndKeep()));
}

/** The rule of `auto`: the first type that is faster than float32 and as good. */
export function judge({ float32, narrow }: PrecisionMeasurement): PrecisionChoice {
  const better = narrow.find(
    (one) =>
      'milliseconds' in one &&
      one.milliseconds <= LARGEST_RATIO * float32 &&
      one.gradientError <= LARGEST_ERROR,
  );
  const facts = narrow.map((one) => {
    if ('failure' in one) return `a step in ${one.products} fails (${one.failure})`;
    const [ratio, error] = [(one.milliseconds / float32).toFixed(2), (100 * one.gradientError).toFixed(1)];
    return `a step in ${one.products} takes ${ratio} of float32's time, its gradient off by ${error} %`;
  });
  const products = better?.products ?? 'float32';
  return { products, reason: `${products}, as measured: here ${facts.join('; ')}.` };
}

/** A type after the first is measured where the ones before it are not taken, and products in it are the device's own. */
export async function measurePrecisions(
  size = PROBE,
  types: readonly NarrowType[] = isNativeProcessor() ? ['bfloat16'] : narrowTypes,
): Promise<PrecisionMeasurement> {
  const wide = createProbeStep(size);
  const expected = await valuesOf(wide.run());
  const measurement: PrecisionMeasurement = { float32: await fastest(() => wide.run()), narrow: [] };
  wide.dispose();
  for (const products of types) {
    if (judge(measurement).products !== 'float32') break;
    measurement.narrow.push(await measureType(size, products, expected));
  }
  return measurement;
}

/** Devices without products of a type refuse them only when they are asked for some. */
async function measureType(size: ProbeSize, products: NarrowType, expected: Float32Array) {
  const probe = createProbeStep(size, products);
  try {
    const actual = await valuesOf(probe.run());
    const difference = actual.map((value, i) => value - (expected[i] ?? NaN));
    const milliseconds = await fastest(() => probe.run());
    return { products, milliseconds, gradientError: norm(difference) / norm(expected) };
  } catch (error) {
    return { products, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    probe.dispose();
  }
}

/** Of processes that measure at once the first decides for all, so that a run goes on as it began. */
async function measureAndKeep(): Promise<PrecisionMeasurement> {
  const measurement = await measurePrecisions();
  const kept = readMeasurement();
  if (kept) return kept;
  const path = measurementPath('precision');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(measurement));
  renameSync(`${path}.${process.pid}`, path);
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
