// The real discrete Fourier transform as two matrix products: differentiable, and short windows need nothing faster.

import { ShapeError } from "../../errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant } from "../graph/tensor.ts";
import { add } from "./elementwise.ts";
import { matmul } from "./matmul.ts";

/** Real and imaginary part, (…, floor(T/2) + 1) each. */
export interface Spectrum {
  readonly real: Tensor;
  readonly imaginary: Tensor;
}

/** NumPy's rfft of the last axis: (…, T) gives the frequencies 0 to floor(T/2). At least two axes. */
export function realDft(x: Tensor): Spectrum {
  const length = lastLength(x);
  const angle = (2 * Math.PI) / length;
  const bins = Math.floor(length / 2) + 1;
  return {
    real: matmul(
      x,
      table(length, bins, (t, k) => Math.cos(angle * ((t * k) % length))),
    ),
    imaginary: matmul(
      x,
      table(length, bins, (t, k) => -Math.sin(angle * ((t * k) % length))),
    ),
  };
}

/** NumPy's irfft: the series of `length` that has the given spectrum. */
export function inverseRealDft({ real, imaginary }: Spectrum, length: number): Tensor {
  const bins = lastLength(real);
  if (bins !== Math.floor(length / 2) + 1) {
    throw new ShapeError(
      `inverseRealDft: a series of ${length} has ${Math.floor(length / 2) + 1} frequencies, found ${bins}`,
    );
  }
  const angle = (2 * Math.PI) / length;
  const weight = (k: number): number => (k === 0 || 2 * k === length ? 1 : 2) / length;
  const phase = (k: number, t: number): number => angle * ((t * k) % length);
  return add(
    matmul(
      real,
      table(bins, length, (k, t) => weight(k) * Math.cos(phase(k, t))),
    ),
    matmul(
      imaginary,
      table(bins, length, (k, t) => -weight(k) * Math.sin(phase(k, t))),
    ),
  );
}

function table(rows: number, columns: number, at: (row: number, column: number) => number): Tensor {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i += 1) data[i] = at(Math.floor(i / columns), i % columns);
  return constant(data, [rows, columns]);
}

function lastLength(x: Tensor): number {
  const length = x.shape.at(-1);
  if (length === undefined || x.rank < 2) {
    throw new ShapeError(`realDft: expected at least two axes, found ${x.toString()}`);
  }
  return length;
}
