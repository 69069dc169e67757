/** Which graphs may run as programs of ours (native/program.h), by a few threads that share each instruction out. */
import type { GraphFeed, GraphOutput } from './emit.ts';
import type { GraphVariable } from './graphBuilder.ts';
import { dataTypes, type GraphNode } from './graphDef.ts';

/** What native/programBuilder.cc translates, and the placeholders. */
export const translated: ReadonlySet<string> = new Set([
  ...['Abs', 'Add', 'AddN', 'AddV2', 'AssignVariableOp', 'Cast', 'ConcatV2', 'Const', 'Cos', 'Exp'],
  ...['ExpandDims', 'Fill', 'GatherV2', 'Greater', 'GreaterEqual', 'Identity', 'Less', 'Log', 'MatMul'],
  ...['Maximum', 'Mean', 'Minimum', 'Mul', 'Neg', 'Pack', 'Placeholder', 'Pow', 'ReadVariableOp'],
  ...['RealDiv', 'Reshape', 'Rsqrt', 'Sigmoid', 'Sin', 'Slice', 'Softplus', 'SplitV', 'Sqrt', 'Square'],
  ...['StillroomAdamWInPlace', 'StillroomSumOfSquares', 'StillroomSwish', 'StillroomSwishGrad', 'Sub'],
  ...['Sum', 'UnsortedSegmentSum', 'ZerosLike'],
]);

interface Ports {
  readonly feeds: readonly GraphFeed[];
  readonly variables: readonly GraphVariable[];
  readonly outputs: readonly GraphOutput[];
}

/** Where all operations are known, numbers of four bytes go in, and float32 comes out. */
export function mayBeProgram(nodes: readonly GraphNode[], { feeds, variables, outputs }: Ports): boolean {
  const { float32, int32 } = dataTypes;
  return (
    nodes.every(({ op }) => translated.has(op)) &&
    [...feeds, ...variables].every(({ dtype }) => dtype === float32 || dtype === int32) &&
    outputs.every(({ dtype }) => dtype === float32)
  );
}
