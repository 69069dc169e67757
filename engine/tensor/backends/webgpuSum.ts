/** Sums of many tensors on webgpu: tfjs binds all of them to one shader, which adapters refuse beyond a few. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

import { AddN, type NamedTensorInfoMap, type TensorInfo } from '../tf.ts';
import { replaceKernel, type Call } from './ownKernel.ts';

/** tfjs hands the kernel a list as if it were named tensors. */
type Terms = NamedTensorInfoMap & readonly TensorInfo[];

export function registerSumOfMany(): void {
  replaceKernel({
    backend: 'webgpu',
    name: AddN,
    run: ({ inputs, backend }: Call<WebGPUBackend, Terms>, sum) => {
      // One of the buffers that a shader may bind is the sum's.
      const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
      const add = (terms: readonly TensorInfo[]) => sum({ inputs: terms as Terms, backend }) as TensorInfo;
      let total = add(inputs.slice(0, most));
      for (let start = most; start < inputs.length; start += most - 1) {
        const before = total;
        total = add([before, ...inputs.slice(start, start + most - 1)]);
        backend.disposeData(before.dataId);
      }
      return total;
    },
  });
}
