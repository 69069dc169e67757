/** Programs against TensorFlow itself, which runs the same graphs as functions. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { presets } from '../../../../engine/contract/presets.ts';
import { parseRecipe, type Recipe } from '../../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { CapturedGraph } from '../../../../engine/tensor/captured/capturedGraph.ts';
import {
  attribute,
  dataTypes,
  graphDef,
  type GraphNode,
} from '../../../../engine/tensor/captured/graphDef.ts';
import type { NativeBinding, NativeTensor } from '../../../../engine/tensor/captured/nativeBinding.ts';
import { mayBeProgram, translated } from '../../../../engine/tensor/captured/program.ts';
import { randomNormal } from '../../../../engine/tensor/random.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';
import { createToyTrainer, iterate } from '../../../support/toyDistillation.ts';
import { cases, nameOf, of, reduced, T, type Case } from './programCases.ts';

const [float, int] = [dataTypes.float32, dataTypes.int32];

const int32 = (values: readonly number[]) => new Uint8Array(Int32Array.from(values).buffer);
const float32 = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

const recipesOfPresets = Object.entries(presets).map(
  ([name, { recipe }]) => [name, parseRecipe({ ...recipe, training: { batch: 4 } })] as const,
);

let binding: NativeBinding | undefined;
const native = (): NativeBinding => {
  if (!binding) throw new Error('The tensorflow backend has a binding.');
  return binding;
};

const runProgram = (name: string, feeds: readonly number[], outputs = 1, version = 0): NativeTensor[] =>
  native().endFunction(native().beginProgram(name, feeds, [], version, outputs));

/** The graph's nodes, and what it is fed. */
function graphOf({ op, inputs, attributes = { T }, outputs = 1 }: Case) {
  const nodes: GraphNode[] = [];
  const feeds: number[] = [];
  const feed = (shape: readonly number[], dtype: number, values: Float32Array | Int32Array) => {
    const name = `feed${feeds.length}`;
    feeds.push(native().createTensor(shape, dtype, values));
    const described = { dtype: attribute.type(dtype), shape: attribute.shape(shape) };
    nodes.push({ name, op: 'Placeholder', attributes: described });
    return name;
  };
  const constant = (dtype: number, shape: readonly number[], content: Uint8Array) => {
    const name = `const${nodes.length}`;
    const value = attribute.tensor(dtype, shape, content);
    nodes.push({ name, op: 'Const', attributes: { dtype: attribute.type(dtype), value } });
    return name;
  };
  const names = inputs.map((input, index) => {
    if ('indices' in input) return feed([input.indices.length], int, Int32Array.from(input.indices));
    if ('integers' in input)
      return constant(int, input.isScalar ? [] : [input.integers.length], int32(input.integers));
    if ('floats' in input) return constant(float, input.shape, float32(input.floats));
    const { shape, scale = 1, positive = false } = input;
    const length = shape.reduce((a, b) => a * b, 1);
    const values = randomNormal({ seed: 1, purpose: 'data', step: 0, index }, length);
    return feed(
      shape,
      float,
      values.map((x) => scale * (positive ? Math.abs(x) + 0.1 : x)),
    );
  });
  nodes.push({ name: 'computed', op, inputs: names, attributes });
  const results = Array.from({ length: outputs }, (_, i) => `output${i}`);
  results.forEach((name, i) =>
    nodes.push({ name, op: 'Identity', inputs: [`computed:${i}`], attributes: { T } }),
  );
  return { nodes, feeds, results };
}

let made = 0;

/** The outputs of TensorFlow's function and of our program. */
function runBoth({ nodes, feeds, results }: ReturnType<typeof graphOf>): {
  shape: readonly number[];
  values: number[];
}[][] {
  const bytes = graphDef(nodes);
  const [asFunction, asProgram] = [`function${made}`, `program${made++}`];
  native().addFunction(
    asFunction,
    bytes,
    feeds.map((_, i) => `feed${i}`),
    results,
  );
  native().addProgram(asProgram, bytes);
  const taken = (outputs: readonly NativeTensor[]) =>
    outputs.map(({ id, shape }) => {
      const values = [...native().tensorDataSync(id)];
      native().deleteTensor(id);
      return { shape, values };
    });
  try {
    const expected = taken(native().runFunction(asFunction, '', feeds, results.length));
    // By TensorFlow's operation, and by itself.
    const take = () => taken(runProgram(asProgram, feeds, results.length, 1));
    const actual = take();
    expect(take()).toEqual(actual);
    return [expected, actual];
  } finally {
    native().removeFunction(asFunction);
    native().removeProgram(asProgram);
    for (const id of feeds) native().deleteTensor(id);
  }
}

describe('a program', () => {
  afterEach(() => vi.restoreAllMocks());

  nativeTest.each(cases.map((given) => [nameOf(given), given] as const))('computes %s', async (_, given) => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const [expected = [], actual = []] = runBoth(graphOf(given));
    expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    actual.forEach(({ values }, output) => {
      const right = expected[output]?.values ?? [];
      const size = Math.max(1e-30, ...right.map(Math.abs));
      values.forEach((value, i) => expect(Math.abs(value - (right[i] ?? NaN))).toBeLessThan(2e-6 * size));
    });
  });

  const others = [0.5, NaN, 0];
  nativeTest.each([
    ['Greater', (a: number, b: number) => a > b],
    ['GreaterEqual', (a: number, b: number) => a >= b],
    ['Less', (a: number, b: number) => a < b],
  ])('has 1 and 0 for what is true and false: %s', async (op, compare) => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf({ op, inputs: [of(40, 3), { floats: others, shape: [3] }] });
    const zeros = native().createTensor([40, 3], float, new Float32Array(120));
    const output = { name: 'output0', op: 'Cast', inputs: ['computed'] };
    const attributes = { SrcT: attribute.type(dataTypes.bool), DstT: T };
    native().addProgram(op, graphDef([...nodes.slice(0, -1), { ...output, attributes }]));
    for (const id of [...feeds, zeros]) {
      const [result] = runProgram(op, [id]);
      const right = [...native().tensorDataSync(id)].map((value, i) =>
        Number(compare(value, others[i % 3] ?? NaN)),
      );
      expect([...native().tensorDataSync(result?.id ?? -1)]).toEqual(right);
      native().deleteTensor(result?.id ?? -1);
      native().deleteTensor(id);
    }
    native().removeProgram(op);
  });

  // Rows that are only added are never gathered; these are asked for, too.
  nativeTest.each(['sum', 'rows'])('adds rows of a table and gives them, first the %s', async (first) => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const gather = cases.find(({ op }) => op === 'GatherV2');
    const indices = Array.from({ length: 100 }, (_, i) => (7 * i) % 100);
    const inputs = [of(100, 20), { indices }, { integers: [0], isScalar: true }];
    const { nodes, feeds } = graphOf({ ...gather, op: 'GatherV2', inputs });
    const sum = { name: 'sum', op: 'AddV2', inputs: ['feed0', 'computed'], attributes: { T } };
    const output = (name: string, from: string) => ({
      name,
      op: 'Identity',
      inputs: [from],
      attributes: { T },
    });
    const [ofSum, ofRows] = [output('output0', 'sum'), output('output1', 'computed')];
    const last = first === 'sum' ? [sum, ofSum, ofRows] : [ofRows, sum, ofSum];
    const results = ['output0', 'output1'];
    const [expected, actual] = runBoth({ nodes: [...nodes.slice(0, -1), ...last], feeds, results });
    expect(actual).toEqual(expected);
  });

  nativeTest('keeps what is not a number', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    for (const op of ['Maximum', 'Minimum', 'Add', 'Mul']) {
      const both = [
        { floats: [NaN, 1], shape: [2] },
        { floats: [1, NaN], shape: [2] },
      ];
      const [expected, actual] = runBoth(graphOf({ op, inputs: both }));
      expect(actual).toEqual(expected);
      expect(actual?.[0]?.values).toEqual([NaN, NaN]);
    }
  });

  // Of so many runs some are shared by threads and some are not, see native/program.h.
  nativeTest('computes the same bits in every run', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf(reduced('Sum', [3000, 70], [0]));
    native().addProgram('sums', graphDef(nodes));
    const results = new Set(
      Array.from({ length: 100 }, () => {
        const [sums] = runProgram('sums', feeds);
        const values = [...native().tensorDataSync(sums?.id ?? -1)].join();
        native().deleteTensor(sums?.id ?? -1);
        return values;
      }),
    );
    expect(results.size).toBe(1);
    native().removeProgram('sums');
    for (const id of feeds) native().deleteTensor(id);
  });

  nativeTest('computes the same bits by any number of threads', async () => {
    const script = join(import.meta.dirname, '../../../support/printToyState.ts');
    const hashes = await Promise.all(
      [1, 2, 3, 4].map(async (threads) => {
        const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) };
        return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(hashes).size).toBe(1);
  });

  nativeTest('is another one when its name is given again', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const values = ['Square', 'Neg'].map((op) => {
      const { nodes, feeds } = graphOf({ op, inputs: [{ shape: [], positive: true }] });
      native().addProgram('again', graphDef(nodes));
      const [result] = runProgram('again', feeds);
      const value = native().tensorDataSync(result?.id ?? -1)[0] ?? NaN;
      native().removeProgram('again');
      for (const id of [...feeds, result?.id ?? -1]) native().deleteTensor(id);
      return value;
    });
    expect(values.map(Math.sign)).toEqual([1, -1]);
  });

  nativeTest('refuses an operation that it does not know, by name', async () => {
    binding = (await activateBackend('tensorflow')).nativeBinding;
    const { nodes, feeds } = graphOf({ op: 'Tanh', inputs: [of(3)] });
    native().addProgram('tanh', graphDef(nodes));
    expect(() => runProgram('tanh', feeds)).toThrow(/a program has no Tanh/);
    native().removeProgram('tanh');
    expect(() => runProgram('tanh', feeds)).toThrow(/there is no program 'tanh'/);
    for (const id of feeds) native().deleteTensor(id);
    expect(mayBeProgram(nodes, { feeds: [], variables: [], outputs: [] })).toBe(false);
  });

  test('may be of just the operations that are translated', () => {
    const folder = join(import.meta.dirname, '../../../../engine/tensor/native');
    const source = readFileSync(join(folder, 'programBuilder.cc'), 'utf8');
    const names = [...source.matchAll(/^ +\{"(\w+)", /gm)].map(([, name]) => name);
    expect([...translated].sort()).toEqual([...names, 'Placeholder'].sort());
  });

  nativeTest.each(recipesOfPresets)('runs every step of a toy: %s', async (_, recipe) => {
    expect(new Set(Object.values(await areProgramsOf(recipe, 'mlp')))).toEqual(new Set([true]));
  });

  nativeTest.each([
    ['mlp', true],
    ['dit', false],
  ] as const)('runs the steps of a toy and of no transformer: %s', async (family, isProgram) => {
    const recipe = parseRecipe({ student: { steps: 2 } });
    const programs = await areProgramsOf(recipe, family);
    expect(programs).toEqual({ student: isProgram, critics: isProgram, simulate: isProgram });
  });
});

/** Of the steps of a distillation by name: whether a program of ours runs each. */
async function areProgramsOf(recipe: Recipe, family: 'mlp' | 'dit'): Promise<Record<string, boolean>> {
  await activateBackend('tensorflow');
  const begun = (['begin', 'chain'] as const).map((method) => vi.spyOn(CapturedGraph.prototype, method));
  const trainer = createToyTrainer(recipe, family);
  await iterate(trainer, 0, 4);
  trainer.dispose();
  const graphs = begun.flatMap(({ mock }) => mock.contexts) as CapturedGraph[];
  return Object.fromEntries(
    graphs.map((graph) => [graph['name'].replace(/_\d+$/, ''), graph['graph'].isProgram]),
  );
}
