// Seeded random numbers: xoshiro128** (Blackman and Vigna, 2018) seeded by splitmix32 over a hash of its labels.
// Same seed, same numbers on every machine; the state can be saved and restored between any two draws.

import { createHash } from "node:crypto";
import { ShapeError } from "./errors.ts";

/** The four 32-bit words of the generator, plus the normal deviate held back by Box-Muller (NaN when none). */
export interface RngState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/** A stream of random numbers. `split` gives an independent stream that depends on the seed and label alone. */
export class Rng {
  readonly #key: string;
  readonly #words: Uint32Array = new Uint32Array(4);
  #spare: number = Number.NaN;

  constructor(key: string) {
    this.#key = key;
    const digest = createHash("sha256").update(key).digest();
    for (let i = 0; i < 4; i += 1) this.#words[i] = digest.readUInt32LE(i * 4);
  }

  /**
   * An independent stream named by `label`; draws from this stream do not move it. Labels are segments of a path:
   * `createRng(1).split(2)` is `createRng("1/2")`, so a seed or label with a slash in it may meet another's stream.
   */
  split(label: string | number): Rng {
    return new Rng(`${this.#key}/${label}`);
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const s = this.#words;
    const x = Math.imul(s[1], 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A uniform float64 in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A uniform integer in [0, n), without modulo bias. */
  integer(n: number): number {
    if (!(n >= 1 && n <= 4294967296)) {
      throw new ShapeError(`rng.integer: n must be in [1, 2^32], found ${n}`);
    }
    const limit = 4294967296 - (4294967296 % n);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % n;
  }

  /** A standard normal deviate (Box-Muller). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const held = this.#spare;
      this.#spare = Number.NaN;
      return held;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles `values` in place (Fisher-Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(values: T): T {
    const items: { [index: number]: unknown } = values;
    for (let i = values.length - 1; i > 0; i -= 1) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return values;
  }

  /** The state after the last draw, as plain JSON. */
  state(): RngState {
    const [a, b, c, d] = this.#words;
    return { words: [a, b, c, d], spare: Number.isNaN(this.#spare) ? null : this.#spare };
  }

  /** Continues from a saved state. */
  restore(state: RngState): void {
    this.#words.set(state.words);
    this.#spare = state.spare ?? Number.NaN;
  }
}

/** A stream that depends on `seed` alone. */
export function createRng(seed: number | string): Rng {
  return new Rng(String(seed));
}
