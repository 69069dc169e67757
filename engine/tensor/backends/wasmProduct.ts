/** Matrix products of tensors in the wasm backend's memory, on all processors. */
import { Worker } from 'node:worker_threads';

import {
  multiplierCode,
  packerCode,
  MOST_PAGES,
  TILE_COLUMNS,
  TILE_ROWS,
  type PanelMultiplier,
  type PanelPacker,
} from './wasmProductCode.ts';
import type { ThreadData } from './wasmProductThread.ts';
import { CACHED_DEPTH, computeTogether, CONTROL_BYTES } from './wasmTasks.ts';

/** Matrices in the tensors' memory; address and strides in bytes. */
export interface Matrices {
  readonly address: number;
  /** From one matrix to the next; 0 where all products share one. */
  readonly batchStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** (batches, rows, depth) · (batches, depth, columns) → (batches, rows, columns). */
export interface ProductShape {
  readonly batches: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
}

/** Of one job: bounds the memory that panels need. Multiples of the tile's and of the cached depth. */
const MOST_ROWS = 512 * TILE_ROWS;
const MOST_DEPTH = 4 * CACHED_DEPTH;
const PAGE = 65_536;

export class WasmProduct {
  private readonly heap: WebAssembly.Memory;
  private readonly panels = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  private readonly control = new Int32Array(this.panels.buffer, 0, CONTROL_BYTES / 4);
  private readonly packer: PanelPacker;
  private readonly multiplier: PanelMultiplier;
  private readonly threads: readonly Worker[];

  /** `heap` is the tensors' memory; `threads` counts the calling one. */
  constructor(heap: WebAssembly.Memory, threads: number) {
    this.heap = heap;
    const { panels } = this;
    const instantiate = (module: WebAssembly.Module): object =>
      new WebAssembly.Instance(module, { env: { heap, panels } }).exports;
    const multiplier = new WebAssembly.Module(multiplierCode());
    this.packer = instantiate(new WebAssembly.Module(packerCode())) as PanelPacker;
    this.multiplier = instantiate(multiplier) as PanelMultiplier;
    const workerData: ThreadData = { panels, multiplier };
    this.threads = Array.from({ length: threads - 1 }, () => {
      const thread = new Worker(new URL('./wasmProductThread.ts', import.meta.url), { workerData });
      thread.unref();
      return thread;
    });
  }

  /** Writes a·b to `product`, contiguous at that address. */
  multiply(shape: ProductShape, a: Matrices, b: Matrices, product: number): void {
    const { rows } = shape;
    const batchesAtOnce = Math.max(1, Math.floor(MOST_ROWS / rows));
    for (let batch = 0; batch < shape.batches; batch += batchesAtOnce) {
      const batches = Math.min(batchesAtOnce, shape.batches - batch);
      for (let row = 0; row < rows; row += MOST_ROWS) {
        const part = { ...shape, batches, rows: Math.min(MOST_ROWS, rows - row) };
        const from = batch * a.batchStride + row * a.rowStride;
        this.multiplyPart(
          part,
          { ...a, address: a.address + from },
          { ...b, address: b.address + batch * b.batchStride },
          product + 4 * shape.columns * (batch * rows + row),
        );
      }
    }
  }

  terminate(): void {
    for (const thread of this.threads) void thread.terminate();
  }

  private multiplyPart(shape: ProductShape, a: Matrices, b: Matrices, product: number): void {
    const rowPanels = Math.ceil(shape.rows / TILE_ROWS);
    const columnPanels = Math.ceil(shape.columns / TILE_COLUMNS);
    const mostDepth = Math.min(MOST_DEPTH, shape.depth);
    const batchesOfA = a.batchStride === 0 ? 1 : shape.batches;
    const batchesOfB = b.batchStride === 0 ? 1 : shape.batches;
    const aBytes = 4 * TILE_ROWS * rowPanels * mostDepth;
    const bBytes = 4 * TILE_COLUMNS * columnPanels * mostDepth;
    const productBytes = 4 * TILE_ROWS * rowPanels * TILE_COLUMNS * columnPanels;
    const aPanels = CONTROL_BYTES;
    const bPanels = aPanels + batchesOfA * aBytes;
    const products = bPanels + batchesOfB * bBytes;
    this.reserve(products + shape.batches * productBytes);
    for (let start = 0; start < shape.depth; start += MOST_DEPTH) {
      const depth = Math.min(MOST_DEPTH, shape.depth - start);
      for (let batch = 0; batch < batchesOfA; batch++) {
        const address = a.address + batch * a.batchStride + start * a.columnStride;
        this.packRows(aPanels + batch * aBytes, { ...a, address }, shape.rows, depth);
      }
      for (let batch = 0; batch < batchesOfB; batch++) {
        const address = b.address + batch * b.batchStride + start * b.rowStride;
        this.packColumns(bPanels + batch * bBytes, { ...b, address }, shape.columns, depth);
      }
      const job = {
        batches: shape.batches,
        rowPanels,
        columnPanels,
        depth,
        a: aPanels,
        b: bPanels,
        product: products,
        aStride: batchesOfA === 1 ? 0 : aBytes,
        bStride: batchesOfB === 1 ? 0 : bBytes,
        productStride: productBytes,
        accumulate: start > 0 ? 1 : 0,
      };
      computeTogether(this.control, job, this.multiplier);
    }
    this.unpack(shape, products, TILE_COLUMNS * columnPanels, productBytes, product);
  }

  private packRows(panels: number, matrix: Matrices, rows: number, depth: number): void {
    const { address, rowStride, columnStride } = matrix;
    for (let row = 0; row < rows; row += TILE_ROWS) {
      const source = address + row * rowStride;
      this.packer.packRows(panels + 4 * row * depth, source, depth, columnStride, rows - row, rowStride);
    }
  }

  private packColumns(panels: number, matrix: Matrices, columns: number, depth: number): void {
    const { address, rowStride, columnStride } = matrix;
    for (let column = 0; column < columns; column += TILE_COLUMNS) {
      const source = address + column * columnStride;
      const panel = panels + 4 * column * depth;
      this.packer.packColumns(panel, source, depth, rowStride, columns - column, columnStride);
    }
  }

  /** Copies products without the rows and columns that only fill tiles. */
  private unpack(shape: ProductShape, from: number, width: number, stride: number, to: number): void {
    const { batches, rows, columns } = shape;
    const heap = new Float32Array(this.heap.buffer);
    const panels = new Float32Array(this.panels.buffer);
    for (let batch = 0; batch < batches; batch++) {
      const source = (from + batch * stride) / 4;
      const target = to / 4 + batch * rows * columns;
      if (width === columns) {
        heap.set(panels.subarray(source, source + rows * columns), target);
        continue;
      }
      for (let row = 0; row < rows; row++) {
        const start = source + row * width;
        heap.set(panels.subarray(start, start + columns), target + row * columns);
      }
    }
  }

  private reserve(bytes: number): void {
    const missing = Math.ceil((bytes - this.panels.buffer.byteLength) / PAGE);
    if (missing > 0) this.panels.grow(missing);
  }
}
