/** The program of a thread that helps with matrix products; see wasmTasks.ts. */
import { workerData } from 'node:worker_threads';

import type { PanelMultiplier } from './wasmProductCode.ts';
import { CONTROL_BYTES, helpForever } from './wasmTasks.ts';

export interface ThreadData {
  readonly panels: WebAssembly.Memory;
  readonly multiplier: WebAssembly.Module;
}

const { panels, multiplier } = workerData as ThreadData;
const { exports } = new WebAssembly.Instance(multiplier, { env: { panels } });
helpForever(new Int32Array(panels.buffer, 0, CONTROL_BYTES / 4), exports as PanelMultiplier);
