// Normalisation of each window by its own statistics: reversible instance norm, frequency (FAN), slice (SAN). What is taken
// out of the input goes around the temporal encoder and is added back before the heads. No statistic crosses stocks or days.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../../tensor/index.ts";
import {
  add,
  constant,
  div,
  greaterOrEqual,
  at,
  concat,
  cast,
  matmul,
  maximum,
  mul,
  relu,
  reshape,
  split,
  sqrt,
  square,
  sub,
  topK,
} from "../../tensor/index.ts";
import type { Linear } from "../../tensor/nn/index.ts";
import { filled, glorotUniform, initLinear, linear } from "../../tensor/nn/index.ts";
import type { AtftConfig } from "./config.ts";

/** A network over the time axis that all series share: (inputs, series) to (outputs, series). */
type SeriesNetwork = {
  readonly inner: Tensor;
  readonly innerBias: Tensor;
  readonly out: Tensor;
  readonly outBias: Tensor;
};

export type SequenceNorm = {
  readonly reversible?: {
    readonly scale: Tensor;
    readonly bias: Tensor;
    readonly restore: Linear;
  };
  readonly frequency?: { readonly network: SeriesNetwork; readonly restore: Linear };
  readonly slices?: { readonly network: SeriesNetwork; readonly restore: Linear };
};

const innerWidth = 16;
const epsilon = 1e-2;

/** True where the configuration normalises window by window, so that windows share nothing. */
export function normalisesSequences({ normalisation }: AtftConfig): boolean {
  return normalisation.isReversible || normalisation.topK > 0 || normalisation.slices > 0;
}

export function initSequenceNorm(rng: Rng, config: AtftConfig, features: number): SequenceNorm {
  const { hidden, time, normalisation } = config;
  const { isReversible, topK: strongest, slices } = normalisation;
  const restore = (name: string, width: number): Linear =>
    initLinear(rng.split(name), { inputs: width, outputs: hidden });
  const network = (name: string, inputs: number, outputs: number): SeriesNetwork => ({
    inner: glorotUniform(rng.split(name), [innerWidth, inputs]),
    innerBias: filled([innerWidth, 1], 0),
    out: glorotUniform(rng.split(`${name}/out`), [outputs, innerWidth]),
    outBias: filled([outputs, 1], 0),
  });
  return {
    ...(isReversible && {
      reversible: {
        scale: filled([features], 1),
        bias: filled([features], 0),
        restore: restore("reversible", 2 * features),
      },
    }),
    ...(strongest > 0 && {
      frequency: {
        network: network("frequency", time, 1),
        restore: restore("frequency", features),
      },
    }),
    ...(slices > 0 && {
      slices: {
        network: network("slices", 2 * slices, 2),
        restore: restore("slices", 2 * features),
      },
    }),
  };
}

export interface SequenceNormed {
  /** (T, N, F) */
  readonly x: Tensor;
  /** (N, H): what the heads get back. */
  readonly removed: Tensor;
}

interface Window {
  /** (T, N, F), 0 where missing. */
  readonly x: Tensor;
  readonly observed: Tensor;
}

/** Applies what the configuration switches on, in the order reversible, frequency, slice. */
export function sequenceNorm(
  { reversible, frequency, slices }: SequenceNorm,
  { normalisation }: AtftConfig,
  { x, observed }: Window,
): SequenceNormed {
  const steps: ((x: Tensor) => SequenceNormed)[] = [];
  if (reversible) steps.push((y) => reversibleNorm(reversible, { x: y, observed }));
  if (frequency) steps.push((y) => frequencyNorm(frequency, y, normalisation.topK));
  if (slices) steps.push((y) => sliceNorm(slices, y, normalisation.slices));
  const removed: Tensor[] = [];
  let current = x;
  for (const step of steps) {
    const result = step(current);
    current = result.x;
    removed.push(result.removed);
  }
  return { x: mul(current, observed), removed: removed.reduce(add) };
}

/** RevIN (Kim et al. 2022): (x - mean) / deviation · scale + bias over the observed sessions of one window. */
function reversibleNorm(
  { scale, bias, restore }: NonNullable<SequenceNorm["reversible"]>,
  { x, observed }: Window,
): SequenceNormed {
  const [time] = x.shape;
  const ones = constant(new Float32Array(time).fill(1), [1, time]);
  const total = (tensor: Tensor): Tensor => matmul(ones, reshape(tensor, [time, -1])); // (1, N·F)
  const count = maximum(total(observed), 1);
  const mean = div(total(x), count);
  const deviation = deviationOf(div(total(square(x)), count), mean);
  const flat = div(sub(reshape(x, [time, -1]), mean), deviation);
  const perSeries = [mean, deviation].map((row) => reshape(row, x.shape.slice(1))); // (N, F)
  return {
    x: add(mul(reshape(flat, x.shape), scale), bias),
    removed: linear(restore, concat(perSeries, -1)),
  };
}

function deviationOf(meanSquare: Tensor, mean: Tensor): Tensor {
  return sqrt(add(maximum(sub(meanSquare, square(mean)), 0), epsilon));
}

/** FAN (Ye et al. 2024): the K strongest frequencies of each series leave the input; a network forecasts their next value. */
function frequencyNorm(
  { network, restore }: NonNullable<SequenceNorm["frequency"]>,
  x: Tensor,
  strongest: number,
): SequenceNormed {
  const { residual, main } = splitFrequencies(x, strongest);
  const next = reshape(seriesNetwork(network, main), x.shape.slice(1)); // (N, F)
  return { x: residual, removed: linear(restore, next) };
}

/** (T, N, F) to what its K strongest frequencies explain, (T, N·F), and the rest, (T, N, F). */
export function splitFrequencies(
  x: Tensor,
  strongest: number,
): { readonly residual: Tensor; readonly main: Tensor } {
  const [time] = x.shape;
  const series = reshape(x, [time, -1]); // (T, N·F)
  const bins = Math.floor(time / 2) + 1;
  const angle = (t: number, k: number): number => (2 * Math.PI * ((t * k) % time)) / time;
  const weight = (k: number): number => (k === 0 || 2 * k === time ? 1 : 2) / time;
  const real = matmul(
    table(bins, time, (k, t) => Math.cos(angle(t, k))),
    series,
  );
  const imaginary = matmul(
    table(bins, time, (k, t) => -Math.sin(angle(t, k))),
    series,
  );
  const power = add(square(real), square(imaginary)); // (bins, N·F)
  const least = at(topK(power, Math.min(strongest, bins), { axis: 0 }).values, 0, -1);
  const kept = cast(greaterOrEqual(power, least), "float32");
  const main = add(
    matmul(
      table(time, bins, (t, k) => weight(k) * Math.cos(angle(t, k))),
      mul(real, kept),
    ),
    matmul(
      table(time, bins, (t, k) => -weight(k) * Math.sin(angle(t, k))),
      mul(imaginary, kept),
    ),
  );
  return { residual: reshape(sub(series, main), x.shape), main };
}

/** SAN (Liu et al. 2023): statistics of overlapping slices leave the input; a network forecasts the next slice's. */
function sliceNorm(
  { network, restore }: NonNullable<SequenceNorm["slices"]>,
  x: Tensor,
  slices: number,
): SequenceNormed {
  const [time] = x.shape;
  const length = Math.ceil((2 * time) / (slices + 1));
  const start = (i: number): number => Math.round((i * (time - length)) / Math.max(1, slices - 1));
  const covers = (i: number, t: number): boolean => t >= start(i) && t < start(i) + length;
  const share = table(slices, time, (i, t) => (covers(i, t) ? 1 / length : 0));
  const countAt = (t: number): number =>
    Array.from({ length: slices }, (_, i) => i).filter((i) => covers(i, t)).length;
  const spread = table(time, slices, (t, i) => (covers(i, t) ? 1 / countAt(t) : 0));
  const series = reshape(x, [time, -1]);
  const mean = matmul(share, series); // (slices, N·F)
  const deviation = deviationOf(matmul(share, square(series)), mean);
  const flat = div(sub(series, matmul(spread, mean)), matmul(spread, deviation));
  const next = seriesNetwork(network, concat([mean, deviation], 0)); // (2, N·F)
  const parts = split(next, 2, 0).map((row) => reshape(row, x.shape.slice(1)));
  return { x: reshape(flat, x.shape), removed: linear(restore, concat(parts, -1)) };
}

function seriesNetwork({ inner, innerBias, out, outBias }: SeriesNetwork, series: Tensor): Tensor {
  return add(matmul(out, relu(add(matmul(inner, series), innerBias))), outBias);
}

function table(rows: number, columns: number, value: (r: number, c: number) => number): Tensor {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i += 1) data[i] = value(Math.floor(i / columns), i % columns);
  return constant(data, [rows, columns]);
}
