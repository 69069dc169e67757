import { expect, test } from 'vitest';
import { createPalette } from '../../../electron/terminal/colour.ts';
import { renderDoctor } from '../../../electron/terminal/doctor.ts';
import type { DoctorReport } from '../../../engine/tensor/doctor.ts';

const report: DoctorReport = {
  system: {
    platform: 'linux-x64',
    release: '6.1.0',
    processor: 'Some\u001b[31m Processor',
    threads: 8,
    nodeVersion: '24.21.0',
    memoryBytes: 16e9,
    freeMemoryBytes: 3.2e9,
    residentBytes: 412e6,
  },
  backends: {
    chosen: 'tensorflow',
    measuredAt: '2026-02-11T09:30:00.000Z',
    candidates: [
      {
        name: 'tensorflow',
        outcome: 'chosen',
        reason: 'The fastest here: a training step takes 25 ms.',
        device: 'Some Processor',
        version: 'TensorFlow 2.18.1',
        threads: 8,
        activationMilliseconds: 900,
        measured: { matmulGigaflops: 210.4, matmulSize: 1024, trainingStepMilliseconds: 25 },
      },
      { name: 'webgpu', outcome: 'unavailable', reason: 'No graphics adapter was found.' },
      {
        name: 'wasm',
        outcome: 'slower',
        reason: '20.0 times slower than tensorflow: a training step takes 500 ms.',
        measured: { matmulGigaflops: 12, matmulSize: 512, trainingStepMilliseconds: 500 },
      },
    ],
  },
  engine: undefined,
  cache: { folder: '/home/somebody/.cache/stillroom', bytes: 640e6 },
};

test('says what was tried, what won and why, and how fast it is', () => {
  const text = renderDoctor(report, createPalette(false));
  for (const expected of [
    '✓   tensorflow  chosen',
    'The fastest here: a training step takes 25 ms.',
    '✗   webgpu  unavailable',
    'No graphics adapter was found.',
    '16 GB, 3.20 GB free',
    '640 MB',
    'not installed',
  ]) {
    expect(text).toContain(expected);
  }
  expect(text).toMatch(/tensorflow +25 ms ★ +40 ★ +210 ★ +1024×1024 +900 ms/);
  expect(text).not.toContain('\u001b');
});

test('a damaged engine is named file by file', () => {
  const found = {
    variant: 'cpu',
    key: 'k',
    folder: '/e',
    addonPath: '/e/a',
    tensorflowVersion: '2.18.1',
  } as const;
  const text = renderDoctor(
    { ...report, engine: { found, faults: [{ path: 'lib.so', reason: 'wrong size' }] } },
    createPalette(false),
  );
  expect(text).toContain('lib.so: wrong size');
});
