/** Writes TensorFlow's GraphDef in protobuf's wire format; knows field numbers and nothing about steps. */
import protobuf from 'protobufjs/minimal.js';

const { Writer } = protobuf;
type Encode = (writer: protobuf.Writer) => protobuf.Writer;

/** TensorFlow's DataType numbers (types.proto). */
export const dataTypes = {
  float32: 1,
  int32: 3,
  string: 7,
  complex64: 8,
  bool: 10,
  bfloat16: 14,
  float16: 19,
  resource: 20,
} as const;

/** An AttrValue, encoded (attr_value.proto: list=1 s=2 i=3 f=4 b=5 type=6 shape=7 tensor=8). */
export type AttributeBytes = Uint8Array;

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeBytes>>;
}

const LENGTH_DELIMITED = 2;
const tag = (field: number, wire = 0) => (field << 3) | wire;
const encode = (write: Encode): Uint8Array => write(Writer.create()).finish();
const shapeMessage = (shape: readonly number[]): Uint8Array =>
  encode((w) =>
    shape.reduce(
      (all, size) => all.uint32(tag(2, LENGTH_DELIMITED)).bytes(encode((d) => d.uint32(tag(1)).int64(size))),
      w,
    ),
  );
const list = (write: Encode): AttributeBytes =>
  encode((w) => w.uint32(tag(1, LENGTH_DELIMITED)).bytes(encode(write)));

export const attribute = {
  type: (value: number): AttributeBytes => encode((w) => w.uint32(tag(6)).int32(value)),
  bool: (value: boolean): AttributeBytes => encode((w) => w.uint32(tag(5)).bool(value)),
  int: (value: number): AttributeBytes => encode((w) => w.uint32(tag(3)).int64(value)),
  float: (value: number): AttributeBytes => encode((w) => w.uint32(tag(4, 5)).float(value)),
  string: (value: string): AttributeBytes => encode((w) => w.uint32(tag(2, LENGTH_DELIMITED)).string(value)),
  shape: (value: readonly number[]): AttributeBytes =>
    encode((w) => w.uint32(tag(7, LENGTH_DELIMITED)).bytes(shapeMessage(value))),
  ints: (values: readonly number[]): AttributeBytes =>
    list((w) => values.reduce((all, value) => all.uint32(tag(3)).int64(value), w)),
  bools: (values: readonly boolean[]): AttributeBytes =>
    list((w) => values.reduce((all, value) => all.uint32(tag(5)).bool(value), w)),
  /** A TensorProto (dtype=1 shape=2 content=4). */
  tensor: (dtype: number, shape: readonly number[], content: Uint8Array): AttributeBytes =>
    encode((w) =>
      w
        .uint32(tag(8, LENGTH_DELIMITED))
        .bytes(
          encode((t) =>
            t
              .uint32(tag(1))
              .int32(dtype)
              .uint32(tag(2, LENGTH_DELIMITED))
              .bytes(shapeMessage(shape))
              .uint32(tag(4, LENGTH_DELIMITED))
              .bytes(content),
          ),
        ),
    ),
};

function nodeMessage(node: GraphNode): Uint8Array {
  return encode((w) => {
    w.uint32(tag(1, LENGTH_DELIMITED)).string(node.name).uint32(tag(2, LENGTH_DELIMITED)).string(node.op);
    for (const input of node.inputs ?? []) w.uint32(tag(3, LENGTH_DELIMITED)).string(input);
    for (const [name, value] of Object.entries(node.attributes ?? {})) {
      const entry = encode((e) =>
        e.uint32(tag(1, LENGTH_DELIMITED)).string(name).uint32(tag(2, LENGTH_DELIMITED)).bytes(value),
      );
      w.uint32(tag(5, LENGTH_DELIMITED)).bytes(entry);
    }
    return w;
  });
}

/** The lowest GraphDef version whose operations mean what ours mean (TensorFlow 2.18 writes 1882). */
const PRODUCER = 1882;
const MINIMUM_CONSUMER = 12;

export function graphDef(nodes: readonly GraphNode[]): Uint8Array {
  return encode((w) => {
    for (const node of nodes) w.uint32(tag(1, LENGTH_DELIMITED)).bytes(nodeMessage(node));
    const versions = encode((v) => v.uint32(tag(1)).int32(PRODUCER).uint32(tag(2)).int32(MINIMUM_CONSUMER));
    return w.uint32(tag(4, LENGTH_DELIMITED)).bytes(versions);
  });
}
