import { expect, vi } from 'vitest';

import { activateBackend } from '../../../../engine/tensor/backends/backend.ts';
import { attribute, graphDef } from '../../../../engine/tensor/captured/graphDef.ts';
import { findNativeEngine } from '../../../../engine/tensor/native/nativeEngine.ts';
import { provisionNativeEngine } from '../../../../engine/tensor/native/provision.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

async function binding() {
  const { nativeBinding } = await activateBackend('tensorflow');
  if (!nativeBinding) throw new Error('The tensorflow backend has a binding.');
  return nativeBinding;
}

/** A GraphDef in protobuf's wire format: one node `x`, operation Placeholder, attribute dtype. */
function placeholder(dtype: number): Uint8Array {
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const attribute = [0x0a, ...text('dtype'), 0x12, 2, 0x30, dtype];
  const node = [0x0a, ...text('x'), 0x12, ...text('Placeholder'), 0x2a, attribute.length, ...attribute];
  return Uint8Array.from([0x0a, node.length, ...node]);
}

nativeTest('the cached engine is found without Python, compiler or network', async () => {
  vi.stubEnv('PATH', '');
  expect(await provisionNativeEngine()).toEqual(findNativeEngine());
  vi.unstubAllEnvs();
});

nativeTest("TensorFlow's refusal of a graph becomes an error with its message", async () => {
  const tensorflow = await binding();
  expect(() => tensorflow.addFunction('f', new Uint8Array([1, 2, 3]), [], [])).toThrow(
    /'f' is refused: Invalid GraphDef/,
  );
});

nativeTest('node outputs that do not exist are named', async () => {
  const tensorflow = await binding();
  for (const name of ['y', 'x:1', 'x:-1', 'x:', 'x:z', 'x:99999999999999999999', ':', '']) {
    expect(() => tensorflow.addFunction('f', new Uint8Array(), [], [name])).toThrow(
      `has no node output '${name}'`,
    );
  }
});

nativeTest.each([
  ['nothing', []],
  ['no name', ['', new Uint8Array(), [], []]],
  ['a number for a name', [3, new Uint8Array(), [], []]],
  ['floats for a graph', ['f', new Float32Array(1), [], []]],
  ['text for a graph', ['f', 'graph', [], []]],
  ['a name for the inputs', ['f', new Uint8Array(), 'x', []]],
  ['numbers for the outputs', ['f', new Uint8Array(), [], [1]]],
])('addFunction refuses %s', async (_what, args) => {
  const tensorflow = await binding();
  expect(() => {
    Reflect.apply(tensorflow.addFunction.bind(tensorflow), undefined, args);
  }).toThrow(/^addFunction/);
});

nativeTest('a function can be added, run, removed and added again, but not replaced', async () => {
  const tensorflow = await binding();
  const add = () => tensorflow.addFunction('identity', placeholder(1), ['x:0'], ['x']);
  add();
  const id = tensorflow.createTensor([2], 1, new Float32Array([3, 4]));
  const [output] = tensorflow.executeOp('identity', [], [id], 1);
  expect(output && Array.from(tensorflow.tensorDataSync(output.id))).toEqual([3, 4]);
  expect(() => tensorflow.addFunction('identity', placeholder(3), ['x'], ['x'])).toThrow(
    /duplicate function with name: identity/,
  );
  tensorflow.removeFunction('identity');
  expect(() => tensorflow.removeFunction('identity')).toThrow(/non-existent function 'identity'/);
  add();
  tensorflow.removeFunction('identity');
  for (const { id: made } of [{ id }, ...(output ? [output] : [])]) tensorflow.deleteTensor(made);
});

nativeTest('a function that is begun fails where its end is asked for, and the next one runs', async () => {
  const tensorflow = await binding();
  const float = { dtype: attribute.type(1), shape: attribute.shape([]) };
  const check = { T: attribute.type(1), message: attribute.string('not finite') };
  const graph = graphDef([
    { name: 'x', op: 'Placeholder', attributes: float },
    { name: 'y', op: 'CheckNumerics', inputs: ['x'], attributes: check },
  ]);
  tensorflow.addFunction('check', graph, ['x'], ['y']);
  const [nan, one] = [NaN, 1].map((value) => tensorflow.createTensor([], 1, new Float32Array([value])));
  const before = tensorflow.getNumOfTensors();
  const failing = tensorflow.beginFunction('check', '', [nan ?? -1], 1);
  expect(() => tensorflow.endFunction(failing)).toThrow(/not finite/);
  const call = tensorflow.beginFunction('check', 'SINGLE_THREADED_EXECUTOR', [one ?? -1], 1);
  tensorflow.awaitFunctions();
  const [output] = tensorflow.endFunction(call);
  expect(output && Array.from(tensorflow.tensorDataSync(output.id))).toEqual([1]);
  expect(tensorflow.getNumOfTensors()).toBe(before + 1);
  tensorflow.removeFunction('check');
  for (const made of [nan, one, output?.id]) tensorflow.deleteTensor(made ?? -1);
});

nativeTest.each([
  ['nothing', []],
  ['a tensor that is none', ['f', '', [-7], 1]],
  ['a function that is none', ['absent', '', [], 1]],
  ['fewer outputs than none', ['f', '', [], -1]],
])('beginFunction and runFunction refuse %s', async (_what, args) => {
  const tensorflow = await binding();
  for (const method of ['beginFunction', 'runFunction'] as const) {
    expect(() => {
      Reflect.apply(tensorflow[method].bind(tensorflow), undefined, args);
    }).toThrow(new RegExp(`^${method}`));
  }
});

nativeTest.each([
  ['addProgram', ['', new Uint8Array()]],
  ['addProgram', ['p', 'graph']],
  ['removeProgram', [3]],
  ['beginProgram', ['absent', [], [], 0, 1]],
  ['beginProgram', ['absent', [], [], 0, -1]],
  ['beginProgram', ['absent', [], 0, 1]],
  ['endFunction', [3]],
  ['chainFunction', [3]],
  ['createNormal', [[2], [1, 2, 3]]],
  ['createNormal', [2, [1, 2, 3, 4]]],
] as const)('%s refuses %j', async (method, args) => {
  const tensorflow = await binding();
  expect(() => {
    Reflect.apply(tensorflow[method].bind(tensorflow), undefined, args);
  }).toThrow(new RegExp(`^${method}`));
});
