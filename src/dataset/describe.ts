// What a dataset holds: nulls, moments and drift of each column, and groups of columns that say the same.

import { civilOfDay } from "../calendar/index.ts";
import { createRng } from "../rng.ts";
import type { Dataset, DatasetRows } from "./open.ts";

export interface ColumnProfile {
  readonly name: string;
  readonly family: string;
  readonly nullRate: number;
  readonly mean: number;
  readonly std: number;
  readonly skewness: number;
  readonly excessKurtosis: number;
  /** 1 %, 25 %, 50 %, 75 %, 99 %. */
  readonly quantiles: readonly number[];
  /** Population stability index of each month against the one before. */
  readonly drift: readonly number[];
  /** Share of nulls in each month. */
  readonly monthlyNulls: readonly number[];
}

export interface DatasetDescription {
  readonly id: string;
  readonly synthetic: boolean;
  readonly months: readonly string[];
  readonly columns: readonly ColumnProfile[];
  /** Groups of at least two columns with |correlation| of `clusterBound` or more, largest first. */
  readonly clusters: readonly (readonly string[])[];
}

/** Columns are said to be one when their correlation reaches this. */
export const clusterBound = 0.98;

const shares = [0.01, 0.25, 0.5, 0.75, 0.99] as const;
const sampleRows = 20_000;
const bins = 10;

/** Reads every column once, one at a time. */
export function describeDataset(dataset: Dataset): DatasetDescription {
  const { rows, manifest } = dataset;
  const months = monthStarts(rows);
  const sample = sampleOf(rows.count);
  const columns: ColumnProfile[] = [];
  const samples = new Map<string, Float64Array>();
  for (const { name, family } of manifest.features) {
    const values = dataset.features([name]).column(name);
    columns.push({ name, family, ...profile(values, months.starts) });
    samples.set(
      name,
      Float64Array.from(sample, (row) => values[row]),
    );
  }
  return {
    id: dataset.id,
    synthetic: manifest.synthetic,
    months: months.names,
    columns,
    clusters: clustersOf(samples),
  };
}

/**
 * Population stability index of two samples over the same bins: Σ (p − q) ln(p / q), with half a value in an empty bin.
 * NaN when either is empty.
 */
export function stabilityIndex(before: readonly number[], after: readonly number[]): number {
  const [total, other] = [sum(before), sum(after)];
  if (total === 0 || other === 0) return Number.NaN;
  let index = 0;
  for (let bin = 0; bin < before.length; bin += 1) {
    const p = Math.max(0.5, before[bin]) / total;
    const q = Math.max(0.5, after[bin]) / other;
    index += (q - p) * Math.log(q / p);
  }
  return index;
}

function profile(
  values: Float32Array,
  starts: readonly number[],
): Omit<ColumnProfile, "name" | "family"> {
  const known = values.filter((value) => value === value);
  const moments = momentsOf(known);
  const sorted = Float32Array.from(sampleOf(known.length), (row) => known[row]).sort();
  const edges = Array.from({ length: bins - 1 }, (_, i) => quantileOf(sorted, (i + 1) / bins));
  const counts = starts
    .slice(0, -1)
    .map((start, m) => histogram(values, start, starts[m + 1], edges));
  return {
    nullRate: 1 - known.length / Math.max(1, values.length),
    ...moments,
    quantiles: shares.map((share) => quantileOf(sorted, share)),
    drift: counts.map((month, m) => (m === 0 ? 0 : stabilityIndex(counts[m - 1], month))),
    monthlyNulls: counts.map((month, m) => 1 - sum(month) / (starts[m + 1] - starts[m])),
  };
}

function momentsOf(
  known: Float32Array,
): Pick<ColumnProfile, "mean" | "std" | "skewness" | "excessKurtosis"> {
  let total = 0;
  for (const value of known) total += value;
  const mean = total / known.length;
  let [second, third, fourth] = [0, 0, 0];
  for (const value of known) {
    const gap = value - mean;
    second += gap * gap;
    third += gap ** 3;
    fourth += gap ** 4;
  }
  const variance = second / known.length;
  return {
    mean,
    std: Math.sqrt(second / (known.length - 1)),
    skewness: third / known.length / variance ** 1.5,
    excessKurtosis: fourth / known.length / variance ** 2 - 3,
  };
}

function histogram(
  values: Float32Array,
  start: number,
  end: number,
  edges: readonly number[],
): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let row = start; row < end; row += 1) {
    const value = values[row];
    if (value !== value) continue;
    let bin = 0;
    while (bin < edges.length && value > edges[bin]) bin += 1;
    counts[bin] += 1;
  }
  return counts;
}

function quantileOf(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/** Groups by single linkage: columns hang together through any chain of high correlations. */
function clustersOf(samples: ReadonlyMap<string, Float64Array>): readonly (readonly string[])[] {
  const names = [...samples.keys()];
  const scores = names.map((name) => standardised(samples.get(name) ?? new Float64Array(0)));
  const parent = names.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root];
    return root;
  };
  for (let a = 0; a < names.length; a += 1) {
    for (let b = a + 1; b < names.length; b += 1) {
      if (Math.abs(dot(scores[a], scores[b])) >= clusterBound) parent[rootOf(b)] = rootOf(a);
    }
  }
  const groups = Map.groupBy(names.keys(), rootOf);
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => members.map((index) => names[index]))
    .toSorted((a, b) => b.length - a.length);
}

/** Values less their mean over their root sum of squares, 0 where missing: dot products are correlations. */
function standardised(values: Float64Array): Float64Array {
  let [total, count] = [0, 0];
  for (const value of values) {
    if (value !== value) continue;
    total += value;
    count += 1;
  }
  const centred = values.map((value) => (value === value ? value - total / count : 0));
  const length = Math.sqrt(dot(centred, centred));
  return length > 0 ? centred.map((value) => value / length) : centred.fill(0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let product = 0;
  for (let i = 0; i < a.length; i += 1) product += a[i] * b[i];
  return product;
}

/** The same rows in every run: all of them, or a seeded choice. */
function sampleOf(count: number): Int32Array {
  if (count <= sampleRows) return Int32Array.from({ length: count }, (_, row) => row);
  const rng = createRng(0);
  return Int32Array.from({ length: sampleRows }, () => rng.integer(count)).sort();
}

function monthStarts({ dates, dayStart, count }: DatasetRows): {
  readonly names: readonly string[];
  readonly starts: readonly number[];
} {
  const names: string[] = [];
  const starts: number[] = [];
  dates.forEach((day, session) => {
    const { year, month } = civilOfDay(day);
    const name = `${year}-${String(month).padStart(2, "0")}`;
    if (names.at(-1) === name) return;
    names.push(name);
    starts.push(dayStart[session]);
  });
  return { names, starts: [...starts, count] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
