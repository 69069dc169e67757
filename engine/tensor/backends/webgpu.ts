/**
 * Any vendor's graphics adapter through Dawn (Vulkan, Metal, Direct3D 12). Tensors can be read only asynchronously
 * (`data()`, never `dataSync()`).
 */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { version_core as version } from '@tensorflow/tfjs-core';

import { StudioError } from '../../contract/errors.ts';
import { registerBackend, removeBackend } from '../tf.ts';
import type { ActiveBackend } from './backend.ts';

/** Throws `engine-unavailable` when Dawn finds no adapter. */
export async function loadWebgpu(): Promise<ActiveBackend> {
  const gpu = await startDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    stopDawn();
    throw new StudioError(
      'engine-unavailable',
      'No graphics adapter with Vulkan, Metal or Direct3D 12 was found.',
      'Install the graphics driver of this computer; until then another backend computes.',
    );
  }
  const device = await adapter.requestDevice(describeDevice(adapter));
  registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  const { vendor, architecture, description } = adapter.info;
  return {
    name: 'webgpu',
    device: description || `${vendor} ${architecture}`.trim() || 'graphics adapter',
    version: `tfjs webgpu ${version}`,
    threads: undefined,
    isEmulated: adapter.info.isFallbackAdapter,
    canCaptureSteps: false,
    nativeBinding: undefined,
    release: () => {
      removeBackend('webgpu');
      device.destroy();
      stopDawn();
    },
  };
}

/** tfjs looks for `navigator.gpu`; Dawn lives, and keeps the process alive, as long as something refers to it. */
async function startDawn(): Promise<GPU> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    const gpu = create([]);
    Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
    return gpu;
  } catch (error) {
    throw new StudioError(
      'engine-unavailable',
      `WebGPU cannot be started: ${error instanceof Error ? error.message : String(error)}`,
      'Another backend computes in its place.',
      { cause: error },
    );
  }
}

function stopDawn(): void {
  Reflect.deleteProperty(globalThis.navigator, 'gpu');
}

/** All that the adapter can do: the default limits are too small for a training batch. */
function describeDevice({ features, limits }: GPUAdapter): GPUDeviceDescriptor {
  const wanted: GPUFeatureName[] = ['timestamp-query', 'bgra8unorm-storage'];
  return {
    requiredFeatures: wanted.filter((feature) => features.has(feature)),
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}
