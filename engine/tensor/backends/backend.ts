/** What a tensor backend is, and the one way to make one active. Choosing among them is `selectBackend.ts`. */
import { StudioError } from '../../contract/errors.ts';
import type { NativeBinding } from '../captured/nativeBinding.ts';
import { setBackend } from '../tf.ts';
// Registers every gradient and the chained operations; tfjs-core alone has neither.
import '@tensorflow/tfjs';

/** Best first, as long as nothing was measured. */
export const backendNames = ['tensorflow', 'webgpu', 'wasm'] as const;

export type BackendName = (typeof backendNames)[number];

export interface ActiveBackend {
  readonly name: BackendName;
  /** What computes, for people: a processor's or graphics adapter's name. */
  readonly device: string;
  /** Of the library that computes, e.g. `TensorFlow 2.18.1`. */
  readonly version: string;
  /** Processor threads that it uses; undefined on a graphics adapter. */
  readonly threads: number | undefined;
  /** Whether a graphics adapter is only imitated by the processor: right, but far too slow to train with. */
  readonly isEmulated: boolean;
  /** Whether a whole step can be recorded and run as one native graph. */
  readonly canCaptureSteps: boolean;
  /** The addon of the tensorflow backend, for the recorder and for counting native tensors. */
  readonly nativeBinding: NativeBinding | undefined;
  /** Frees the backend with all its tensors, so that the process can end; it can be activated again. */
  release(): void;
}

const loaded = new Map<BackendName, ActiveBackend>();

/**
 * Loads a backend and makes it the one that tfjs uses. Every call after the first only switches. Throws
 * `engine-unavailable` with the reason when it cannot run here; what was active then stays active.
 */
export async function activateBackend(name: BackendName): Promise<ActiveBackend> {
  let backend = loaded.get(name);
  if (!backend) {
    const fresh = await loadBackend(name);
    backend = {
      ...fresh,
      release: () => {
        loaded.delete(name);
        fresh.release();
      },
    };
    loaded.set(name, backend);
  }
  if (await setBackend(name)) return backend;
  backend.release();
  throw new StudioError(
    'engine-unavailable',
    `The ${name} backend was found, but does not start on ${backend.device}.`,
    'Update the driver of that device, or choose another backend.',
  );
}

async function loadBackend(name: BackendName): Promise<ActiveBackend> {
  switch (name) {
    case 'tensorflow':
      return (await import('./tensorflow.ts')).loadTensorflow();
    case 'webgpu':
      return (await import('./webgpu.ts')).loadWebgpu();
    case 'wasm':
      return (await import('./wasm.ts')).loadWasm();
  }
}
