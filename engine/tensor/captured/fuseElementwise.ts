/**
 * Elementwise operations on small tensors, run together: to start one takes longer than to compute it. Those of one
 * shape that nothing else must come between become one operation, which native/fusedKernels.cc interprets.
 */
import { attribute, dataTypes, type GraphNode } from './graphDef.ts';

/** Tensors beyond this are worth an operation, and threads, of their own. */
const MOST_ELEMENTS = 4096;

/** What the kernel computes, numbered by place; it has the same list. */
const codes = [
  ...['Add', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum'],
  ...['Neg', 'Square', 'Sqrt', 'Rsqrt', 'Abs'],
];

type Shape = readonly number[];
/** Of node outputs, by name. */
type Shapes = ReadonlyMap<string, Shape>;

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
const isFloat = Buffer.from(attribute.type(dataTypes.float32));

/** The node that gives an input, be it a value or only waited for. */
const producerOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

/**
 * Where a tensor that broadcasts to `shape` has the value for element i of it: at ⌊i / divisor⌋ mod count. Undefined
 * where no such pair of numbers says it.
 */
function placeWithin(
  shape: Shape,
  of: Shape | undefined,
): readonly [divisor: number, count: number] | undefined {
  if (!of || of.length > shape.length) return undefined;
  const padded = [...new Array<number>(shape.length - of.length).fill(1), ...of];
  const first = padded.findIndex((size) => size !== 1);
  if (first < 0) return [1, 1];
  const end = padded.findLastIndex((size) => size !== 1) + 1;
  if (padded.slice(first, end).some((size, i) => size !== shape[first + i])) return undefined;
  return [sizeOf(shape.slice(end)), sizeOf(of)];
}

/** The shape of what a node computes, where it can be computed together with others; else undefined. */
function fusibleShape({ name, op, inputs = [], attributes }: GraphNode, shapes: Shapes): Shape | undefined {
  const [shape, type] = [shapes.get(name), attributes?.['T']];
  if (!codes.includes(op) || !shape || sizeOf(shape) > MOST_ELEMENTS) return undefined;
  const fits = type && isFloat.equals(type) && inputs.every((from) => placeWithin(shape, shapes.get(from)));
  return fits ? shape : undefined;
}

/**
 * The nodes of each group. A node's level is one more than that of whatever it needs from outside its own shape and
 * level, so that no path leaves a group and comes back.
 *
 * @param nodes each after its inputs.
 */
function groupsOf(nodes: readonly GraphNode[], shapes: Shapes): GraphNode[][] {
  const kinds = new Map<string, string>();
  const levels = new Map<string, number>();
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const kind = fusibleShape(node, shapes)?.join();
    const entering = (from: string) => (kind !== undefined && kinds.get(from) !== kind ? 1 : 0);
    const before = (node.inputs ?? []).map(producerOf);
    const level = Math.max(0, ...before.map((from) => (levels.get(from) ?? 0) + entering(from)));
    levels.set(node.name, level);
    if (kind === undefined) continue;
    kinds.set(node.name, kind);
    const key = `${kind} at ${level}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** A group as one node, and the names of its results that others read, in order of its outputs. */
function fuse(
  group: readonly GraphNode[],
  shape: Shape,
  shapes: Shapes,
  results: readonly string[],
): GraphNode {
  const members = group.map((node) => node.name);
  const values = group.flatMap(({ inputs = [] }) => inputs.filter((from) => !members.includes(from)));
  const inputs = [...new Set(values)];
  const placeOf = (value: string) =>
    members.includes(value) ? inputs.length + members.indexOf(value) : inputs.indexOf(value);
  const operands = inputs.map((from) => placeWithin(shape, shapes.get(from)) ?? []);
  const instructions = group.map(({ op, inputs: [a = '', b = a] = [] }) => [
    codes.indexOf(op),
    placeOf(a),
    placeOf(b),
  ]);
  const program = [
    ...[shape.length, ...shape],
    ...[operands.length, ...operands.flat()],
    ...[instructions.length, ...instructions.flat()],
    ...results.map(placeOf),
  ];
  return {
    name: `${members[0]}/fused`,
    op: 'StillroomElementwise',
    inputs,
    attributes: {
      program: attribute.ints(program),
      N: attribute.int(inputs.length),
      M: attribute.int(results.length),
    },
  };
}

/** The same graph, in which groups of small elementwise nodes are one node each; no output of the graph is among them. */
export function fuseElementwise(nodes: readonly GraphNode[], shapes: Shapes): GraphNode[] {
  const groups = groupsOf(nodes, shapes);
  const groupOf = new Map(groups.flatMap((group) => group.map((node) => [node.name, group] as const)));
  const isRead = new Set(
    nodes.flatMap(({ name, inputs = [] }) =>
      inputs.map(producerOf).filter((from) => groupOf.get(from) !== groupOf.get(name)),
    ),
  );
  const renamed = new Map<string, string>();
  const fused = groups.map((group) => {
    const results = group.map((node) => node.name).filter((name) => isRead.has(name));
    const node = fuse(group, shapes.get(group[0]?.name ?? '') ?? [], shapes, results);
    results.forEach((name, i) => renamed.set(name, i === 0 ? node.name : `${node.name}:${i}`));
    return node;
  });
  const rename = (input: string) =>
    input.startsWith('^')
      ? `^${producerOf(renamed.get(producerOf(input)) ?? input)}`
      : (renamed.get(input) ?? input);
  return [...nodes.filter((node) => !groupOf.has(node.name)), ...fused].map((node) =>
    node.inputs ? { ...node, inputs: node.inputs.map(rename) } : node,
  );
}
