// One column of one month as Parquet pages: plain float32, or a dictionary where values repeat. Not compressed, so that a reader
// copies bytes straight into a typed array. apache/parquet-format Encodings.md.

import { ThriftWriter } from "./thrift.ts";
import { parquetEncoding, parquetPage, parquetType } from "./format.ts";

/** The bytes of a column chunk and what the footer says about it; offsets count from the chunk's first byte. */
export interface EncodedChunk {
  readonly bytes: Uint8Array;
  readonly type: number;
  readonly encodings: readonly number[];
  readonly values: number;
  readonly nulls: number;
  /** Least and greatest value; NaN where there is none. */
  readonly least: number;
  readonly greatest: number;
  readonly dataPageOffset: number;
  readonly hasDictionary: boolean;
}

/** float32 values, NaN as null. */
export function encodeFloats(values: Float32Array): EncodedChunk {
  const dictionary = smallDictionary(values);
  const encoded =
    dictionary === undefined ? plainFloats(values) : dictionaryFloats(values, dictionary);
  return { ...encoded, ...extremes(values) };
}

function extremes(values: Float32Array): { least: number; greatest: number } {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least > greatest ? { least: Number.NaN, greatest: Number.NaN } : { least, greatest };
}

/** int32 values without nulls, such as dates. */
export function encodeInts(values: Int32Array): EncodedChunk {
  const body = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return chunk(parquetType.int32, values.length, 0, undefined, body, parquetEncoding.plain);
}

/** Texts without nulls, given as positions in a list. */
export function encodeTexts(positions: Int32Array, texts: readonly string[]): EncodedChunk {
  const encoder = new TextEncoder();
  const parts = texts.flatMap((text) => {
    const bytes = encoder.encode(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  });
  const width = bitWidth(texts.length);
  const body = concat([Uint8Array.of(width), packBits(positions, width)]);
  return chunk(
    parquetType.byteArray,
    positions.length,
    0,
    { bytes: concat(parts), count: texts.length },
    body,
    parquetEncoding.rleDictionary,
  );
}

interface Dictionary {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const largestDictionary = 1024;
const sampleSize = 1024;

/** Distinct values and their positions, when a month holds few of them; undefined when it holds many. */
function smallDictionary(values: Float32Array): Map<number, number> | undefined {
  const step = Math.max(1, Math.floor(values.length / sampleSize));
  const sample = new Set<number>();
  let seen = 0;
  for (let i = 0; i < values.length; i += step) {
    if (values[i] === values[i]) sample.add(values[i]);
    seen += 1;
  }
  if (sample.size > seen / 2 + 1) return undefined;
  const positions = new Map<number, number>();
  let last = Number.NaN;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value || value === last || Object.is(value, -0)) {
      if (Object.is(value, -0)) return undefined;
      continue;
    }
    last = value;
    if (positions.has(value)) continue;
    if (positions.size === largestDictionary) return undefined;
    positions.set(value, positions.size);
  }
  return positions;
}

function dictionaryFloats(values: Float32Array, places: Map<number, number>): EncodedChunk {
  const present = new Int32Array(values.length);
  let count = 0;
  let last = Number.NaN;
  let place = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    if (value !== last) place = places.get(value) ?? 0;
    last = value;
    present[count] = place;
    count += 1;
  }
  const distinct = Float32Array.from(places.keys());
  const width = bitWidth(distinct.length);
  const indices = packRunsOrBits(present.subarray(0, count), width);
  const body = concat([definitionLevels(values, count), Uint8Array.of(width), indices]);
  return chunk(
    parquetType.float,
    values.length,
    values.length - count,
    { bytes: new Uint8Array(distinct.buffer), count: distinct.length },
    body,
    parquetEncoding.rleDictionary,
  );
}

function plainFloats(values: Float32Array): EncodedChunk {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] === values[i]) count += 1;
  const levels = definitionLevels(values, count);
  const padded = new Float32Array(count);
  if (count === values.length) padded.set(values);
  else {
    let place = 0;
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      if (value !== value) continue;
      padded[place] = value;
      place += 1;
    }
  }
  const body = concat([levels, new Uint8Array(padded.buffer)]);
  const nulls = values.length - count;
  return chunk(parquetType.float, values.length, nulls, undefined, body, parquetEncoding.plain);
}

/** Length-prefixed levels: one run where all values are there, else one bit a value. */
function definitionLevels(values: Float32Array, count: number): Uint8Array {
  const levels =
    count === values.length || count === 0
      ? concat([varint(values.length * 2), Uint8Array.of(count === 0 ? 0 : 1)])
      : packPresence(values);
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, levels.length, true);
  return concat([prefix, levels]);
}

function packPresence(values: Float32Array): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const header = varint(groups * 2 + 1);
  const bytes = new Uint8Array(header.length + groups);
  bytes.set(header);
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] === values[i]) bytes[header.length + (i >> 3)] |= 1 << (i & 7);
  }
  return bytes;
}

/** Runs where values stay the same for long (market-wide columns), else bits. */
function packRunsOrBits(values: Int32Array, width: number): Uint8Array {
  let runs = 1;
  for (let i = 1; i < values.length; i += 1) if (values[i] !== values[i - 1]) runs += 1;
  return runs * 16 < values.length ? packRuns(values, width) : packBits(values, width);
}

function packRuns(values: Int32Array, width: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const valueBytes = Math.ceil(width / 8);
  let start = 0;
  while (start < values.length) {
    let end = start + 1;
    while (end < values.length && values[end] === values[start]) end += 1;
    parts.push(varint((end - start) * 2));
    parts.push(Uint8Array.of(values[start] & 255, values[start] >> 8).subarray(0, valueBytes));
    start = end;
  }
  return concat(parts);
}

function packBits(values: Int32Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const header = varint(groups * 2 + 1);
  const bytes = new Uint8Array(header.length + groups * width);
  bytes.set(header);
  let bit = header.length * 8;
  for (let i = 0; i < values.length; i += 1) {
    for (let k = 0; k < width; k += 1, bit += 1) {
      if ((values[i] >> k) & 1) bytes[bit >> 3] |= 1 << (bit & 7);
    }
  }
  return bytes;
}

function chunk(
  type: number,
  values: number,
  nulls: number,
  dictionary: Dictionary | undefined,
  body: Uint8Array,
  encoding: number,
): EncodedChunk {
  const parts: Uint8Array[] = [];
  let dataPageOffset = 0;
  if (dictionary !== undefined) {
    const header = pageHeader(parquetPage.dictionary, dictionary.bytes.length, (writer) =>
      writer.struct(7, () => {
        writer.i32(1, dictionary.count);
        writer.i32(2, parquetEncoding.plain);
      }),
    );
    parts.push(header, dictionary.bytes);
    dataPageOffset = header.length + dictionary.bytes.length;
  }
  const header = pageHeader(parquetPage.data, body.length, (writer) =>
    writer.struct(5, () => {
      writer.i32(1, values);
      writer.i32(2, encoding);
      writer.i32(3, parquetEncoding.rle);
      writer.i32(4, parquetEncoding.rle);
    }),
  );
  parts.push(header, body);
  return {
    bytes: concat(parts),
    type,
    encodings: [parquetEncoding.plain, parquetEncoding.rle, parquetEncoding.rleDictionary].filter(
      (known) => known !== parquetEncoding.rleDictionary || dictionary !== undefined,
    ),
    values,
    nulls,
    least: Number.NaN,
    greatest: Number.NaN,
    dataPageOffset,
    hasDictionary: dictionary !== undefined,
  };
}

function pageHeader(page: number, size: number, write: (writer: ThriftWriter) => void): Uint8Array {
  const writer = new ThriftWriter();
  writer.i32(1, page);
  writer.i32(2, size);
  writer.i32(3, size);
  write(writer);
  writer.end();
  return writer.bytes;
}

function bitWidth(count: number): number {
  return Math.max(1, 32 - Math.clz32(Math.max(0, count - 1)));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
