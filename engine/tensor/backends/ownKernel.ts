/** A kernel that takes the place of tfjs's where that is slow or wrong, and otherwise leaves the call to it. */
import { getKernel, registerKernel, unregisterKernel, type KernelFunc, type TensorInfo } from '../tf.ts';
import type { BackendName } from './backend.ts';

/** What a kernel is given; `Inputs` are tensors by name. */
export interface Call<Backend, Inputs, Attributes = unknown> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: Backend;
}

type Result = TensorInfo | TensorInfo[];

export interface OwnKernel<Backend, Inputs, Attributes> {
  readonly backend: BackendName;
  readonly name: string;
  /** The result, or undefined for a call that stays with tfjs's kernel, which `run` may call itself too. */
  readonly run: (call: Call<Backend, Inputs, Attributes>, theirs: KernelFunc) => Result | undefined;
  /** Called with each backend that is created, and when it is removed. */
  readonly setUp?: (backend: Backend) => void;
  readonly dispose?: () => void;
}

/** Takes effect on backends that are created afterwards. */
export function replaceKernel<Backend, Inputs, Attributes>(
  ours: OwnKernel<Backend, Inputs, Attributes>,
): void {
  const theirs = getKernel(ours.name, ours.backend);
  // tfjs sets kernels up again with each switch to their backend.
  let prepared: unknown;
  unregisterKernel(ours.name, ours.backend);
  registerKernel({
    ...theirs,
    kernelFunc: (call) =>
      ours.run(call as Call<Backend, Inputs, Attributes>, theirs.kernelFunc) ?? theirs.kernelFunc(call),
    setupFunc: (backend) => {
      theirs.setupFunc?.(backend);
      if (backend !== prepared) ours.setUp?.(backend as Backend);
      prepared = backend;
    },
    disposeFunc: (backend) => {
      ours.dispose?.();
      prepared = undefined;
      theirs.disposeFunc?.(backend);
    },
  });
}
