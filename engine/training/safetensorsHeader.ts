/**
 * The strict parser of a safetensors header's text: exactly the format's grammar, nothing more.
 * Not a general JSON parser: that would let duplicate keys pass and deep nesting fill the memory.
 */

import type { StudioError } from '../contract/errors.ts';
import {
  bytesPerElement,
  invalidSafetensors,
  quoted,
  type ArrayEntry,
  type ArrayType,
  type SafetensorsHeader,
} from './safetensorsFormat.ts';

const maximumKeys = 100_000;
/** The tensor layer stops at rank 6; a bound keeps a hostile shape from filling the memory. */
const maximumRank = 8;
const space = new Set<string | undefined>([' ', '\n', '\r', '\t']);

/** Throws StudioError 'file-invalid'; where the arrays lie is checked by `checkLayout`. */
export function parseHeaderText(text: string): SafetensorsHeader {
  return new HeaderReader(text).header();
}

class HeaderReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  header(): SafetensorsHeader {
    if (this.#text[0] !== '{') throw invalidSafetensors('its header does not begin with {');
    let metadata: Record<string, string> | undefined;
    const entries = new Map<string, ArrayEntry>();
    this.#object((name) => {
      if (name === '__metadata__') {
        if (metadata !== undefined) throw invalidSafetensors('it has two metadata blocks');
        metadata = this.#metadata();
        return;
      }
      if (entries.has(name)) throw invalidSafetensors(`the name ${quoted(name)} appears twice`);
      if (entries.size === maximumKeys) throw invalidSafetensors(`it has more than ${maximumKeys} arrays`);
      entries.set(name, this.#entry(name));
    });
    this.#skipSpace();
    if (this.#position !== this.#text.length) throw invalidSafetensors('text follows its header');
    return { metadata: metadata ?? {}, entries };
  }

  #metadata(): Record<string, string> {
    const pairs = new Map<string, string>();
    this.#object((key) => {
      if (pairs.has(key)) throw invalidSafetensors(`the metadata key ${quoted(key)} appears twice`);
      if (pairs.size === maximumKeys)
        throw invalidSafetensors(`it has more than ${maximumKeys} metadata keys`);
      pairs.set(key, this.#string());
    });
    return Object.fromEntries(pairs);
  }

  #entry(name: string): ArrayEntry {
    let dtype: ArrayType | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    this.#object((key) => {
      if (key === 'dtype' && dtype === undefined) dtype = this.#arrayType(name);
      else if (key === 'shape' && shape === undefined) shape = this.#integers(maximumRank);
      else if (key === 'data_offsets' && offsets === undefined) offsets = this.#integers(2);
      else throw invalidSafetensors(`${quoted(name)} has an unknown or repeated field ${quoted(key)}`);
    });
    const [start, end] = offsets ?? [];
    if (
      dtype === undefined ||
      shape === undefined ||
      start === undefined ||
      end === undefined ||
      end < start
    ) {
      throw invalidSafetensors(`the entry of ${quoted(name)} is incomplete`);
    }
    return { dtype, shape, start, end };
  }

  #arrayType(name: string): ArrayType {
    const dtype = this.#string();
    const known = Object.keys(bytesPerElement).find((key): key is ArrayType => key === dtype);
    if (known === undefined)
      throw invalidSafetensors(`${quoted(name)} has the unknown number type ${quoted(dtype)}`);
    return known;
  }

  #object(readValue: (key: string) => void): void {
    this.#expect('{');
    if (this.#accept('}')) return;
    do {
      const key = this.#string();
      if (key === '__proto__') throw invalidSafetensors('it uses the name "__proto__"');
      this.#expect(':');
      readValue(key);
    } while (this.#accept(','));
    this.#expect('}');
  }

  #integers(atMost: number): number[] {
    const numbers: number[] = [];
    this.#expect('[');
    if (this.#accept(']')) return numbers;
    do {
      if (numbers.length === atMost) throw invalidSafetensors(`a list has more than ${atMost} numbers`);
      numbers.push(this.#integer());
    } while (this.#accept(','));
    this.#expect(']');
    return numbers;
  }

  #integer(): number {
    this.#skipSpace();
    const digits = /(?:0|[1-9]\d{0,16})(?![\d.eE])/y;
    digits.lastIndex = this.#position;
    const value = Number(digits.exec(this.#text)?.[0] ?? NaN);
    if (!Number.isSafeInteger(value)) throw this.#unexpected('a whole number below 2^53');
    this.#position = digits.lastIndex;
    return value;
  }

  #string(): string {
    this.#expect('"');
    const start = this.#position - 1;
    while (this.#text[this.#position] !== '"') {
      if (this.#position >= this.#text.length) throw this.#unexpected('the end of a string');
      this.#position += this.#text[this.#position] === '\\' ? 2 : 1;
    }
    this.#position += 1;
    const value = unescaped(this.#text.slice(start, this.#position));
    if (value === undefined)
      throw invalidSafetensors(`its header has a malformed string at character ${start}`);
    return value;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#unexpected(character);
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  #skipSpace(): void {
    while (space.has(this.#text[this.#position])) this.#position += 1;
  }

  #unexpected(wanted: string): StudioError {
    return invalidSafetensors(`its header should have ${wanted} at character ${this.#position}`);
  }
}

/** A JSON string literal's value; undefined where JSON or Unicode forbids it. */
function unescaped(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' && value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}
