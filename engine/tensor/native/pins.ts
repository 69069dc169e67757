/** What the native engine is made of, per platform: Python wheels pinned by hash, and the files taken from them. */

export type EngineVariant = 'cpu' | 'cuda';

export interface WheelPin {
  /** Name on the Python package index. */
  readonly package: string;
  readonly version: string;
  /** Two digits, e.g. `311`; the libraries do not depend on it, but it names one exact file. */
  readonly pythonVersion: string;
  readonly platformTag: string;
  readonly sha256: string;
  /** Bytes of the wheel, for the progress and the free-space check. */
  readonly bytes: number;
  /** Files kept in the engine: an entry's path is kept as it is, so that the libraries' run paths hold. */
  readonly libraries: RegExp;
  /** Files needed only while the addon is compiled. */
  readonly headers?: RegExp;
}

export interface EnginePin {
  readonly tensorflowVersion: string;
  /** Bytes of the finished engine, rounded up, for the free-space check. */
  readonly installedBytes: number;
  readonly wheels: readonly WheelPin[];
}

const headers =
  /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/(platform|common_runtime\/next_pluggable_device\/c)|tsl\/platform|xla\/tsl\/(c|platform))\/.*\.h$/;

const tensorflowLibraries =
  /^tensorflow\/(libtensorflow_cc\.so\.2|libtensorflow_framework\.so\.2|THIRD_PARTY_NOTICES\.txt)$/;

const linuxCpu: EnginePin = {
  tensorflowVersion: '2.18.1',
  installedBytes: 690_000_000,
  wheels: [
    {
      package: 'tensorflow-cpu',
      version: '2.18.1',
      pythonVersion: '311',
      platformTag: 'manylinux_2_17_x86_64',
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
      bytes: 230_236_181,
      libraries: tensorflowLibraries,
      headers,
    },
  ],
};

/** NVIDIA's libraries that TensorFlow loads by itself; the compiler (only XLA needs it) and NCCL (several GPUs) stay out. */
const nvidiaLibraries =
  /^(nvidia\/\w+\/lib\/lib(cublas|cublasLt|cudart|cudnn\w*|cufft|cupti|curand|cusolver|cusparse|nvJitLink|nvrtc|nvrtc-builtins)\.so[.\d]+|nvidia_\w+-[\d.]+\.dist-info\/License\.txt)$/;

function nvidiaWheel(name: string, version: string, bytes: number, sha256: string): WheelPin {
  return {
    package: `nvidia-${name}-cu12`,
    version,
    pythonVersion: '311',
    platformTag: 'manylinux2014_x86_64',
    sha256,
    bytes,
    libraries: nvidiaLibraries,
  };
}

/** The versions are those that the wheel's own `and-cuda` extra names. */
const linuxCuda: EnginePin = {
  tensorflowVersion: '2.18.1',
  installedBytes: 3_650_000_000,
  wheels: [
    {
      package: 'tensorflow',
      version: '2.18.1',
      pythonVersion: '311',
      platformTag: 'manylinux_2_17_x86_64',
      sha256: 'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
      bytes: 615_510_377,
      libraries: tensorflowLibraries,
      headers,
    },
    nvidiaWheel(
      'cublas',
      '12.5.3.2',
      363_313_169,
      'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
    ),
    nvidiaWheel(
      'cuda-cupti',
      '12.5.82',
      13_811_507,
      'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
    ),
    nvidiaWheel(
      'cuda-nvrtc',
      '12.5.82',
      24_873_108,
      '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
    ),
    nvidiaWheel(
      'cuda-runtime',
      '12.5.82',
      895_707,
      '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
    ),
    nvidiaWheel(
      'cudnn',
      '9.3.0.75',
      577_163_502,
      '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
    ),
    nvidiaWheel(
      'cufft',
      '11.2.3.61',
      192_524_114,
      '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
    ),
    nvidiaWheel(
      'curand',
      '10.3.6.82',
      56_309_107,
      '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536',
    ),
    nvidiaWheel(
      'cusolver',
      '11.6.3.83',
      130_341_232,
      '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
    ),
    nvidiaWheel(
      'cusparse',
      '12.5.1.3',
      217_558_979,
      '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
    ),
    nvidiaWheel(
      'nvjitlink',
      '12.5.82',
      21_298_879,
      'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
    ),
  ],
};

/** `<platform>-<arch>` as Node names them. A platform that is not listed uses the webgpu or wasm backend. */
export const enginePins: Readonly<Record<string, Partial<Record<EngineVariant, EnginePin>>>> = {
  'linux-x64': { cpu: linuxCpu, cuda: linuxCuda },
};

/** The pin for a platform and variant, or undefined when no native engine is made for it. */
export function findPin(variant: EngineVariant, platform = hostPlatform()): EnginePin | undefined {
  return enginePins[platform]?.[variant];
}

/** The platform's name as the table and the engine's key spell it, e.g. `linux-x64`. */
export function hostPlatform(): string {
  return `${process.platform}-${process.arch}`;
}
