import { expect, test } from 'vitest';

import { engineKey } from '../../../../engine/tensor/native/nativeEngine.ts';
import { enginePins, findPin, type EnginePin } from '../../../../engine/tensor/native/pins.ts';

const pins = Object.values(enginePins).flatMap((variants) => Object.values(variants));
const wheels = pins.flatMap((pin) => pin.wheels);

test('every pinned wheel names one exact file', () => {
  expect(wheels.length).toBeGreaterThan(10);
  for (const wheel of wheels) {
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wheel.version).toMatch(/^\d+(\.\d+)+$/);
    expect(wheel.pythonVersion).toMatch(/^3\d+$/);
    expect(wheel.bytes).toBeGreaterThan(100_000);
  }
  expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(wheels.length);
});

test('the first wheel of each engine is TensorFlow in the version that it claims, with headers', () => {
  for (const pin of pins) {
    expect(pin.wheels[0]?.package).toMatch(/^tensorflow(-cpu)?$/);
    expect(pin.wheels[0]?.version).toBe(pin.tensorflowVersion);
    expect(pin.wheels[0]?.headers?.test('tensorflow/include/tensorflow/c/eager/c_api.h')).toBe(true);
    expect(pin.wheels[0]?.libraries.test('tensorflow/libtensorflow_cc.so.2')).toBe(true);
  }
});

test('CUDA takes the libraries that TensorFlow loads and nothing else from NVIDIA', () => {
  const cudnn = findPin('cuda', 'linux-x64')?.wheels.find((wheel) => wheel.package === 'nvidia-cudnn-cu12');
  expect(cudnn?.libraries.test('nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9')).toBe(true);
  expect(cudnn?.libraries.test('nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.5')).toBe(true);
  expect(cudnn?.libraries.test('nvidia/cudnn/include/cudnn.h')).toBe(false);
  expect(cudnn?.libraries.test('nvidia/cudnn/lib/__init__.py')).toBe(false);
});

const pin: EnginePin = {
  tensorflowVersion: '2.18.1',
  installedBytes: 0,
  wheels: [
    {
      package: 'a',
      version: '1.0',
      pythonVersion: '311',
      platformTag: 'any',
      sha256: 'aa',
      bytes: 1,
      libraries: /x/,
    },
  ],
};

test('the key is what sha256sum says of wheel hash, sources hash and Node-API version', () => {
  // printf 'aa\nbb\nnapi8' | sha256sum
  expect(engineKey('cpu', pin, 'bb', 'linux-x64')).toBe('linux-x64-cpu-2.18.1-1386df2d6256b6a2');
});

test('the key changes with everything that the engine is made of', () => {
  const other = { ...pin, wheels: pin.wheels.map((wheel) => ({ ...wheel, sha256: 'ab' })) };
  const keys = [
    engineKey('cpu', pin, 'bb', 'linux-x64'),
    engineKey('cuda', pin, 'bb', 'linux-x64'),
    engineKey('cpu', other, 'bb', 'linux-x64'),
    engineKey('cpu', pin, 'bc', 'linux-x64'),
    engineKey('cpu', pin, 'bb', 'linux-arm64'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('platforms without a pin have none', () => {
  expect(findPin('cpu', 'sunos-x64')).toBeUndefined();
});
