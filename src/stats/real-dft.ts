// Discrete Fourier transform of a real series, in NumPy's convention (numpy.fft.rfft), directly and as matrices.

import { ShapeError } from "../errors.ts";
import { requireInteger, requireLength } from "./arguments.ts";

/** The bins 0 … ⌊n / 2⌋ of a real series of n values. */
export interface RealSpectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Matrices (bins, n), row-major, that take a series to its spectrum: real = cosine · x, imaginary = sine · x. */
export interface RealDftMatrices {
  readonly bins: number;
  readonly cosine: Float64Array; // (bins, n)
  readonly sine: Float64Array; // (bins, n)
}

/** Σ x[t] e^(−2πikt / n) for each bin k. A NaN makes every bin NaN. O(n²): for windows, not for years of ticks. */
export function realDft(values: Float64Array): RealSpectrum {
  const n = values.length;
  const { bins, cosine, sine } = realDftMatrices(n);
  const real = new Float64Array(bins);
  const imaginary = new Float64Array(bins);
  for (let k = 0; k < bins; k += 1) {
    for (let t = 0; t < n; t += 1) {
      real[k] += cosine[k * n + t] * values[t];
      imaginary[k] += sine[k * n + t] * values[t];
    }
  }
  return { real, imaginary };
}

/** The series of `length` values with this spectrum. Throws ShapeError unless there are ⌊length / 2⌋ + 1 bins. */
export function inverseRealDft(spectrum: RealSpectrum, length: number): Float64Array {
  const { real, imaginary } = spectrum;
  const { bins, cosine, sine } = realDftMatrices(length);
  requireLength("inverseRealDft", "real", bins, real.length);
  requireLength("inverseRealDft", "imaginary", bins, imaginary.length);
  const values = new Float64Array(length);
  for (let k = 0; k < bins; k += 1) {
    const mirrored = k > 0 && 2 * k < length;
    const weight = (mirrored ? 2 : 1) / length;
    for (let t = 0; t < length; t += 1) {
      values[t] +=
        weight * (real[k] * cosine[k * length + t] + imaginary[k] * sine[k * length + t]);
    }
  }
  return values;
}

/** The matrices of a series of `length` values; angles are reduced first, so that quarter turns are exact. */
export function realDftMatrices(length: number): RealDftMatrices {
  if (length === 0) throw new ShapeError("realDft: expected at least 1 value, found 0");
  requireInteger("realDftMatrices", "length", length, 1);
  const bins = Math.floor(length / 2) + 1;
  const cosine = new Float64Array(bins * length);
  const sine = new Float64Array(bins * length);
  for (let k = 0; k < bins; k += 1) {
    for (let t = 0; t < length; t += 1) {
      const turn = (k * t) % length;
      cosine[k * length + t] = cosineOfTurn(turn, length);
      sine[k * length + t] = -cosineOfTurn((4 * turn + 3 * length) % (4 * length), 4 * length);
    }
  }
  return { bins, cosine, sine };
}

/** cos(2π turn / whole) for 0 ≤ turn < whole, from an angle of an eighth of a turn at most. */
function cosineOfTurn(turn: number, whole: number): number {
  const mirrored = 2 * turn > whole ? whole - turn : turn;
  const negative = 4 * mirrored > whole;
  const quarter = negative ? whole / 2 - mirrored : mirrored;
  const size =
    8 * quarter > whole
      ? Math.sin(2 * Math.PI * ((whole / 4 - quarter) / whole))
      : Math.cos(2 * Math.PI * (quarter / whole));
  return negative ? -size : size;
}
