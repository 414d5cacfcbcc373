// Definition levels and dictionary indices: the hybrid of runs and packed bits. apache/parquet-format Encodings.md.

import type { Scratch } from "./scratch.ts";

/** Length-prefixed levels of a page in which no value or every value is missing. */
export function uniformLevels(values: number, isPresent: boolean): Uint8Array {
  return prefixed([varint(values * 2), Uint8Array.of(isPresent ? 1 : 0)]);
}

/** Length-prefixed levels from one bit a value, the first in the lowest bit. */
export function bitLevels(bits: Uint8Array): readonly Uint8Array[] {
  const header = varint(bits.length * 2 + 1);
  const prefix = new Uint8Array(4 + header.length);
  new DataView(prefix.buffer).setUint32(0, header.length + bits.length, true);
  prefix.set(header, 4);
  return [prefix, bits];
}

/** Runs where values stay the same for long (market-wide columns), else bits. */
export function packIndices(values: Int32Array, width: number, scratch: Scratch): Uint8Array {
  let runs = 1;
  for (let i = 1; i < values.length; i += 1) if (values[i] !== values[i - 1]) runs += 1;
  return runs * 16 < values.length ? packRuns(values, width) : packBits(values, width, scratch);
}

/** Runs of equal values. */
function packRuns(values: Int32Array, width: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let start = 0;
  while (start < values.length) {
    let end = start + 1;
    while (end < values.length && values[end] === values[start]) end += 1;
    parts.push(run(values[start], end - start, width));
    start = end;
  }
  return concat(parts);
}

/** `count` times the same value. */
export function run(value: number, count: number, width: number): Uint8Array {
  const bytes = Uint8Array.of(value & 255, value >> 8).subarray(0, Math.ceil(width / 8));
  return concat([varint(count * 2), bytes]);
}

/** Every value in `width` bits. */
export function packBits(values: Int32Array, width: number, scratch: Scratch): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const header = varint(groups * 2 + 1);
  const bytes = scratch.bytes(header.length + groups * width);
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
  if (bits > 0) {
    bytes[place] = held;
    place += 1;
  }
  return bytes.fill(0, place);
}

/** Bits that tell `count` values apart. */
export function bitWidth(count: number): number {
  return Math.max(1, 32 - Math.clz32(Math.max(0, count - 1)));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
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

function prefixed(parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  const whole = new Uint8Array(4 + body.length);
  new DataView(whole.buffer).setUint32(0, body.length, true);
  whole.set(body, 4);
  return whole;
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
