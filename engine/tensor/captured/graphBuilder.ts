/** The nodes of a graph in the making, and which of them has the value of which recorded tensor. */
import { attribute, dataTypes, type GraphNode } from './graphDef.ts';
import { isUniform, type RecordedOperation, type Recording } from './recorder.ts';

export interface GraphVariable {
  readonly name: string;
  /** The id under which the recording read the variable. */
  readonly readId: number;
  /** The id of its next value; undefined where the step only reads it. */
  readonly nextId: number | undefined;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** What matrix products are computed in; everything else stays as it was recorded. */
export type ProductType = 'float32' | 'bfloat16' | 'float16';

/** A factor of products, in their type. */
interface Factor {
  readonly name: string;
  /** What it was divided by. */
  readonly scale?: string;
}

/** A magnitude that counts as none. */
const NOTHING = 2 ** -100;

/** A node's first output, and what it is a reshape of. */
interface Reshaped {
  readonly from: string;
  readonly shape: readonly number[];
}

const int32Bytes = (values: readonly number[]) => new Uint8Array(Int32Array.from(values).buffer);
const float32Bytes = (value: number) => new Uint8Array(Float32Array.of(value).buffer);

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly computed = new Map<string, RecordedOperation>();
  private readonly names = new Map<number, string>();
  private readonly shared = new Map<string, string>();
  private readonly recording: Recording;
  private readonly products: ProductType;
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly reshaped = new Map<string, Reshaped>();
  private readonly variables = new Map<number, GraphVariable>();
  private readonly factors = new Map<string, Factor>();

  constructor(recording: Recording, products: ProductType) {
    this.recording = recording;
    this.products = products;
    for (const operation of recording.operations) {
      for (const output of operation.outputs) this.shapes.set(output.id, output.shape);
    }
    for (const [id, constant] of recording.constants) this.shapes.set(id, constant.shape);
  }

  bind(id: number, name: string, shape?: readonly number[]): void {
    this.names.set(id, name);
    if (shape) this.shapes.set(id, shape);
  }

  add(node: GraphNode): string {
    this.nodes.push(node);
    return node.name;
  }

  shapeOf(id: number): readonly number[] {
    const shape = this.shapes.get(id);
    if (!shape) throw new Error(`tensor ${id} has no known shape`);
    return shape;
  }

  constant(dtype: number, shape: readonly number[], content: Uint8Array): string {
    const small = content.byteLength <= 4096;
    const uniform = dtype === dataTypes.float32 && content.byteLength > 256 && isUniform(content);
    const body = uniform
      ? Buffer.from(content.subarray(0, 4)).toString('hex')
      : Buffer.from(content).toString('base64');
    const key = small || uniform ? `${dtype}|${shape.join()}|${uniform ? 'fill' : ''}${body}` : '';
    const existing = this.shared.get(key);
    if (existing) return existing;
    const name = uniform ? `fill${this.nodes.length}` : `const${this.nodes.length}`;
    if (uniform) {
      const size = this.constant(dataTypes.int32, [shape.length], int32Bytes(shape));
      const value = this.constant(dtype, [], content.slice(0, 4));
      const attributes = { T: attribute.type(dtype), index_type: attribute.type(dataTypes.int32) };
      this.add({ name, op: 'Fill', inputs: [size, value], attributes });
    } else {
      const attributes = { dtype: attribute.type(dtype), value: attribute.tensor(dtype, shape, content) };
      this.add({ name, op: 'Const', attributes });
    }
    if (key) this.shared.set(key, name);
    return name;
  }

  /** What reads `id` reads the variable, from here on. */
  bindVariable(id: number, variable: GraphVariable): void {
    this.variables.set(id, variable);
    this.shapes.set(id, variable.shape);
  }

  nameOf(id: number): string {
    const known = this.names.get(id);
    if (known) return known;
    const variable = this.variables.get(id);
    const name = variable ? this.read(variable) : this.recordedConstant(id);
    this.names.set(id, name);
    return name;
  }

  /** The nodes that read these variables, as control inputs of what changes them. */
  readsOf(variables: readonly GraphVariable[]): string[] {
    return variables.flatMap(({ readId }) => this.names.get(readId) ?? []).map((name) => `^${name}`);
  }

  private read({ name: input, dtype }: GraphVariable): string {
    const name = `${input}/read`;
    return this.add({
      name,
      op: 'ReadVariableOp',
      inputs: [input],
      attributes: { dtype: attribute.type(dtype) },
    });
  }

  private recordedConstant(id: number): string {
    const constant = this.recording.constants.get(id);
    if (!constant) throw new Error(`tensor ${id} has no known source`);
    return this.constant(constant.dtype, constant.shape, constant.content);
  }

  /** Nothing where the shape is the same already; a reshape of a reshape is one of the first tensor. */
  reshape(
    name: string,
    from: string,
    shapes: { from: readonly number[]; to: readonly number[] },
    dtype: number = dataTypes.float32,
  ): string {
    const origin = this.reshaped.get(from) ?? { from, shape: shapes.from };
    if (origin.shape.join() === shapes.to.join()) return origin.from;
    const key = `reshape|${origin.from}|${shapes.to.join()}`;
    const existing = this.shared.get(key);
    if (existing) return existing;
    this.shared.set(key, name);
    const size = this.constant(dataTypes.int32, [shapes.to.length], int32Bytes(shapes.to));
    const attributes = { T: attribute.type(dtype), Tshape: attribute.type(dataTypes.int32) };
    this.reshaped.set(name, origin);
    return this.add({ name, op: 'Reshape', inputs: [origin.from, size], attributes });
  }

  /** A product of two float32 factors in the products' type, and in float32 again. */
  product(op: string, name: string, from: readonly string[], attributes: GraphNode['attributes']): string {
    const factors = from.map((factor) => this.factor(factor));
    const [wide, dtype] = [dataTypes.float32, dataTypes[this.products]];
    const product = dtype === wide ? name : `${name}/narrow`;
    const inputs = factors.map((factor) => factor.name);
    this.add({ name: product, op, inputs, attributes: { ...attributes, T: attribute.type(dtype) } });
    const scales = factors.flatMap(({ scale }) => scale ?? []);
    if (scales.length === 0) return this.cast(name, product, dtype, wide);
    const scale = scales.reduce((a, b) => this.elementwise('Mul', `${name}/scale`, a, b));
    return this.elementwise('Mul', name, this.cast(`${name}/scaled`, product, dtype, wide), scale);
  }

  private factor(from: string): Factor {
    const known = this.factors.get(from);
    if (known) return known;
    const [wide, dtype] = [dataTypes.float32, dataTypes[this.products]];
    const name = `factor${this.nodes.length}`;
    const scale = this.products === 'float16' ? this.scaleOf(from, name) : undefined;
    const scaled = scale === undefined ? from : this.elementwise('RealDiv', `${name}/scaled`, from, scale);
    const factor: Factor = {
      name: this.cast(name, scaled, wide, dtype),
      ...(scale !== undefined && { scale }),
    };
    this.factors.set(from, factor);
    return factor;
  }

  /**
   * Four times the largest magnitude in it. float16 ends at 65504 and at 6 · 10⁻⁸; of what was divided by this, sums of a
   * million products stay below the one, and a gradient's largest elements, which decide, above the other.
   */
  private scaleOf(from: string, name: string): string {
    const [float, int] = [attribute.type(dataTypes.float32), attribute.type(dataTypes.int32)];
    const shape = this.constant(dataTypes.int32, [1], int32Bytes([-1]));
    const axes = this.constant(dataTypes.int32, [1], int32Bytes([0]));
    const flat = this.add({
      ...{ name: `${name}/flat`, op: 'Reshape', inputs: [from, shape] },
      attributes: { T: float, Tshape: int },
    });
    const attributes = { T: float, Tidx: int, keep_dims: attribute.bool(false) };
    const most = this.add({ name: `${name}/most`, op: 'Max', inputs: [flat, axes], attributes });
    const least = this.add({ name: `${name}/least`, op: 'Min', inputs: [flat, axes], attributes });
    const below = this.add({ name: `${name}/below`, op: 'Neg', inputs: [least], attributes: { T: float } });
    const number = (value: number) => this.constant(dataTypes.float32, [], float32Bytes(value));
    const magnitude = this.elementwise('Maximum', `${name}/magnitude`, most, below);
    const some = this.elementwise('Maximum', `${name}/some`, magnitude, number(NOTHING));
    return this.elementwise('Mul', `${name}/scale`, some, number(4));
  }

  private elementwise(op: string, name: string, a: string, b: string): string {
    return this.add({ name, op, inputs: [a, b], attributes: { T: attribute.type(dataTypes.float32) } });
  }

  /** Nothing where the types are the same. */
  private cast(name: string, from: string, source: number, target: number): string {
    if (source === target) return from;
    const attributes = { SrcT: attribute.type(source), DstT: attribute.type(target) };
    return this.add({ name, op: 'Cast', inputs: [from], attributes });
  }
}
