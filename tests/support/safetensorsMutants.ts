/** Damaged and hostile variants of one good safetensors file: bytes flipped, header tokens swapped, ends cut. */

const tokens = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\n', '0', '-1', '1e3', '4.5', 'null', 'true', '\ufeff'],
  ...['"__proto__"', '"__metadata__"', '"constructor"', '"\\ud800"', '9007199254740993', '4294967296'],
  ...['"dtype"', '"shape"', '"data_offsets"', '"F32"', '"BF16"', '"F4"', '[[[[', '{"a":{"a":'],
];

/** The same `count` variants each time. */
export function* mutants(good: Buffer, count: number): Generator<Buffer> {
  const headerBytes = Number(good.readBigUInt64LE());
  const header = good.toString('utf8', 8, 8 + headerBytes);
  const data = good.subarray(8 + headerBytes);
  const random = generator(1);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let index = 0; index < count; index += 1) {
    switch (below(5)) {
      case 0: {
        const bytes = Buffer.from(good);
        for (let flips = 1 + below(3); flips > 0; flips -= 1) {
          const position = below(bytes.length);
          bytes[position] = (bytes[position] ?? 0) ^ (1 << below(8));
        }
        yield bytes;
        break;
      }
      case 1:
        yield good.subarray(0, below(good.length));
        break;
      case 2: {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(Math.floor(2 ** (random() * 63))));
        yield Buffer.concat([length, good.subarray(8)]);
        break;
      }
      default: {
        let text = header;
        for (let edits = 1 + below(4); edits > 0; edits -= 1) {
          const position = below(text.length);
          const token = tokens[below(tokens.length)] ?? '';
          text = text.slice(0, position) + token + text.slice(position + below(2) * token.length);
        }
        const body = Buffer.from(text);
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(body.length));
        yield Buffer.concat([length, body, data]);
      }
    }
  }
}

/** Numbers in [0, 1), the same for the same seed (xorshift32). */
export function generator(seed: number): () => number {
  let state = seed * 2654435769;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
