/**
 * Any vendor's graphics adapter through Dawn (Vulkan, Metal, Direct3D 12). Tensors can be read only asynchronously
 * (`data()`, never `dataSync()`).
 */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { version_core as version } from '@tensorflow/tfjs-core';

import { StudioError } from '../../contract/errors.ts';
import { registerBackend, removeBackend } from '../tf.ts';
import type { ActiveBackend } from './backend.ts';
import { registerSumOfMany } from './webgpuSum.ts';

registerSumOfMany();

/** Throws `engine-unavailable` when Dawn finds no adapter. */
export async function loadWebgpu(): Promise<ActiveBackend> {
  const gpu = await startDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    stopDawn(gpu);
    throw new StudioError(
      'engine-unavailable',
      'No graphics adapter with Vulkan, Metal or Direct3D 12 was found.',
      'Install the graphics driver of this computer; until then another backend computes.',
    );
  }
  const device = await adapter.requestDevice(describeDevice(adapter));
  // When the process ends before it is released; Dawn's threads outlive what they use otherwise.
  const destroy = () => device.destroy();
  process.once('exit', destroy);
  registerBackend('webgpu', () => new CheckedBackend(device, adapter.info));
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
      void close(gpu, device, destroy);
    },
  };
}

/** tfjs only prints what WebGPU refuses, and goes on with zeros: here the next reading fails. */
class CheckedBackend extends WebGPUBackend {
  private failure: string | undefined;

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    device.onuncapturederror = ({ error }) => {
      this.failure ??= error.message;
    };
    void device.lost.then(({ reason, message }) => {
      if (reason !== 'destroyed') this.failure ??= message;
    });
  }

  override async read(dataId: object) {
    const values = await super.read(dataId);
    if (this.failure === undefined) return values;
    throw new StudioError(
      'internal',
      `The graphics adapter did not compute what it was given: ${this.failure}`,
      'Choose another backend for this run; its last checkpoint is kept.',
    );
  }
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

/** Only its own, since another may have been started meanwhile. */
function stopDawn(gpu: GPU): void {
  if (globalThis.navigator.gpu === gpu) Reflect.deleteProperty(globalThis.navigator, 'gpu');
}

/** Lets the device finish what it computes; until then the process stays alive. */
async function close(gpu: GPU, device: GPUDevice, destroy: () => void): Promise<void> {
  await device.queue.onSubmittedWorkDone();
  process.removeListener('exit', destroy);
  destroy();
  await device.lost;
  stopDawn(gpu);
}

/** All that the adapter can do: the default limits are too small for a training batch. */
function describeDevice({ features, limits }: GPUAdapter): GPUDeviceDescriptor {
  const wanted: GPUFeatureName[] = ['timestamp-query', 'bgra8unorm-storage'];
  return {
    requiredFeatures: wanted.filter((feature) => features.has(feature)),
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}
