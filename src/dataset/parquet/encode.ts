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
  const summary = summarise(values);
  const dictionary = findDictionary(values);
  const encoded =
    dictionary === undefined
      ? plainFloats(values, summary.count)
      : dictionaryFloats(values, summary.count, dictionary);
  return { ...encoded, least: summary.least, greatest: summary.greatest };
}

interface Summary {
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
}

function summarise(values: Float32Array): Summary {
  let count = 0;
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    count += 1;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return count === 0
    ? { count, least: Number.NaN, greatest: Number.NaN }
    : { count, least, greatest };
}

/** int32 values without nulls, such as dates. */
export function encodeInts(values: Int32Array): EncodedChunk {
  const body = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return chunk(parquetType.int32, values.length, 0, undefined, [body], parquetEncoding.plain);
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
  return chunk(
    parquetType.byteArray,
    positions.length,
    0,
    { bytes: concat(parts), count: texts.length },
    [Uint8Array.of(width), packBits(positions, width)],
    parquetEncoding.rleDictionary,
  );
}

interface Dictionary {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const largestDictionary = 1024;
const sampleSize = 256;

interface Placed {
  readonly distinct: readonly number[];
  /** Places of the values that are there, in order. */
  readonly places: Int32Array;
}

/** Distinct values and where each value stands among them, when a month holds few; undefined when it holds many. */
function findDictionary(values: Float32Array): Placed | undefined {
  const step = Math.max(1, Math.floor(values.length / sampleSize));
  const sample = new Set<number>();
  let seen = 0;
  for (let i = 0; i < values.length; i += step) {
    if (values[i] === values[i]) sample.add(values[i]);
    seen += 1;
  }
  if (sample.size > seen / 2 + 1) return undefined;
  return sample.size <= 8 ? (placeFew(values) ?? placeMany(values)) : placeMany(values);
}

/** Up to 8 distinct values, found by looking along a short list. */
function placeFew(values: Float32Array): Placed | undefined {
  const distinct: number[] = [];
  const places = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    let place = 0;
    while (place < distinct.length && distinct[place] !== value) place += 1;
    if (place === distinct.length) {
      if (place === 8) return undefined;
      distinct.push(value);
    }
    if (value === 0 && Object.is(value, -0)) return undefined;
    places[count] = place;
    count += 1;
  }
  return { distinct, places: places.subarray(0, count) };
}

function placeMany(values: Float32Array): Placed | undefined {
  const known = new Map<number, number>();
  const places = new Int32Array(values.length);
  let count = 0;
  let last = Number.NaN;
  let place = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    if (value === 0 && Object.is(value, -0)) return undefined;
    if (value !== last) {
      const found = known.get(value);
      if (found === undefined) {
        if (known.size === largestDictionary) return undefined;
        place = known.size;
        known.set(value, place);
      } else place = found;
      last = value;
    }
    places[count] = place;
    count += 1;
  }
  return { distinct: [...known.keys()], places: places.subarray(0, count) };
}

function dictionaryFloats(
  values: Float32Array,
  count: number,
  { distinct, places }: Placed,
): EncodedChunk {
  const stored = Float32Array.from(distinct);
  const width = bitWidth(stored.length);
  const indices = packRunsOrBits(places, width);
  return chunk(
    parquetType.float,
    values.length,
    values.length - count,
    { bytes: new Uint8Array(stored.buffer), count: stored.length },
    [definitionLevels(values, count), Uint8Array.of(width), indices],
    parquetEncoding.rleDictionary,
  );
}

function plainFloats(values: Float32Array, count: number): EncodedChunk {
  const levels = definitionLevels(values, count);
  const nulls = values.length - count;
  const present = nulls === 0 ? values : compacted(values, count);
  const bytes = new Uint8Array(present.buffer, present.byteOffset, present.byteLength);
  return chunk(
    parquetType.float,
    values.length,
    nulls,
    undefined,
    [levels, bytes],
    parquetEncoding.plain,
  );
}

function compacted(values: Float32Array, count: number): Float32Array {
  const present = new Float32Array(count);
  let place = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    present[place] = value;
    place += 1;
  }
  return present;
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
  let place = header.length;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < values.length; i += 1) {
    held |= values[i] << bits;
    bits += width;
    while (bits >= 8) {
      bytes[place] = held;
      place += 1;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[place] = held;
  return bytes;
}

function chunk(
  type: number,
  values: number,
  nulls: number,
  dictionary: Dictionary | undefined,
  body: readonly Uint8Array[],
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
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const header = pageHeader(parquetPage.data, size, (writer) =>
    writer.struct(5, () => {
      writer.i32(1, values);
      writer.i32(2, encoding);
      writer.i32(3, parquetEncoding.rle);
      writer.i32(4, parquetEncoding.rle);
    }),
  );
  parts.push(header, ...body);
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
