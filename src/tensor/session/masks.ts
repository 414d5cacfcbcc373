// Dropout masks from a counter-based hash: the same (key, step, element) gives the same factor on every device and run.

import type { TensorData } from "../graph/dtype.ts";
import type { MaskInput } from "./trace.ts";

/** Draws `mask` for `step`: 0 with probability `rate`, else 1 / (1 - rate), 16 random bits an element. */
export function drawMask(mask: MaskInput, step: number, out: TensorData): void {
  const threshold = Math.round(mask.rate * 65536);
  const keep = threshold >= 65536 ? 0 : 65536 / (65536 - threshold);
  const seed = mix(mix(mask.key | 0) ^ mix((step + 0x9e3779b9) | 0));
  const factors = [0, keep];
  const pairs = out.length >> 1;
  for (let i = 0; i < pairs; i += 1) {
    const bits = mix(seed + Math.imul(i, 0x9e3779b9));
    out[2 * i] = factors[+((bits & 0xffff) >= threshold)];
    out[2 * i + 1] = factors[+(bits >>> 16 >= threshold)];
  }
  if (out.length % 2 === 1) {
    const bits = mix(seed + Math.imul(pairs, 0x9e3779b9));
    out[out.length - 1] = factors[+((bits & 0xffff) >= threshold)];
  }
}

// The 32-bit finaliser "lowbias32" of Wellons, "Prospecting for hash functions" (2018).
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
