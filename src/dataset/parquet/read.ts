// Reads columns of a month file as typed arrays: only the bytes of the columns asked for, no row is ever decoded.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ArtifactError } from "../../errors.ts";
import { parquetEncoding, parquetType, type ChunkMeta, type ColumnStats } from "./format.ts";
import { readThrift, type ThriftStruct } from "./thrift.ts";

/** Texts as positions in a list of distinct texts. */
export interface TextColumn {
  readonly positions: Int32Array;
  readonly texts: readonly string[];
}

export class MonthReader {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly notes: ReadonlyMap<string, string>;
  readonly #descriptor: number;
  readonly #chunks: ReadonlyMap<string, ChunkMeta>;

  /** Throws ArtifactError when the file is not one that `MonthFile` closed. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "r");
    const footer = readFooter(this.#descriptor, path);
    this.rows = footer.number(3);
    const [schema, group] = [footer.structs(2).slice(1), footer.structs(4)[0]];
    const chunks = group.structs(1).map((chunk, index) => chunkOf(chunk.struct(3), schema[index]));
    this.#chunks = new Map(chunks.map((chunk) => [chunk.name, chunk]));
    this.columns = chunks.map(({ name }) => name);
    const notes = footer.has(5) ? footer.structs(5) : [];
    this.notes = new Map(notes.map((note) => [note.text(1), note.text(2)]));
  }

  /** What each column holds. */
  get stats(): ReadonlyMap<string, ColumnStats> {
    return this.#chunks;
  }

  /** Fills `out` from `offset` on with a float32 column, null as NaN. */
  readFloats(name: string, out: Float32Array, offset: number): void {
    const { meta, body, dictionary, dataView } = this.#page(name, parquetType.float);
    const target = out.subarray(offset, offset + meta.values);
    const levelBytes = dataView.getUint32(0, true);
    const present = meta.nulls === 0 ? undefined : presence(body.subarray(4, 4 + levelBytes), meta);
    const start = 4 + levelBytes;
    const count = meta.values - meta.nulls;
    if (meta.hasDictionary) {
      const distinct = floatsOf(dictionary, 0, dictionary.length / 4);
      const indices = unpack(body.subarray(start + 1), body[start], count);
      scatter(target, present, (i) => distinct[indices[i]]);
    } else if (present === undefined) {
      bytesOf(target).set(body.subarray(start, start + count * 4));
    } else {
      const values = floatsOf(body, start, count);
      scatter(target, present, (i) => values[i]);
    }
  }

  /** A column of int32 values. */
  readInts(name: string): Int32Array {
    const { meta, body } = this.#page(name, parquetType.int32);
    const values = new Int32Array(meta.values);
    new Uint8Array(values.buffer).set(body.subarray(0, meta.values * 4));
    return values;
  }

  readTexts(name: string): TextColumn {
    const { meta, body, dictionary } = this.#page(name, parquetType.byteArray);
    const texts: string[] = [];
    const view = new DataView(dictionary.buffer, dictionary.byteOffset, dictionary.byteLength);
    const decoder = new TextDecoder();
    for (let offset = 0; offset < dictionary.length;) {
      const length = view.getUint32(offset, true);
      texts.push(decoder.decode(dictionary.subarray(offset + 4, offset + 4 + length)));
      offset += 4 + length;
    }
    return { positions: unpack(body.subarray(1), body[0], meta.values), texts };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #page(name: string, type: number): Page {
    const meta = this.#chunks.get(name);
    if (meta === undefined || meta.type !== type) {
      throw new ArtifactError(
        `dataset: ${this.path} has no ${meta === undefined ? "" : "such "}column ${name}; it has ${this.columns.length}: ${this.columns.slice(0, 20).join(", ")}`,
      );
    }
    const bytes = readBytes(this.#descriptor, meta.offset, meta.bytes);
    const data = meta.dataPageOffset - meta.offset;
    const dictionaryStart = meta.hasDictionary ? readThrift(bytes).end : 0;
    const { end } = readThrift(bytes, data);
    const body = bytes.subarray(end);
    return {
      meta,
      body,
      dictionary: bytes.subarray(dictionaryStart, data),
      dataView: new DataView(body.buffer, body.byteOffset, body.byteLength),
    };
  }
}

interface Page {
  readonly meta: ChunkMeta;
  readonly body: Uint8Array;
  readonly dictionary: Uint8Array;
  readonly dataView: DataView;
}

function readFooter(descriptor: number, path: string): ThriftStruct {
  const { size } = fstatSync(descriptor);
  const tail = size >= 12 ? readBytes(descriptor, size - 8, 8) : new Uint8Array(8);
  if (new TextDecoder().decode(tail.subarray(4)) !== "PAR1") {
    throw new ArtifactError(
      `dataset: ${path} is not a complete Parquet file; build the dataset again`,
    );
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  return readThrift(readBytes(descriptor, size - 8 - length, length)).value;
}

function chunkOf(meta: ThriftStruct, schema: ThriftStruct): ChunkMeta {
  const hasDictionary = meta.has(11);
  const dataPageOffset = meta.number(9);
  const statistics = meta.struct(12);
  return {
    name: schema.text(4),
    type: meta.number(1),
    convertedType: schema.has(6) ? schema.number(6) : undefined,
    isOptional: schema.number(3) === 1,
    encodings: [parquetEncoding.plain],
    values: meta.number(5),
    nulls: statistics.number(3),
    least: bound(statistics, 6),
    greatest: bound(statistics, 5),
    offset: hasDictionary ? meta.number(11) : dataPageOffset,
    bytes: meta.number(7),
    dataPageOffset,
    hasDictionary,
  };
}

function bound(statistics: ThriftStruct, field: number): number {
  if (!statistics.has(field)) return Number.NaN;
  const bytes = statistics.binary(field);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(0, true);
}

/** One flag a value from definition levels that are one run, or bits. */
function presence(levels: Uint8Array, { values, nulls }: ChunkMeta): Uint8Array {
  const present = new Uint8Array(values);
  if (nulls === values) return present;
  const { value: header, end } = readVarint(levels, 0);
  if (header % 2 === 0) return present.fill(levels[end]);
  for (let i = 0; i < values; i += 1) present[i] = (levels[end + (i >> 3)] >> (i & 7)) & 1;
  return present;
}

/** Values of the run-length and bit-packing hybrid. */
function unpack(bytes: Uint8Array, width: number, count: number): Int32Array {
  const values = new Int32Array(count);
  const valueBytes = Math.ceil(width / 8);
  let offset = 0;
  let done = 0;
  while (done < count) {
    const { value: header, end } = readVarint(bytes, offset);
    offset = end;
    if (header % 2 === 0) {
      const value = bytes[offset] | (valueBytes > 1 ? bytes[offset + 1] << 8 : 0);
      values.fill(value, done, done + header / 2);
      done += header / 2;
      offset += valueBytes;
    } else {
      const packed = Math.min(((header - 1) / 2) * 8, count - done);
      unpackBits(bytes, offset, width, values.subarray(done, done + packed));
      done += packed;
      offset += ((header - 1) / 2) * width;
    }
  }
  return values;
}

function unpackBits(bytes: Uint8Array, start: number, width: number, out: Int32Array): void {
  const mask = 2 ** width - 1;
  let place = start;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < out.length; i += 1) {
    while (bits < width) {
      held |= bytes[place] << bits;
      place += 1;
      bits += 8;
    }
    out[i] = held & mask;
    held >>>= width;
    bits -= width;
  }
}

function scatter(
  target: Float32Array,
  present: Uint8Array | undefined,
  value: (index: number) => number,
): void {
  let next = 0;
  for (let i = 0; i < target.length; i += 1) {
    if (present !== undefined && present[i] === 0) target[i] = Number.NaN;
    else {
      target[i] = value(next);
      next += 1;
    }
  }
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let end = start; ; end += 1) {
    value += (bytes[end] & 127) * scale;
    if (bytes[end] < 128) return { value, end: end + 1 };
    scale *= 128;
  }
}

function readBytes(descriptor: number, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const more = readSync(descriptor, bytes, read, length - read, position + read);
    if (more === 0) throw new ArtifactError(`dataset: a file ends at byte ${position + read}`);
    read += more;
  }
  return bytes;
}

function floatsOf(bytes: Uint8Array, start: number, count: number): Float32Array {
  const values = new Float32Array(count);
  new Uint8Array(values.buffer).set(bytes.subarray(start, start + count * 4));
  return values;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
