/**
 * The two WebAssembly programs of a matrix product: one lays factors out as panels, the other multiplies panels with
 * fused multiply-add, which tfjs's kernels were built without. Blocking after Goto & van de Geijn (2008).
 */
import {
  add,
  advance,
  assemble,
  choose,
  either,
  get,
  i32,
  integer,
  isGreater,
  loadSplat,
  loadVector,
  loadWord,
  multiplyAdd,
  repeat,
  set,
  storeVector,
  storeWord,
  v128,
  zeros,
  type Code,
  type WasmFunction,
} from './wasmAssembly.ts';

/** Rows and columns of the tile that stays in registers: 12 sums, two columns' vectors and a number, of 16 registers. */
export const TILE_ROWS = 6;
export const TILE_COLUMNS = 8;
/** Pages of the panels' memory at most, of 64 KiB. */
export const MOST_PAGES = 16_384;

const VECTORS = TILE_COLUMNS / 4;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Copies from memory 0, the tensors', to memory 1, the panels'. */
export interface PanelPacker {
  packRows: Pack;
  packColumns: Pack;
}

/**
 * Writes one panel, (depth, lines) with as many lines as a tile has; addresses and strides in bytes. Where `count` is
 * smaller than a panel's lines, the last line is repeated.
 */
type Pack = (
  panel: number,
  source: number,
  depth: number,
  depthStride: number,
  count: number,
  lineStride: number,
) => void;

export interface PanelMultiplier {
  /**
   * Multiplies a panel of rows with `columnPanels` panels of columns: `product`, rows `productStride` bytes apart,
   * becomes their product, or grows by it. `skip` bytes lie between the end of one panel's part and the next's start.
   */
  multiply(
    rowPanel: number,
    columns: number,
    product: number,
    depth: number,
    productStride: number,
    columnPanels: number,
    skip: number,
    accumulate: number,
  ): void;
}

function pack(name: string, lines: number): WasmFunction {
  const [panel, source, depth, depthStride, count, lineStride] = [0, 1, 2, 3, 4, 5];
  const cursors = numbers(lines).map((line) => 6 + line);
  return {
    name,
    parameters: 6,
    locals: cursors.map(() => i32),
    body: [
      ...cursors.flatMap((cursor, line) =>
        set(
          cursor,
          line === 0
            ? get(source)
            : add(get(cursor - 1), choose(isGreater(get(count), integer(line)), get(lineStride), integer(0))),
        ),
      ),
      ...repeat(depth, [
        ...cursors.flatMap((cursor, line) => storeWord(1, get(panel), loadWord(0, get(cursor)), 4 * line)),
        ...cursors.flatMap((cursor) => advance(cursor, get(depthStride))),
        ...advance(panel, integer(4 * lines)),
      ]),
    ],
  };
}

function multiply(): WasmFunction {
  const [rowPanel, columns, product, depth, productStride, columnPanels, skip, accumulate] = numbers(8) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [left, row, remaining] = [8, 9, 10];
  const column = numbers(VECTORS).map((index) => 11 + index);
  const number = 11 + VECTORS;
  const sums = numbers(TILE_ROWS).map((i) => numbers(VECTORS).map((j) => number + 1 + i * VECTORS + j));
  /** Does something with each row of sums, `row` at its place in the product. */
  const rows = (act: (sum: number, offset: number) => Code): Code => [
    ...set(row, get(product)),
    ...sums.flatMap((line) => [
      ...line.flatMap((sum, j) => act(sum, 16 * j)),
      ...advance(row, get(productStride)),
    ]),
  ];
  return {
    name: 'multiply',
    parameters: 8,
    locals: [i32, i32, i32, ...column.map(() => v128), v128, ...sums.flat().map(() => v128)],
    body: repeat(columnPanels, [
      ...either(
        get(accumulate),
        rows((sum, offset) => set(sum, loadVector(get(row), offset))),
        sums.flat().flatMap((sum) => set(sum, zeros)),
      ),
      ...set(left, get(rowPanel)),
      ...set(remaining, get(depth)),
      ...repeat(remaining, [
        ...column.flatMap((vector, j) => set(vector, loadVector(get(columns), 16 * j))),
        ...sums.flatMap((line, i) => [
          ...set(number, loadSplat(get(left), 4 * i)),
          ...line.flatMap((sum, j) => set(sum, multiplyAdd(get(number), get(column[j] ?? 0), get(sum)))),
        ]),
        ...advance(left, integer(4 * TILE_ROWS)),
        ...advance(columns, integer(4 * TILE_COLUMNS)),
      ]),
      ...rows((sum, offset) => storeVector(get(row), get(sum), offset)),
      ...advance(columns, get(skip)),
      ...advance(product, integer(4 * TILE_COLUMNS)),
    ]),
  };
}

const panels = { name: 'panels', sharedPages: MOST_PAGES };

export const packerCode = () =>
  assemble([{ name: 'heap' }, panels], [pack('packRows', TILE_ROWS), pack('packColumns', TILE_COLUMNS)]);

export const multiplierCode = () => assemble([panels], [multiply()]);
