// A Parquet file that is written column by column, as the engine finishes columns, and closed with its footer.

import { closeSync, openSync, writeSync, writevSync } from "node:fs";
import { crc32 } from "node:zlib";
import { ArtifactError, ShapeError } from "../../errors.ts";
import type { EncodedChunk } from "./chunk.ts";
import { encodeFloats, encodeInts, encodeTexts } from "./encode.ts";
import { convertedType, magic, repetition, type ChunkMeta, type ColumnStats } from "./format.ts";
import { Scratch } from "./scratch.ts";
import { ThriftWriter } from "./thrift.ts";

/** Where a file that grows stands; enough for another thread to append to it. */
export interface FilePosition {
  readonly path: string;
  readonly rows: number;
  readonly offset: number;
  readonly crc32: number;
}

/** What was appended to a file. */
export interface Appended {
  readonly chunks: readonly ChunkMeta[];
  readonly stats: readonly (readonly [string, ColumnStats])[];
  readonly offset: number;
  readonly crc32: number;
}

/** A column to append; its pages may lie in the scratch that `encode` is handed. */
export interface AppendColumn {
  readonly name: string;
  readonly isOptional: boolean;
  /** How a reader shows it, a `convertedType`; undefined as it is stored. */
  readonly converted?: number;
  encode(scratch: Scratch): EncodedChunk;
}

const scratch = new Scratch();

/** True for a file that holds no column yet. */
export function isNew({ offset }: FilePosition): boolean {
  return offset === magic.length;
}

/** Appends columns to a file that `MonthFile` opened, on whichever thread; one thread a file at a time. */
export function appendTo(position: FilePosition, columns: Iterable<AppendColumn>): Appended {
  const descriptor = openSync(position.path, "r+");
  try {
    const appender = new Appender(descriptor, position);
    for (const column of columns) {
      appender.add(column.name, column.encode(scratch), column.isOptional, column.converted);
    }
    return appender.finish();
  } finally {
    closeSync(descriptor);
  }
}

/** Epoch days, shown as DATE. */
export function dateColumn(name: string, days: Int32Array): AppendColumn {
  return {
    name,
    isOptional: false,
    converted: convertedType.date,
    encode: () => encodeInts(days),
  };
}

/** Texts, given as positions in a list. */
export function textColumn(
  name: string,
  positions: Int32Array,
  texts: readonly string[],
): AppendColumn {
  return {
    name,
    isOptional: false,
    converted: convertedType.text,
    encode: (to) => encodeTexts(positions, texts, to),
  };
}

/** float32, NaN as null. */
export function floatColumn(name: string, values: Float32Array): AppendColumn {
  return { name, isOptional: true, encode: (to) => encodeFloats(values, to) };
}

export class MonthFile {
  readonly path: string;
  readonly rows: number;
  readonly #descriptor: number;
  readonly #chunks: ChunkMeta[] = [];
  readonly #stats: Map<string, ColumnStats> = new Map();
  #offset: number = magic.length;
  #crc32: number = crc32(magic);

  constructor(path: string, rows: number) {
    this.path = path;
    this.rows = rows;
    this.#descriptor = openSync(path, "wx");
    writeFully(this.#descriptor, magic, 0);
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#offset;
  }

  /** CRC-32 of all bytes so far, in the order of the file. */
  get crc32(): number {
    return this.#crc32;
  }

  /** What each column so far holds. */
  get stats(): ReadonlyMap<string, ColumnStats> {
    return this.#stats;
  }

  /** For `appendTo` on another thread; hand its result to `absorb`. */
  get position(): FilePosition {
    return { path: this.path, rows: this.rows, offset: this.#offset, crc32: this.#crc32 };
  }

  /** Appends a column on this thread. */
  add(column: AppendColumn): void {
    this.absorb(appendTo(this.position, [column]));
  }

  /** Takes note of what another thread appended. */
  absorb({ chunks, stats, offset, crc32: crc }: Appended): void {
    this.#chunks.push(...chunks);
    for (const [name, column] of stats) this.#stats.set(name, column);
    this.#offset = offset;
    this.#crc32 = crc;
  }

  /** Writes the footer, columns in the order of `names`, and closes the file. Throws ArtifactError when one is missing. */
  close(names: readonly string[], notes: ReadonlyMap<string, string> = new Map()): void {
    const byName = new Map(this.#chunks.map((chunk) => [chunk.name, chunk]));
    const chunks = names.map((name) => {
      const chunk = byName.get(name);
      if (chunk === undefined) {
        throw new ArtifactError(
          `dataset: ${this.path} has no column ${name}; it was never computed`,
        );
      }
      return chunk;
    });
    const footer = footerBytes(chunks, this.rows, notes);
    const tail = new Uint8Array(footer.length + 8);
    tail.set(footer);
    new DataView(tail.buffer).setUint32(footer.length, footer.length, true);
    tail.set(magic, footer.length + 4);
    writeFully(this.#descriptor, tail, this.#offset);
    this.#crc32 = crc32(tail, this.#crc32);
    this.#offset += tail.length;
    closeSync(this.#descriptor);
  }

  /** Closes an unfinished file; it cannot be read. */
  abandon(): void {
    closeSync(this.#descriptor);
  }
}

/** Bytes that wait before they are written together. */
const pendingBytes = 8 * 2 ** 20;
const pendingParts = 500;

/** Writes chunks one behind the other and keeps the books. */
class Appender {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #rows: number;
  readonly #chunks: ChunkMeta[] = [];
  readonly #stats: [string, ColumnStats][] = [];
  #pending: Uint8Array[] = [];
  #written: number;
  #offset: number;
  #crc32: number;

  constructor(descriptor: number, { path, rows, offset, crc32: crc }: FilePosition) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.#rows = rows;
    this.#written = offset;
    this.#offset = offset;
    this.#crc32 = crc;
  }

  add(name: string, chunk: EncodedChunk, isOptional: boolean, converted?: number): void {
    if (chunk.values !== this.#rows) {
      throw new ShapeError(
        `dataset: column ${name} of ${this.#path} must have ${this.#rows} rows, found ${chunk.values}`,
      );
    }
    const { parts, bytes, dataPageOffset, ...meta } = chunk;
    const { nulls, least, greatest } = chunk;
    this.#stats.push([name, { nulls, least, greatest }]);
    this.#chunks.push({
      ...meta,
      name,
      convertedType: converted,
      isOptional,
      offset: this.#offset,
      bytes,
      dataPageOffset: this.#offset + dataPageOffset,
    });
    for (const part of parts) this.#crc32 = crc32(part, this.#crc32);
    this.#pending.push(...parts);
    this.#offset += bytes;
    if (this.#offset - this.#written > pendingBytes || this.#pending.length > pendingParts) {
      this.#flush();
    }
  }

  /** Writes what waits; the scratch is free then. */
  finish(): Appended {
    this.#flush();
    return {
      chunks: this.#chunks,
      stats: this.#stats,
      offset: this.#offset,
      crc32: this.#crc32,
    };
  }

  #flush(): void {
    const size = this.#offset - this.#written;
    if (size > 0 && writevSync(this.#descriptor, this.#pending, this.#written) !== size) {
      this.#writeOneByOne();
    }
    this.#pending = [];
    this.#written = this.#offset;
    scratch.reset();
  }

  /** After a short write, which a signal or a full disk may cause: again, piece by piece. */
  #writeOneByOne(): void {
    let position = this.#written;
    for (const part of this.#pending) {
      writeFully(this.#descriptor, part, position);
      position += part.length;
    }
  }
}

function footerBytes(
  chunks: readonly ChunkMeta[],
  rows: number,
  notes: ReadonlyMap<string, string>,
): Uint8Array {
  const writer = new ThriftWriter();
  writer.i32(1, 1);
  writer.structList(2, ["root", ...chunks], (element) => {
    if (typeof element === "string") {
      writer.text(4, element);
      writer.i32(5, chunks.length);
    } else writeSchema(writer, element);
  });
  writer.i64(3, rows);
  writer.structList(4, [chunks], (group) => {
    writer.structList(1, group, (chunk) => writeChunk(writer, chunk));
    writer.i64(
      2,
      group.reduce((bytes, chunk) => bytes + chunk.bytes, 0),
    );
    writer.i64(3, rows);
  });
  writer.structList(5, [...notes], ([key, value]) => {
    writer.text(1, key);
    writer.text(2, value);
  });
  writer.text(6, "gogooku3");
  writer.structList(7, chunks, () => writer.struct(1, () => undefined));
  writer.end();
  return writer.bytes;
}

function writeSchema(writer: ThriftWriter, chunk: ChunkMeta): void {
  writer.i32(1, chunk.type);
  writer.i32(3, chunk.isOptional ? repetition.optional : repetition.required);
  writer.text(4, chunk.name);
  if (chunk.convertedType !== undefined) writer.i32(6, chunk.convertedType);
}

function writeChunk(writer: ThriftWriter, chunk: ChunkMeta): void {
  writer.i64(2, chunk.offset);
  writer.struct(3, () => {
    writer.i32(1, chunk.type);
    writer.i32List(2, chunk.encodings);
    writer.textList(3, [chunk.name]);
    writer.i32(4, 0);
    writer.i64(5, chunk.values);
    writer.i64(6, chunk.bytes);
    writer.i64(7, chunk.bytes);
    writer.i64(9, chunk.dataPageOffset);
    if (chunk.hasDictionary) writer.i64(11, chunk.offset);
    writer.struct(12, () => {
      writer.i64(3, chunk.nulls);
      if (chunk.least !== chunk.least) return;
      writer.binary(5, new Uint8Array(Float32Array.of(chunk.greatest).buffer));
      writer.binary(6, new Uint8Array(Float32Array.of(chunk.least).buffer));
    });
  });
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
