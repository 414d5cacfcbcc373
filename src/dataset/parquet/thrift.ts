// Thrift's compact protocol, as far as Parquet footers and page headers need it. apache/thrift doc/specs/thrift-compact-protocol.md.

import { ArtifactError } from "../../errors.ts";

const types = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
} as const;

/** Writes one struct after the other into growing memory. */
export class ThriftWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #length: number = 0;
  #lastField: number = 0;
  readonly #outer: number[] = [];

  /** What was written so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins again in the same memory. */
  clear(): void {
    this.#length = 0;
    this.#lastField = 0;
  }

  i32(field: number, value: number): void {
    this.#header(field, types.i32);
    this.#varint(zigzag(value));
  }

  i64(field: number, value: number): void {
    this.#header(field, types.i64);
    this.#varint(zigzag(value));
  }

  text(field: number, value: string): void {
    this.#header(field, types.binary);
    this.#binary(value);
  }

  binary(field: number, value: Uint8Array): void {
    this.#header(field, types.binary);
    this.#raw(value);
  }

  struct(field: number, write: () => void): void {
    this.#header(field, types.struct);
    this.#nested(write);
  }

  i32List(field: number, values: readonly number[]): void {
    this.#listHeader(field, types.i32, values.length);
    for (const value of values) this.#varint(zigzag(value));
  }

  textList(field: number, values: readonly string[]): void {
    this.#listHeader(field, types.binary, values.length);
    for (const value of values) this.#binary(value);
  }

  structList<T>(field: number, values: readonly T[], write: (value: T) => void): void {
    this.#listHeader(field, types.struct, values.length);
    for (const value of values) this.#nested(() => write(value));
  }

  /** Ends the outermost struct. */
  end(): void {
    this.#byte(0);
    this.#lastField = 0;
  }

  #nested(write: () => void): void {
    this.#outer.push(this.#lastField);
    this.#lastField = 0;
    write();
    this.#byte(0);
    this.#lastField = this.#outer.pop() ?? 0;
  }

  #header(field: number, type: number): void {
    const delta = field - this.#lastField;
    if (delta > 0 && delta <= 15) this.#byte((delta << 4) | type);
    else {
      this.#byte(type);
      this.#varint(zigzag(field));
    }
    this.#lastField = field;
  }

  #listHeader(field: number, type: number, size: number): void {
    this.#header(field, types.list);
    if (size < 15) this.#byte((size << 4) | type);
    else {
      this.#byte(0xf0 | type);
      this.#varint(size);
    }
  }

  #binary(value: string): void {
    this.#raw(new TextEncoder().encode(value));
  }

  #raw(encoded: Uint8Array): void {
    this.#varint(encoded.length);
    this.#grow(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #grow(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** A struct read back: field number to value. */
export class ThriftStruct {
  readonly #fields: ReadonlyMap<number, ThriftValue>;

  constructor(fields: ReadonlyMap<number, ThriftValue>) {
    this.#fields = fields;
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  number(field: number): number {
    const value = this.#fields.get(field);
    if (typeof value === "number") return value;
    throw mistyped(field, "a number", value);
  }

  text(field: number): string {
    return new TextDecoder().decode(this.binary(field));
  }

  binary(field: number): Uint8Array {
    const value = this.#fields.get(field);
    if (value instanceof Uint8Array) return value;
    throw mistyped(field, "binary", value);
  }

  struct(field: number): ThriftStruct {
    const value = this.#fields.get(field);
    if (value instanceof ThriftStruct) return value;
    throw mistyped(field, "a struct", value);
  }

  list(field: number): readonly ThriftValue[] {
    const value = this.#fields.get(field);
    if (isList(value)) return value;
    throw mistyped(field, "a list", value);
  }

  structs(field: number): readonly ThriftStruct[] {
    return this.list(field).map((value) => {
      if (value instanceof ThriftStruct) return value;
      throw mistyped(field, "a list of structs", value);
    });
  }
}

/** Reads one struct; `end` is the offset after it. Throws ArtifactError where the bytes are none. */
export function readThrift(bytes: Uint8Array, start = 0): { value: ThriftStruct; end: number } {
  const reader = new ThriftReader(bytes, start);
  const value = reader.struct();
  return { value, end: reader.offset };
}

class ThriftReader {
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  struct(): ThriftStruct {
    const fields = new Map<number, ThriftValue>();
    let field = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return new ThriftStruct(fields);
      field = header >> 4 === 0 ? unzigzag(this.#varint()) : field + (header >> 4);
      fields.set(field, this.#value(header & 15));
    }
  }

  #value(type: number): ThriftValue {
    if (type === types.true) return true;
    if (type === types.false) return false;
    if (type === types.byte) return this.#byte();
    if (type === types.i16 || type === types.i32 || type === types.i64) {
      return unzigzag(this.#varint());
    }
    if (type === types.binary) return this.#binary();
    if (type === types.list) return this.#list();
    if (type === types.struct) return this.struct();
    throw new ArtifactError(`parquet: thrift type ${type} at byte ${this.offset} is not expected`);
  }

  #list(): readonly ThriftValue[] {
    const header = this.#byte();
    const size = header >> 4 === 15 ? this.#varint() : header >> 4;
    return Array.from({ length: size }, () => this.#value(header & 15));
  }

  #binary(): Uint8Array {
    const length = this.#varint();
    const bytes = this.#bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return bytes;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #byte(): number {
    if (this.offset >= this.#bytes.length) {
      throw new ArtifactError(`parquet: the file ends inside a header at byte ${this.offset}`);
    }
    const byte = this.#bytes[this.offset];
    this.offset += 1;
    return byte;
  }
}

function isList(value: ThriftValue | undefined): value is readonly ThriftValue[] {
  return Array.isArray(value);
}

function mistyped(field: number, expected: string, found: unknown): ArtifactError {
  return new ArtifactError(`parquet: field ${field} must be ${expected}, found ${typeof found}`);
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
