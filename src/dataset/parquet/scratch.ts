// Memory for pages on their way to a file: handed out piece by piece, taken back all at once.

const slab = 16 * 2 ** 20;

export class Scratch {
  readonly #slabs: ArrayBuffer[] = [];
  #slab: number = 0;
  #offset: number = 0;

  /** Room for `length` floats; what it holds is not defined. */
  floats(length: number): Float32Array<ArrayBuffer> {
    const { buffer, offset } = this.#take(length * 4);
    return new Float32Array(buffer, offset, length);
  }

  /** Room for `length` bytes; what it holds is not defined. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const { buffer, offset } = this.#take(length);
    return new Uint8Array(buffer, offset, length);
  }

  /** Room for `length` numbers; what it holds is not defined. */
  ints(length: number): Int32Array<ArrayBuffer> {
    const { buffer, offset } = this.#take(length * 4);
    return new Int32Array(buffer, offset, length);
  }

  /** Takes everything back: what was handed out may be overwritten. */
  reset(): void {
    this.#slab = 0;
    this.#offset = 0;
  }

  #take(bytes: number): { readonly buffer: ArrayBuffer; readonly offset: number } {
    while (this.#slab < this.#slabs.length) {
      const buffer = this.#slabs[this.#slab];
      const offset = this.#offset;
      if (offset + bytes <= buffer.byteLength) {
        this.#offset = offset + Math.ceil(bytes / 8) * 8;
        return { buffer, offset };
      }
      this.#slab += 1;
      this.#offset = 0;
    }
    this.#slabs.push(new ArrayBuffer(Math.max(slab, Math.ceil(bytes / 8) * 8)));
    return this.#take(bytes);
  }
}
