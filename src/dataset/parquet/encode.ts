// One column of one month as Parquet pages: plain float32, or a dictionary where values repeat. Not compressed, so that a reader
// copies bytes straight into a typed array. apache/parquet-format Encodings.md.

import { chunkOf, type EncodedChunk } from "./chunk.ts";
import { FloatDictionary } from "./dictionary.ts";
import { parquetType } from "./format.ts";
import { bitLevels, bitWidth, concat, packBits, packIndices, uniformLevels } from "./levels.ts";
import type { Scratch } from "./scratch.ts";

/** int32 values without nulls, such as dates. */
export function encodeInts(values: Int32Array): EncodedChunk {
  const body = [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];
  return chunkOf({ type: parquetType.int32, values: values.length, nulls: 0, body });
}

/** Texts without nulls, given as positions in a list. */
export function encodeTexts(
  positions: Int32Array,
  texts: readonly string[],
  scratch: Scratch,
): EncodedChunk {
  const encoder = new TextEncoder();
  const entries = texts.flatMap((text) => {
    const bytes = encoder.encode(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  });
  const width = bitWidth(texts.length);
  return chunkOf({
    type: parquetType.byteArray,
    values: positions.length,
    nulls: 0,
    dictionary: { bytes: concat(entries), count: texts.length },
    body: [Uint8Array.of(width), packBits(positions, width, scratch)],
  });
}

/** float32 values, NaN as null. The chunk may refer to `values` and to `scratch`: write it before either changes. */
export function encodeFloats(values: Float32Array, scratch: Scratch): EncodedChunk {
  const present = presentValues(values, scratch);
  const { floats, nulls, least, greatest, levels } = present;
  const places = repeats(floats) ? placesOf(floats, scratch) : undefined;
  const content = { type: parquetType.float, values: values.length, nulls, least, greatest };
  if (places === undefined) {
    const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    return chunkOf({ ...content, body: [...levels, bytes] });
  }
  const width = bitWidth(dictionary.size);
  return chunkOf({
    ...content,
    dictionary: { bytes: dictionary.toBytes(), count: dictionary.size },
    body: [...levels, Uint8Array.of(width), packIndices(places, width, scratch)],
  });
}

interface Present {
  /** The values that are not NaN, in order. */
  readonly floats: Float32Array;
  readonly nulls: number;
  readonly least: number;
  readonly greatest: number;
  readonly levels: readonly Uint8Array[];
}

/** One pass: which values are there, how many, the least and the greatest. */
function presentValues(values: Float32Array, scratch: Scratch): Present {
  const { length } = values;
  let least = Infinity;
  let greatest = -Infinity;
  let i = 0;
  for (; i < length; i += 1) {
    const value = values[i];
    if (value !== value) break;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (i === length && length > 0) {
    return { floats: values, nulls: 0, least, greatest, levels: [uniformLevels(length, true)] };
  }
  const floats = scratch.floats(length);
  const bits = scratch.bytes(Math.ceil(length / 8));
  floats.set(values.subarray(0, i));
  bits.fill(0).fill(255, 0, i >> 3);
  for (let bit = i & ~7; bit < i; bit += 1) bits[bit >> 3] |= 1 << (bit & 7);
  let count = i;
  for (; i < length; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    floats[count] = value;
    count += 1;
    bits[i >> 3] |= 1 << (i & 7);
  }
  if (count === 0) [least, greatest] = [Number.NaN, Number.NaN];
  return {
    floats: floats.subarray(0, count),
    nulls: length - count,
    least,
    greatest,
    levels: count === 0 ? [uniformLevels(length, false)] : bitLevels(bits),
  };
}

const dictionary = new FloatDictionary();
const sampleSize = 256;

/** True when of a sample at most half the values are new. */
function repeats(floats: Float32Array): boolean {
  if (floats.length === 0) return true;
  const bits = bitsOf(floats);
  const step = Math.max(1, Math.floor(floats.length / sampleSize));
  dictionary.clear();
  let seen = 0;
  for (let i = 0; i < bits.length; i += step) {
    dictionary.place(bits[i]);
    seen += 1;
  }
  return dictionary.size <= seen / 2 + 1;
}

/** Where each value stands in the dictionary; undefined when there are too many. */
function placesOf(floats: Float32Array, scratch: Scratch): Int32Array | undefined {
  const bits = bitsOf(floats);
  const places = scratch.ints(bits.length);
  dictionary.clear();
  let last = 0;
  let place = -1;
  for (let i = 0; i < bits.length; i += 1) {
    if (place < 0 || bits[i] !== last) {
      last = bits[i];
      place = dictionary.place(last);
      if (place < 0) return undefined;
    }
    places[i] = place;
  }
  return places;
}

function bitsOf(floats: Float32Array): Int32Array {
  return new Int32Array(floats.buffer, floats.byteOffset, floats.length);
}
