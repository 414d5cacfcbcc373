// Writes the three parts of a dataset (features, labels, market) into a draft folder, month by month, on worker threads when there are
// some; months of an earlier dataset are linked.

import { join } from "node:path";
import {
  defaultRegistry,
  domainOf,
  executePlan,
  executePlanParallel,
  planFeatures,
  type AbsentSource,
  type EmitColumn,
  type FinishedColumn,
  type MarketData,
} from "../features/index.ts";
import { SchemaError } from "../errors.ts";
import { noProgress } from "../progress.ts";
import type { ColumnArray } from "../panel/panel.ts";
import type { WorkerPool } from "../workers/index.ts";
import type { BuildOptions } from "./build.ts";
import type { Labels } from "./labels.ts";
import type { ManifestMonth, ManifestPart } from "./manifest.ts";
import {
  mergeStats,
  MonthStore,
  type MonthSpan,
  type MonthSummary,
  type StoreColumn,
} from "./month-store.ts";
import type { ColumnStats } from "./parquet/format.ts";
import {
  linkMonths,
  reusedMonth,
  reusedStats,
  splitLabelSpans,
  splitSpans,
  type Reuse,
} from "./reuse.ts";

/** Columns of the market part: what evaluation, backtests and static inputs read of a row beside features and labels. */
const marketColumns = ["open", "high", "low", "close", "volume", "turnover", "basis"] as const;

/** Classes of an issue as of the session, as positions in their tables: margin issue, size class. */
const classColumns = ["margin_class", "scale_id"] as const;

/** Columns that a step of an increment computes together: few rows take little memory, and what they share is computed once. */
const incrementBatch = 512;

export interface Job {
  readonly data: MarketData;
  readonly names: readonly string[];
  /** Sources without data; their columns are not in `names`. */
  readonly absent: readonly AbsentSource[];
  readonly labels: Labels;
  /** First session whose labels were computed. */
  readonly labelsFrom: number;
  readonly spans: readonly MonthSpan[];
  readonly reuse: Reuse | undefined;
}

export interface Part {
  readonly months: readonly MonthSummary[];
  readonly stats: ReadonlyMap<string, ColumnStats>;
}

export interface Parts {
  readonly features: Part;
  readonly labels: Part;
  readonly market: Part;
}

/** Names of the market part's columns. */
export function marketNames({ groups }: MarketData): readonly string[] {
  return [...marketColumns, ...[...groups.keys()].map((name) => `${name}_id`), ...classColumns];
}

/** Writes all parts. */
export async function writeParts(
  folder: string,
  job: Job,
  options: BuildOptions,
  pool: WorkerPool | undefined,
): Promise<Parts> {
  return {
    features: await writeFeatures(folder, job, options, pool),
    labels: await writeLabels(folder, job, pool),
    market: await writeMarket(folder, job, pool),
  };
}

async function writeFeatures(
  folder: string,
  { data, names, spans, reuse }: Job,
  { registry, signal, onProgress = noProgress }: BuildOptions,
  pool: WorkerPool | undefined,
): Promise<Part> {
  const { taken, written } = splitSpans(spans, reuse);
  linkMonths(reuse, taken, ".", folder);
  const store = new MonthStore(folder, written, data);
  const first = taken.length === 0 ? 0 : (written[0]?.firstSession ?? 0);
  const batch = first === 0 ? undefined : incrementBatch;
  const plan = planFeatures(registry ?? defaultRegistry(), names, { batch });
  if (pool !== undefined) {
    await executePlanParallel(plan, data, {
      pool,
      first,
      onProgress,
      ...(signal === undefined ? {} : { signal }),
      emit: (columns) => store.addParallel(columns.map(storeColumn), pool),
    });
  } else {
    const emit: EmitColumn = (feature, values) => store.add([storeColumn({ feature, values })]);
    await executePlan(registry ?? defaultRegistry(), plan, data, emit, first);
  }
  return {
    stats: mergeStats([...reusedStats(reuse, taken, "."), store.stats()]),
    months: [...reusedMonths(reuse, taken, ({ features }) => features), ...store.close(names)],
  };
}

function storeColumn({ feature, values }: FinishedColumn): StoreColumn {
  return { name: feature.name, layout: domainOf(feature), values };
}

async function writeLabels(
  folder: string,
  { data, labels, labelsFrom, spans, reuse }: Job,
  pool: WorkerPool | undefined,
): Promise<Part> {
  const { taken, written } = splitLabelSpans(spans, reuse, labelsFrom);
  linkMonths(reuse, taken, "labels", folder);
  const store = new MonthStore(join(folder, "labels"), written, data);
  const { dates } = data.panel;
  const firstRow = written[0]?.firstRow ?? 0;
  const columns = labels.columns.map(({ spec, values }) => ({ name: spec.name, values }));
  const ends = [...labels.ends].map(([name, sessions]) => ({
    name,
    values: daysOf(sessions, dates, firstRow),
  }));
  const all = [...columns, ...ends].map((column) => ({ ...column, layout: "stock" as const }));
  await store.addAll(all, pool);
  return {
    stats: mergeStats([...reusedStats(reuse, taken, "labels"), store.stats()]),
    months: [...reusedMonths(reuse, taken, (month) => month.labels), ...store.close()],
  };
}

async function writeMarket(
  folder: string,
  { data, spans, reuse }: Job,
  pool: WorkerPool | undefined,
): Promise<Part> {
  const { taken, written } = splitSpans(spans, reuse);
  linkMonths(reuse, taken, "market", folder);
  const store = new MonthStore(join(folder, "market"), written, data);
  const { panel } = data;
  const prices = marketColumns.map((name) => ({ name, values: panel.float64(name) }));
  const groups = [...data.groups].map(([name, values]) => ({ name: `${name}_id`, values }));
  const classes = classColumns.map((name) => ({ name, values: numbersOf(panel.column(name)) }));
  const all = [...prices, ...groups, ...classes].map((column) => ({
    ...column,
    layout: "panel" as const,
  }));
  await store.addAll(all, pool);
  return {
    stats: store.stats(),
    months: [...reusedMonths(reuse, taken, ({ market }) => market), ...store.close()],
  };
}

function numbersOf(values: ColumnArray): Float64Array | Uint8Array {
  if (values instanceof Float64Array || values instanceof Uint8Array) return values;
  throw new SchemaError(`dataset: a class column is a ${values.constructor.name}`);
}

/** Epoch days of the sessions of rows from `firstRow` on, NaN for -1. */
function daysOf(sessions: Float32Array, dates: Int32Array, firstRow: number): Float32Array {
  const days = new Float32Array(new SharedArrayBuffer(sessions.byteLength));
  for (let row = firstRow; row < sessions.length; row += 1) {
    days[row] = sessions[row] < 0 ? Number.NaN : dates[sessions[row]];
  }
  return days;
}

function reusedMonths(
  reuse: Reuse | undefined,
  spans: readonly MonthSpan[],
  part: (month: ManifestMonth) => ManifestPart,
): readonly MonthSummary[] {
  if (reuse === undefined) return [];
  return spans.map(({ month }) => ({ month, ...part(reusedMonth(reuse, month)) }));
}
