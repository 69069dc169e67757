/**
 * WebAssembly programs put together from nested expressions, with only the instructions that our kernels use. Byte
 * codes: WebAssembly Core Specification 3.0, chapter 5.
 */

/** Instructions, as bytes. */
export type Code = readonly number[];
/** The index of a local variable; a function's parameters come first. */
export type Local = number;
/** The index of an imported memory. */
export type MemoryIndex = number;

export const i32 = 0x7f;
export const v128 = 0x7b;

/** LEB128 of a whole number from 0. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const integer = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const isGreater = (a: Code, b: Code): Code => [...a, ...b, 0x4a];
/** Both alternatives are computed. */
export const choose = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b];
export const advance = (local: Local, distance: Code): Code => set(local, add(get(local), distance));

export const zeros: Code = [0xfd, 12, ...new Array<number>(16).fill(0)];
/** a·b + c in each of four lanes; rounded once where the processor fuses the two, else twice. */
export const multiplyAdd = (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, 0xfd, ...unsigned(0x105)];

/** Addresses are aligned to four bytes at least; memory 0 needs no index. */
function place(memory: MemoryIndex, offset: number): Code {
  const alignment = 2;
  return memory === 0
    ? [alignment, ...unsigned(offset)]
    : [alignment | 0x40, ...unsigned(memory), ...unsigned(offset)];
}

export const loadWord = (memory: MemoryIndex, address: Code, offset = 0): Code => [
  ...address,
  0x28,
  ...place(memory, offset),
];
export const storeWord = (memory: MemoryIndex, address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  0x36,
  ...place(memory, offset),
];
export const loadVector = (address: Code, offset: number): Code => [...address, 0xfd, 0, ...place(0, offset)];
/** One number in all four lanes. */
export const loadSplat = (address: Code, offset: number): Code => [...address, 0xfd, 9, ...place(0, offset)];
export const storeVector = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  0xfd,
  11,
  ...place(0, offset),
];

const VOID = 0x40;
const END = 0x0b;

/** Runs `body` once and again until `count`, which must be positive, is used up. */
export const repeat = (count: Local, body: Code): Code => [
  0x03,
  VOID,
  ...body,
  ...set(count, subtract(get(count), integer(1))),
  ...get(count),
  0x0d,
  0,
  END,
];

export const either = (condition: Code, yes: Code, no: Code): Code => [
  ...condition,
  0x04,
  VOID,
  ...yes,
  0x05,
  ...no,
  END,
];

export interface WasmFunction {
  readonly name: string;
  /** All of type i32. */
  readonly parameters: number;
  /** Types of the other local variables, which start at 0. */
  readonly locals: readonly number[];
  readonly body: Code;
}

export interface WasmMemoryImport {
  readonly name: string;
  /** Pages of the maximum, for a memory that threads share. */
  readonly sharedPages?: number;
}

const text = (value: string): Code => vector(Array.from(Buffer.from(value), (byte) => [byte]));
const section = (id: number, items: readonly Code[]): Code => {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
};

/** A module of functions without results, over memories that are imported from `env`. */
export function assemble(
  memories: readonly WasmMemoryImport[],
  functions: readonly WasmFunction[],
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters }) => [
        0x60,
        ...vector(Array.from({ length: parameters }, () => [i32])),
        0,
      ]),
    ),
    ...section(
      2,
      memories.map(({ name, sharedPages }) => [
        ...text('env'),
        ...text(name),
        2,
        ...(sharedPages === undefined ? [0, 0] : [3, 0, ...unsigned(sharedPages)]),
      ]),
    ),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map(({ locals, body }) => {
        const content = [...vector(locals.map((type) => [1, type])), ...body, END];
        return [...unsigned(content.length), ...content];
      }),
    ),
  ]);
}
