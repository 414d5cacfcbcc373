// Distinct float32 values of a page by their bits, in order of appearance: 0 and −0 are two.

/** More distinct values than this are written as they are. */
export const largestDictionary = 1024;

const tableSize = 4096;
const empty = -1;

/** An open-addressed table; `clear` makes it ready for the next page. */
export class FloatDictionary {
  readonly #slots: Int32Array = new Int32Array(tableSize).fill(empty);
  readonly #bits: Int32Array = new Int32Array(largestDictionary);
  #size: number = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    if (this.#size > 0) this.#slots.fill(empty);
    this.#size = 0;
  }

  /** Place of the value with these bits; -1 when it is new and the dictionary is full. */
  place(bits: number): number {
    let slot = Math.imul(bits, -1640531527) >>> 20;
    for (;;) {
      const place = this.#slots[slot];
      if (place === empty) break;
      if (this.#bits[place] === bits) return place;
      slot = (slot + 1) & (tableSize - 1);
    }
    if (this.#size === largestDictionary) return -1;
    this.#slots[slot] = this.#size;
    this.#bits[this.#size] = bits;
    this.#size += 1;
    return this.#size - 1;
  }

  /** The values' bytes in order of their places. */
  toBytes(): Uint8Array {
    const bits = this.#bits.slice(0, this.#size);
    return new Uint8Array(bits.buffer);
  }
}
