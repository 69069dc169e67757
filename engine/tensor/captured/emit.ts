/**
 * Turns a recording into the nodes of one TensorFlow graph: dead operations dropped, equal constants and equal
 * operations computed once, uniform uploads replaced by Fill, tfjs's batches of one turned into plain products,
 * weights updated in their variables' memory.
 */
import { GraphBuilder, type GraphVariable, type ProductType } from './graphBuilder.ts';
import { attribute, dataTypes, type AttributeBytes, type GraphNode } from './graphDef.ts';
import type { NativeBinding, OperationAttribute } from './nativeBinding.ts';
import type { RecordedOperation, Recording } from './recorder.ts';

export interface GraphFeed {
  readonly name: string;
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

export interface GraphOutput {
  readonly name: string;
  readonly id: number;
  readonly dtype: number;
}

/** Attributes that the eager interface infers and a graph must spell out. */
const inferred: Record<string, (operation: RecordedOperation) => Record<string, AttributeBytes>> = {
  Pack: (o) => ({ N: attribute.int(o.inputs.length) }),
  ConcatV2: (o) => ({ N: attribute.int(o.inputs.length - 1) }),
  AddN: (o) => ({ N: attribute.int(o.inputs.length) }),
  ExpandDims: (o) => ({ T: attribute.type(o.outputs[0]?.dtype ?? dataTypes.float32) }),
};

function encodeAttribute(a: OperationAttribute, binding: NativeBinding): AttributeBytes {
  const { type, value } = a;
  if (type === binding.TF_ATTR_TYPE && typeof value === 'number') return attribute.type(value);
  if (type === binding.TF_ATTR_FLOAT && typeof value === 'number') return attribute.float(value);
  if (type === binding.TF_ATTR_STRING && typeof value === 'string') return attribute.string(value);
  if (type === binding.TF_ATTR_SHAPE && Array.isArray(value)) return attribute.shape(value as number[]);
  if (type === binding.TF_ATTR_BOOL) {
    return Array.isArray(value) ? attribute.bools(value.map(Boolean)) : attribute.bool(Boolean(value));
  }
  if (type === binding.TF_ATTR_INT) {
    return Array.isArray(value) ? attribute.ints(value.map(Number)) : attribute.int(Number(value));
  }
  throw new Error(`attribute ${a.name} has an unknown type ${type}`);
}

const isOne = (size: number) => size === 1;

/** Indices of the operations that the wanted tensors depend on. */
function liveOperations(recording: Recording, wanted: readonly number[]): Set<number> {
  const producer = new Map<number, number>();
  recording.operations.forEach((operation, index) => {
    for (const output of operation.outputs) producer.set(output.id, index);
  });
  const live = new Set<number>();
  const pending = [...wanted];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const index = producer.get(id);
    if (index === undefined || live.has(index)) continue;
    live.add(index);
    pending.push(...(recording.operations[index]?.inputs ?? []));
  }
  return live;
}

/** tfjs makes every matrix product a batch product; a batch of one becomes MatMul. */
function addProduct(graph: GraphBuilder, operation: RecordedOperation, name: string): boolean {
  const output = operation.outputs[0];
  if (operation.op !== 'BatchMatMulV2' || output?.dtype !== dataTypes.float32) return false;
  const flag = (key: string) =>
    attribute.bool(Boolean(operation.attributes.find((a) => a.name === key)?.value));
  const [a, b] = [flag('adj_x'), flag('adj_y')];
  const shapes = [output.shape, ...operation.inputs.map((id) => graph.shapeOf(id))];
  if (!shapes.every((shape) => shape.slice(0, -2).every(isOne))) {
    const factors = operation.inputs.map((id) => graph.nameOf(id));
    const product = graph.product('BatchMatMulV2', name, factors, { adj_x: a, adj_y: b });
    graph.bind(output.id, product, output.shape);
    return true;
  }
  const matrices = operation.inputs.map((id, i) =>
    graph.reshape(`${name}/matrix${i}`, graph.nameOf(id), {
      from: graph.shapeOf(id),
      to: graph.shapeOf(id).slice(-2),
    }),
  );
  const product = graph.product('MatMul', `${name}/product`, matrices, { transpose_a: a, transpose_b: b });
  const batched = graph.reshape(name, product, { from: output.shape.slice(-2), to: output.shape });
  graph.bind(output.id, batched, output.shape);
  return true;
}

/** Recorded operations are pure, so one that repeats an earlier one on the same inputs is that one. */
function reuseEqual(graph: GraphBuilder, operation: RecordedOperation): boolean {
  const inputs = operation.inputs.map((id) => graph.nameOf(id));
  const key = JSON.stringify([operation.op, operation.attributes, inputs]);
  const earlier = graph.computed.get(key);
  if (!earlier) {
    graph.computed.set(key, operation);
    return false;
  }
  operation.outputs.forEach((output, i) => {
    const same = earlier.outputs[i];
    if (same) graph.bind(output.id, graph.nameOf(same.id), output.shape);
  });
  return true;
}

function addOperation(
  graph: GraphBuilder,
  operation: RecordedOperation,
  name: string,
  binding: NativeBinding,
): void {
  const value = (key: string) => operation.attributes.find((a) => a.name === key)?.value;
  const [firstInput, firstOutput] = [operation.inputs[0], operation.outputs[0]];
  if (operation.op === 'Cast' && value('SrcT') === value('DstT') && firstInput !== undefined && firstOutput) {
    graph.bind(firstOutput.id, graph.nameOf(firstInput), firstOutput.shape);
    return;
  }
  if (operation.op === 'Reshape' && firstInput !== undefined && firstOutput) {
    const shapes = { from: graph.shapeOf(firstInput), to: firstOutput.shape };
    graph.bind(
      firstOutput.id,
      graph.reshape(name, graph.nameOf(firstInput), shapes, firstOutput.dtype),
      firstOutput.shape,
    );
    return;
  }
  if (reuseEqual(graph, operation)) return;
  if (addProduct(graph, operation, name)) return;
  const attributes: Record<string, AttributeBytes> = {};
  for (const a of operation.attributes) attributes[a.name] = encodeAttribute(a, binding);
  Object.assign(attributes, inferred[operation.op]?.(operation));
  graph.add({ name, op: operation.op, inputs: operation.inputs.map((id) => graph.nameOf(id)), attributes });
  operation.outputs.forEach((output, i) => {
    graph.bind(output.id, i === 0 ? name : `${name}:${i}`, output.shape);
  });
}

/**
 * The nodes of the whole step. Feeds and variables are placeholders (variables of type resource); every
 * output waits for every assignment, so that running the function runs the update.
 */
export function emitGraph(
  recording: Recording,
  binding: NativeBinding,
  ports: {
    feeds: readonly GraphFeed[];
    variables: readonly GraphVariable[];
    outputs: readonly GraphOutput[];
  },
  products: ProductType = 'float32',
): GraphNode[] {
  const graph = new GraphBuilder(recording, products);
  for (const feed of ports.feeds) {
    const attributes = { dtype: attribute.type(feed.dtype), shape: attribute.shape(feed.shape) };
    graph.bind(feed.id, graph.add({ name: feed.name, op: 'Placeholder', attributes }), feed.shape);
  }
  for (const variable of ports.variables) {
    const handle = { dtype: attribute.type(dataTypes.resource), shape: attribute.shape([]) };
    graph.add({ name: variable.name, op: 'Placeholder', attributes: handle });
    graph.bindVariable(variable.readId, variable);
  }

  const changed = ports.variables.filter((v) => v.nextId !== undefined && v.nextId !== v.readId);
  const wanted = [...ports.outputs.map((o) => o.id), ...changed.map((v) => v.nextId ?? -1)];
  const live = liveOperations(recording, wanted);
  const operations = recording.operations.flatMap((operation, index) =>
    live.has(index) ? [{ operation, name: `n${index}/${operation.op}` }] : [],
  );
  const isRead = readTensors(
    operations.map(({ operation }) => operation),
    ports.outputs,
  );
  const inPlace: { name: string; operation: RecordedOperation; variables: GraphVariable[] }[] = [];
  for (const { operation, name } of operations) {
    const variables = updatedInPlace(operation, changed, isRead);
    if (variables) inPlace.push({ name, operation, variables });
    else addOperation(graph, operation, name, binding);
  }
  const updates = inPlace.map(({ name, operation, variables }) => {
    const namesOf = (ids: readonly number[]) => ids.map((id) => graph.nameOf(id));
    const numbers = namesOf(operation.inputs.slice(0, ADAMW_NUMBERS));
    const gradients = namesOf(operation.inputs.slice(ADAMW_NUMBERS + variables.length));
    return () =>
      graph.add({
        name,
        op: `${operation.op}InPlace`,
        inputs: [...numbers, ...variables.map((v) => v.name), ...gradients, ...graph.readsOf(variables)],
        attributes: { V: attribute.int(variables.length), N: attribute.int(gradients.length) },
      });
  });
  const elsewhere = changed.filter((v) => !inPlace.some(({ variables }) => variables.includes(v)));
  const assignments = elsewhere.map((variable) => {
    const next = graph.nameOf(variable.nextId ?? -1);
    return () =>
      graph.add({
        name: `${variable.name}/assign`,
        op: 'AssignVariableOp',
        inputs: [variable.name, next, ...graph.readsOf([variable])],
        attributes: { dtype: attribute.type(variable.dtype) },
      });
  });
  const outputs = ports.outputs.map((output) => ({ output, from: graph.nameOf(output.id) }));
  // Every read is known by now, and each change waits for those of its variables.
  const changes = [...updates, ...assignments].map((add) => `^${add()}`);
  for (const { output, from } of outputs) {
    const attributes = { T: attribute.type(output.dtype) };
    graph.add({ name: output.name, op: 'Identity', inputs: [from, ...changes], attributes });
  }
  return graph.nodes;
}

/** Whether an operation reads a tensor, or the step returns it. */
function readTensors(
  operations: readonly RecordedOperation[],
  outputs: readonly GraphOutput[],
): (id: number) => boolean {
  const read = new Set([...operations.flatMap(({ inputs }) => inputs), ...outputs.map(({ id }) => id)]);
  return (id) => read.has(id);
}

/** The inputs of an AdamW update before its variables: schedule, settings and the gradients' norm. */
const ADAMW_NUMBERS = 3;

/**
 * The variables whose memory an AdamW update may work in, in the order of its inputs: where all of its results are the
 * next values of what it reads, and nothing else.
 */
function updatedInPlace(
  { op, inputs, outputs }: RecordedOperation,
  changed: readonly GraphVariable[],
  isRead: (id: number) => boolean,
): GraphVariable[] | undefined {
  if (op !== 'StillroomAdamW') return undefined;
  const variables = outputs.flatMap(({ id }, i) => {
    const found = changed.filter((v) => v.nextId === id && v.readId === inputs[ADAMW_NUMBERS + i]);
    return found.length === 1 && !isRead(id) ? found : [];
  });
  return variables.length === outputs.length ? variables : undefined;
}
