/**
 * Numbers of 16 bits: IEEE half precision (F16) and bfloat16 (BF16), to and from 32-bit floats.
 * Rounds to the nearest value, ties to even; overflow gives infinity, NaN stays NaN.
 */

import { StudioError } from '../contract/errors.ts';
import type { ArrayRecord } from './safetensors.ts';

/** The array's values; F32 shares the record's memory where it is aligned. Throws 'file-invalid' for other types. */
export function toFloat32({ dtype, data }: ArrayRecord): Float32Array {
  switch (dtype) {
    case 'F32': {
      const { buffer, byteOffset, length } = data.byteOffset % 4 === 0 ? data : data.slice();
      return new Float32Array(buffer, byteOffset, length / 4);
    }
    case 'F16':
      return new Float32Array(words(data)).map(halfToFloat);
    case 'BF16':
      return new Float32Array(new Uint32Array(words(data)).map((bits) => bits << 16).buffer);
    case 'BOOL':
    case 'U8':
    case 'I8':
    case 'F8_E5M2':
    case 'F8_E4M3':
    case 'I16':
    case 'U16':
    case 'I32':
    case 'U32':
    case 'F64':
    case 'I64':
    case 'U64':
      throw new StudioError(
        'file-invalid',
        `The model holds an array of type ${dtype} where it needs F32, F16 or BF16.`,
        'Save the model with one of these types.',
      );
  }
}

/** A record of `values` (row-major, as many as `shape` says); F32 shares their memory. */
export function fromFloat32(
  values: Float32Array,
  shape: readonly number[],
  dtype: 'F32' | 'F16' | 'BF16' = 'F32',
): ArrayRecord {
  if (dtype === 'F32') return { dtype, shape, data: bytesOf(values) };
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return {
    dtype,
    shape,
    data: bytesOf(new Uint16Array(bits.map(dtype === 'F16' ? floatToHalf : floatToBrain))),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function words(data: Uint8Array): Uint16Array {
  const { buffer, byteOffset, length } = data.byteOffset % 2 === 0 ? data : data.slice();
  return new Uint16Array(buffer, byteOffset, length / 2);
}

/** F16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** `bits`: those of a 32-bit float (1 sign, 8 exponent with bias 127, 23 fraction bits). */
function floatToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // from 65520: infinity
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude); // below 2^-14
  const rebiased = magnitude - ((127 - 15) << 23);
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}

/** A magnitude below 2^-14 as a multiple of 2^-24; one that rounds up to 2^-14 carries into the exponent. */
function subnormalHalf(magnitude: number): number {
  const exponent = magnitude >>> 23;
  const dropped = 126 - exponent; // bits behind the last one kept, of the 24-bit significand
  if (exponent === 0 || dropped > 24) return 0;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return (significand + (2 ** (dropped - 1) - 1) + ((significand >>> dropped) & 1)) >>> dropped;
}

function floatToBrain(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // NaN stays quiet
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
