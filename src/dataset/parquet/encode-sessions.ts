// Columns that have one value a session, or one a group in a session, as Parquet pages: each value goes to the dictionary once, and
// rows only point to it.

import { chunkOf, type EncodedChunk } from "./chunk.ts";
import { FloatDictionary } from "./dictionary.ts";
import { parquetType } from "./format.ts";
import { bitLevels, bitWidth, concat, packIndices, run, uniformLevels } from "./levels.ts";
import type { Scratch } from "./scratch.ts";

/** Rows of some sessions, by session. */
export interface SessionRows {
  readonly firstSession: number;
  /** Rows in each session. */
  readonly counts: Int32Array;
  readonly rows: number;
}

/** A market series for the rows of its sessions: float32, NaN as null. */
export function encodeMarket(
  values: Float64Array,
  { firstSession, counts, rows }: SessionRows,
  scratch: Scratch,
): EncodedChunk {
  const pages = new Pages(rows, scratch);
  const places = counts.map((count, k) => {
    const place = pages.place(values[firstSession + k]);
    if (place < 0) pages.nulls += count;
    return place;
  });
  const width = bitWidth(pages.distinct);
  const runs: Uint8Array[] = [];
  let row = 0;
  for (let k = 0; k < counts.length; k += 1) {
    if (places[k] >= 0) {
      pages.mark(row, row + counts[k]);
      if (counts[k] > 0) runs.push(run(places[k], counts[k], width));
    }
    row += counts[k];
  }
  return pages.chunk(concat(runs), width);
}

/** Group of a row without one. */
const noGroup = 255;
const unknown = -2;

/** A group series for the rows of its sessions; value of group g in session s at g × stride + s. NaN without a group. */
export function encodeGroups(
  values: Float64Array,
  stride: number,
  { firstSession, counts, rows }: SessionRows,
  groupOfRow: Uint8Array,
  scratch: Scratch,
): EncodedChunk {
  const pages = new Pages(rows, scratch);
  const placeOf = new Int32Array(256);
  const places = scratch.ints(rows);
  let row = 0;
  let count = 0;
  for (let k = 0; k < counts.length; k += 1) {
    placeOf.fill(unknown);
    placeOf[noGroup] = -1;
    for (const end = row + counts[k]; row < end; row += 1) {
      const group = groupOfRow[row];
      let place = placeOf[group];
      if (place === unknown) {
        place = pages.place(values[group * stride + firstSession + k]);
        placeOf[group] = place;
      }
      if (place < 0) continue;
      places[count] = place;
      count += 1;
      pages.markOne(row);
    }
  }
  pages.nulls = rows - count;
  const width = bitWidth(pages.distinct);
  return pages.chunk(packIndices(places.subarray(0, count), width, scratch), width);
}

const dictionary = new FloatDictionary();
const float = new Float32Array(1);
const bitsOfFloat = new Int32Array(float.buffer);

/** The dictionary, which rows are there, and what the footer says, for one column chunk. */
class Pages {
  readonly #rows: number;
  readonly #present: Uint8Array;
  #least: number = Infinity;
  #greatest: number = -Infinity;
  nulls: number = 0;

  constructor(rows: number, scratch: Scratch) {
    this.#rows = rows;
    this.#present = scratch.bytes(Math.ceil(rows / 8)).fill(0);
    dictionary.clear();
  }

  get distinct(): number {
    return dictionary.size;
  }

  /** Place of a value; -1 for NaN. */
  place(value: number): number {
    if (value !== value) return -1;
    float[0] = value;
    if (float[0] < this.#least) this.#least = float[0];
    if (float[0] > this.#greatest) this.#greatest = float[0];
    return dictionary.place(bitsOfFloat[0]);
  }

  mark(from: number, to: number): void {
    for (let row = from; row < to; row += 1) this.markOne(row);
  }

  markOne(row: number): void {
    this.#present[row >> 3] |= 1 << (row & 7);
  }

  chunk(indices: Uint8Array, width: number): EncodedChunk {
    const isEmpty = this.nulls === this.#rows;
    const levels =
      this.nulls === 0 || isEmpty
        ? [uniformLevels(this.#rows, !isEmpty)]
        : bitLevels(this.#present);
    return chunkOf({
      type: parquetType.float,
      values: this.#rows,
      nulls: this.nulls,
      least: isEmpty ? Number.NaN : this.#least,
      greatest: isEmpty ? Number.NaN : this.#greatest,
      dictionary: { bytes: dictionary.toBytes(), count: dictionary.size },
      body: [...levels, Uint8Array.of(width), indices],
    });
  }
}
