/**
 * The embedded fallback: WebAssembly with SIMD, which runs everywhere. tfjs gives it one thread under Node; our matrix
 * products use all. It lacks the kernels Conv2DBackpropFilter, Einsum and UnsortedSegmentSum (the gradient of gather).
 */
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join, sep } from 'node:path';

import { setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm';

import { findBackendFactory, ready, registerBackend, removeBackend, setBackend } from '../tf.ts';
import type { ActiveBackend } from './backend.ts';
import { registerCopyKernels } from './wasmCopyKernels.ts';
import { registerMatrixKernels } from './wasmMatrixKernels.ts';

const require = createRequire(import.meta.url);
const packageFolder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
const factory = findBackendFactory('wasm');
registerCopyKernels();
registerMatrixKernels();

/** Reads its binaries from the installed package, never from a network. */
export async function loadWasm(): Promise<ActiveBackend> {
  setWasmPaths(join(packageFolder, 'dist') + sep);
  await keepingProcessListeners(async () => {
    await setBackend('wasm');
    await ready();
  });
  return {
    name: 'wasm',
    device: cpus()[0]?.model ?? 'processor',
    version: `tfjs wasm ${version}`,
    threads: availableParallelism(),
    isEmulated: false,
    canCaptureSteps: false,
    nativeBinding: undefined,
    release: () => {
      removeBackend('wasm');
      // Only the import registers it, which happens once.
      registerBackend('wasm', factory);
    },
  };
}

/** Emscripten's start-up code rethrows every uncaught error of the whole process; its listeners are taken off again. */
async function keepingProcessListeners(start: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = new Map(events.map((event) => [event, process.rawListeners(event)]));
  await start();
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (before.get(event)?.includes(listener)) continue;
      process.removeListener(event, listener as () => void);
    }
  }
}
