/** The native backend: tfjs-node's kernels over the provisioned TensorFlow (CPU with oneDNN, or CUDA). */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import util from 'node:util';

import { StudioError } from '../../contract/errors.ts';
import type { NativeBinding } from '../captured/nativeBinding.ts';
import { findNativeEngine } from '../native/nativeEngine.ts';
import type { EngineVariant } from '../native/pins.ts';
import { registerBackend, removeBackend, type KernelBackend } from '../tf.ts';
import { threadCount, withThreadSettings } from '../threads.ts';
import type { ActiveBackend } from './backend.ts';

const require = createRequire(import.meta.url);

type KernelBackendConstructor = new (addon: NativeBinding, packageName: string) => KernelBackend;

/** Throws `engine-unavailable` when the engine was not provisioned or its libraries cannot be loaded. */
export function loadTensorflow(): ActiveBackend {
  const engine = findNativeEngine();
  if (!engine) {
    throw new StudioError(
      'engine-unavailable',
      'The native engine is not set up on this computer.',
      'Set it up with `npm run engine:install` or in the settings.',
    );
  }
  // TensorFlow reads these when it is loaded: errors only, no seizing of the whole graphics memory, and products that
  // compute on the calling thread too, so that one thread less must be woken.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  process.env['TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD'] ??= '1';
  const addon = withThreadSettings(() => loadAddon(engine.addonPath));
  const onGpu = addon.isUsingGpuDevice();
  const NodeKernelBackend = loadNodeKernels();
  registerBackend('tensorflow', () => new NodeKernelBackend(addon, '@tensorflow/tfjs-node-gpu'));
  return {
    name: 'tensorflow',
    device: deviceName(engine.variant, onGpu),
    version: `TensorFlow ${addon.TF_Version}`,
    threads: onGpu ? undefined : threadCount,
    isEmulated: false,
    canCaptureSteps: true,
    nativeBinding: addon,
    release: () => removeBackend('tensorflow'),
  };
}

function deviceName(variant: EngineVariant, onGpu: boolean): string {
  if (onGpu) return 'NVIDIA graphics processor (CUDA)';
  const processor = cpus()[0]?.model ?? 'processor';
  return variant === 'cuda'
    ? `${processor}, since CUDA found no graphics processor that it can use`
    : processor;
}

function loadAddon(path: string): NativeBinding {
  try {
    return require(path) as NativeBinding;
  } catch (error) {
    throw new StudioError(
      'engine-unavailable',
      `The native engine cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'Check it with `npm run doctor`; `npm run engine:install` makes it again.',
      { cause: error },
    );
  }
}

/** tfjs-node's own entry looks for its own addon, so its kernels are loaded past it. */
function loadNodeKernels(): KernelBackendConstructor {
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  const kernels = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as {
    NodeJSKernelBackend: KernelBackendConstructor;
  };
  return kernels.NodeJSKernelBackend;
}
