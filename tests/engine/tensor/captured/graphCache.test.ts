import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, vi } from 'vitest';

import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../../engine/tensor/native/nativeEngine.ts';
import { createResidentState, named, type NamedTensors } from '../../../../engine/tensor/residentState.ts';
import { Step } from '../../../../engine/tensor/step.ts';
import { dispose, scalar, tensor1d } from '../../../../engine/tensor/tf.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

let cache: string;
const graphs = () => join(cache, 'graphs');
const kept = () => (existsSync(graphs()) ? readdirSync(graphs()) : []);

beforeAll(async () => {
  if (findNativeEngine()) await activateBackend('tensorflow');
});
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'graphs-'));
  vi.stubEnv('STILLROOM_CACHE', cache);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  return () => {
    warn.mockRestore();
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  };
});

/** total ← total + factor·x twice over; says how often the step's own function ran. */
async function runTwice(
  settings: unknown = { factor: 3 },
  initial: NamedTensors = { total: tensor1d([1, 2]) },
  x = tensor1d([10, 20]),
) {
  const state = createResidentState(initial);
  let calls = 0;
  const step = new Step({
    name: 'accumulate',
    state,
    settings,
    run: (values, feeds) => {
      calls++;
      const total = named(values, 'total').add(named(feeds, 'x').mul(3));
      return { outputs: { double: total.mul(2), total }, next: { total } };
    },
  });
  dispose(step.run({ x }));
  const outputs = step.run({ x });
  const values = Object.entries(outputs).map(async ([name, value]) => [name, [...(await value.data())]]);
  const result = Object.fromEntries(await Promise.all(values)) as Record<string, number[]>;
  const after = state.read();
  expect([...named(after, 'total').dataSync()]).toEqual(result['total']);
  expect(step.eagerBecause).toBeUndefined();
  step.dispose();
  state.dispose();
  dispose([initial, x, outputs, after]);
  return { calls, ...result };
}

const expected = { double: [122, 244], total: [61, 122] };

describe('a kept graph', () => {
  nativeTest('is recorded once and computes the same without its step’s function', async () => {
    expect(await runTwice()).toEqual({ calls: 1, ...expected });
    expect(kept()).toHaveLength(1);
    expect(await runTwice()).toEqual({ calls: 0, ...expected });
    expect(console.warn).not.toHaveBeenCalled();
  });

  nativeTest('serves no other settings, feeds or state, and none is kept without settings', async () => {
    await runTwice();
    expect(await runTwice({ factor: 4 })).toMatchObject({ calls: 1 });
    expect(await runTwice(undefined, { total: tensor1d([1, 2]), more: scalar(0) })).toMatchObject({
      calls: 1,
    });
    expect(await runTwice(undefined, undefined, tensor1d([10]))).toMatchObject({ calls: 1 });
    expect(kept()).toHaveLength(4);
    const bare = createResidentState({ total: scalar(1) });
    const step = new Step({ name: 'bare', state: bare, run: (values) => ({ outputs: values }) });
    dispose(step.run({}));
    step.dispose();
    bare.dispose();
    expect(kept()).toHaveLength(4);
  });

  nativeTest('that is damaged anywhere is told of and recorded anew', async () => {
    await runTwice();
    const file = join(graphs(), kept()[0] ?? '');
    const good = readFileSync(file);
    for (const at of [0, 31, 33, 40, Math.floor(good.length / 2), good.length - 1]) {
      const bad = Buffer.from(good);
      bad.writeUInt8((bad[at] ?? 0) ^ 1, at);
      writeFileSync(file, bad);
      expect(await runTwice()).toEqual({ calls: 1, ...expected });
      expect(readFileSync(file)).toEqual(good);
    }
    truncateSync(file, 7);
    expect(await runTwice()).toEqual({ calls: 1, ...expected });
    expect(console.warn).toHaveBeenCalledTimes(7);
    expect(vi.mocked(console.warn).mock.lastCall?.[0]).toMatch(/is damaged; its step is recorded anew/);
  });

  nativeTest('makes room for itself: what was unused for longest goes', async () => {
    mkdirSync(graphs());
    for (const [name, days] of [
      ['oldest', 3],
      ['older', 2],
      ['old', 1],
    ] as const) {
      writeFileSync(join(graphs(), name), '');
      truncateSync(join(graphs(), name), 31 * 2 ** 20);
      const used = new Date(Date.now() - days * 86_400_000);
      utimesSync(join(graphs(), name), used, used);
    }
    await runTwice();
    expect(kept()).toHaveLength(3);
    expect(kept()).toEqual(expect.arrayContaining(['old', 'older']));
  });

  nativeTest('that cannot be written costs nothing but the next recording', async () => {
    writeFileSync(graphs(), 'no folder');
    expect(await runTwice()).toEqual({ calls: 1, ...expected });
    expect(vi.mocked(console.warn).mock.lastCall?.[0]).toMatch(/could not be kept in .*graphs/);
    expect(await runTwice()).toEqual({ calls: 1, ...expected });
  });
});
