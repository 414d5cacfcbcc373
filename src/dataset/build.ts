// Builds a dataset from the lake: plan, load, compute and write column by column, label, check, and only then publish.

import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isoDate } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import {
  defaultRegistry,
  domainOf,
  executePlan,
  executePlanParallel,
  loadMarketData,
  planFeatures,
  selectFeatures,
  shareMarket,
  type FinishedColumn,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import { hashValue } from "../hash.ts";
import type { Lake } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { sharedColumn } from "../panel/panel.ts";
import { publishFile } from "../publish.ts";
import { createPool, type WorkerPool } from "../workers/index.ts";
import {
  computeLabels,
  labelSpecs,
  type LabelKind,
  type LabelOptions,
  type Labels,
  type LabelSpec,
} from "./labels.ts";
import { loadDividends } from "./dividends.ts";
import {
  abiHash,
  codeVersion,
  datasetVersion,
  manifestFeature,
  manifestFile,
  readDatasetManifest,
  type DatasetManifest,
  type ManifestMonth,
  type ManifestPart,
} from "./manifest.ts";
import {
  mergeStats,
  monthSpans,
  MonthStore,
  type MonthSpan,
  type MonthSummary,
  type StoreColumn,
} from "./month-store.ts";
import type { ColumnStats } from "./parquet/format.ts";
import { publishDataset } from "./publish-dataset.ts";
import {
  findReuse,
  linkMonths,
  reusedMonth,
  reusedStats,
  splitLabelSpans,
  splitSpans,
  type Reuse,
} from "./reuse.ts";
import { sourcePartitions, isSynthetic } from "./sources.ts";

export interface BuildOptions {
  /** First and last day of the rows, epoch days. */
  readonly from: number;
  readonly to: number;
  /** Set, family or column names, comma separated. */
  readonly selection: string;
  /** Default: horizons 1, 5, 10 and 20; price and next-open returns, over TOPIX and with dividends where the lake has them. */
  readonly labels?: LabelOptions;
  readonly registry?: Registry;
  readonly codeVersion?: string;
  /** Publish although columns are empty or constant, as in a short or small market. */
  readonly allowEmpty?: boolean;
  /** Compute every month, although an earlier dataset has some of them. The bytes are the same. */
  readonly rebuild?: boolean;
  /** Worker threads; default one a core, 1 computes on this thread. The bytes do not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface BuildResult {
  readonly manifest: DatasetManifest;
  readonly folder: string;
  /** Feature months taken over from an earlier dataset. */
  readonly monthsReused: number;
}

/** Columns of the market part: what evaluation and backtests read of a row beside features and labels. */
const marketColumns = ["open", "high", "low", "close", "volume", "turnover", "basis"] as const;

/** Builds, checks and publishes a dataset under `lake.home`, and moves the `latest` pointer. */
export async function buildDataset(lake: Lake, options: BuildOptions): Promise<BuildResult> {
  const { registry = defaultRegistry(), selection, to } = options;
  const names = selectFeatures(registry, selection);
  const specs = specsFor(lake, options);
  const plan = planFeatures(registry, names);
  const calendar = await lake.calendar();
  const connection = await lake.connect();
  try {
    const data = await loadMarketData({ connection, calendar }, registry, plan, {
      to,
      extraInputs: specs.some(({ kind }) => kind === "excess") ? ["topix_close"] : [],
    });
    const wantsTotal = specs.some(({ kind }) => kind === "total");
    const dividends = wantsTotal ? await loadDividends(connection, data.panel) : undefined;
    const labels = computeLabels(data, specs, { dividends });
    const spans = outputSpans(data, options);
    const job = { data, names, labels, spans, reuse: reuseFor(lake, data, spans, names, options) };
    const id = datasetId(lake, options, names);
    const draft = join(lake.home, "datasets", `.tmp-${id}-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    try {
      await using pool = poolFor(options, data);
      const parts = {
        features: await writeFeatures(draft, job, options, pool),
        labels: await writeLabels(draft, job, pool),
        market: await writeMarket(draft, job, pool),
      };
      const manifest = manifestOf(lake, registry, id, job, parts, calendar.source, options);
      await publishFile(join(draft, manifestFile), `${JSON.stringify(manifest, null, 1)}\n`);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
    const folder = await publishDataset(lake.home, draft, options);
    return {
      manifest: readDatasetManifest(folder),
      folder,
      monthsReused: splitSpans(spans, job.reuse).taken.length,
    };
  } finally {
    connection.closeSync();
  }
}

/** The labels asked for; without a choice, every kind that the lake has the data for. */
function specsFor(lake: Lake, { labels = {} }: BuildOptions): readonly LabelSpec[] {
  const possible: LabelKind[] = ["price", "open"];
  if (lake.has("indices_bars_daily_topix")) possible.push("excess");
  if (lake.has("fins_dividend")) possible.push("total");
  return labelSpecs({ kinds: possible, ...labels });
}

interface Job {
  readonly data: MarketData;
  readonly names: readonly string[];
  readonly labels: Labels;
  readonly spans: readonly MonthSpan[];
  readonly reuse: Reuse | undefined;
}

interface Part {
  readonly months: readonly MonthSummary[];
  readonly stats: ReadonlyMap<string, ColumnStats>;
}

interface Parts {
  readonly features: Part;
  readonly labels: Part;
  readonly market: Part;
}

function outputSpans(
  { panel, rows }: MarketData,
  { from, to }: BuildOptions,
): readonly MonthSpan[] {
  const spans = monthSpans(panel.dates, rows, from, to);
  if (spans.length > 0) return spans;
  throw new ConfigError(
    `dataset build: no session from ${isoDate(from)} to ${isoDate(to)} has daily bars; the lake's bars end on ${isoDate(panel.dates[panel.dates.length - 1])}`,
  );
}

function reuseFor(
  lake: Lake,
  { panel }: MarketData,
  spans: readonly MonthSpan[],
  names: readonly string[],
  options: BuildOptions,
): Reuse | undefined {
  const { registry = defaultRegistry(), selection, rebuild = false } = options;
  if (rebuild) return undefined;
  return findReuse(lake.home, {
    from: isoDate(panel.dates[spans[0].firstSession]),
    to: isoDate(panel.dates[spans[spans.length - 1].endSession - 1]),
    selection,
    abi: abiHash(names.map((name) => registry.get(name))),
    codeVersion: options.codeVersion ?? codeVersion,
    labels: specsFor(lake, options),
    sources: sourcePartitions(lake),
  });
}

/** Worker threads; none when one thread is asked for, or for a registry of one's own, which workers do not know. */
function poolFor({ registry, threads }: BuildOptions, data: MarketData): WorkerPool | undefined {
  if (registry !== undefined || threads === 1) return undefined;
  return createPool({ shared: shareMarket(data), ...(threads === undefined ? {} : { threads }) });
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
  const plan = planFeatures(registry ?? defaultRegistry(), names);
  if (pool !== undefined) {
    await executePlanParallel(plan, data, {
      pool,
      onProgress,
      ...(signal === undefined ? {} : { signal }),
      emit: (columns) => store.addParallel(columns.map(storeColumn), pool),
    });
  } else {
    await executePlan(registry ?? defaultRegistry(), plan, data, (feature, values) =>
      store.add([storeColumn({ feature, values })]),
    );
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
  { data, labels, spans, reuse }: Job,
  pool: WorkerPool | undefined,
): Promise<Part> {
  const { taken, written } = splitLabelSpans(spans, reuse, labels);
  linkMonths(reuse, taken, "labels", folder);
  const store = new MonthStore(join(folder, "labels"), written, data);
  const { dates } = data.panel;
  const columns = labels.columns.map(({ spec, values }) => ({ name: spec.name, values }));
  const ends = [...labels.ends].map(([h, sessions]) => ({
    name: `label_end_${h}d`,
    values: daysOf(sessions, dates),
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
  const prices = marketColumns.map((name) => ({ name, values: data.panel.float64(name) }));
  const groups = [...data.groups].map(([name, values]) => ({ name: `${name}_id`, values }));
  const all = [...prices, ...groups].map((column) => ({ ...column, layout: "panel" as const }));
  await store.addAll(all, pool);
  return {
    stats: store.stats(),
    months: [...reusedMonths(reuse, taken, ({ market }) => market), ...store.close()],
  };
}

function daysOf(sessions: Float32Array, dates: Int32Array): Float32Array {
  const days = sharedColumn("f32", sessions.length);
  for (let row = 0; row < sessions.length; row += 1) {
    if (sessions[row] >= 0) days[row] = dates[sessions[row]];
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

function manifestOf(
  lake: Lake,
  registry: Registry,
  id: string,
  { data, names, labels, spans }: Job,
  parts: Parts,
  calendar: string,
  options: BuildOptions,
): DatasetManifest {
  const features = names.map((name) => registry.get(name));
  const [first, last] = [spans[0], spans[spans.length - 1]];
  const rows = last.endRow - first.firstRow;
  const summary = ({ rows: count, bytes, crc32 }: MonthSummary): ManifestPart => ({
    rows: count,
    bytes,
    crc32,
  });
  return {
    version: datasetVersion,
    id,
    from: isoDate(data.panel.dates[first.firstSession]),
    to: isoDate(data.panel.dates[last.endSession - 1]),
    selection: options.selection,
    features: features.map((feature) =>
      manifestFeature(feature, statsOf(parts.features, feature.name), rows),
    ),
    labels: labels.columns.map(({ spec }) => ({
      ...spec,
      nulls: statsOf(parts.labels, spec.name).nulls,
    })),
    market: [...marketColumns, ...[...data.groups.keys()].map((grouping) => `${grouping}_id`)],
    abi: abiHash(features),
    lakeHash: lake.hash(),
    sources: sourcePartitions(lake),
    calendar,
    codeVersion: options.codeVersion ?? codeVersion,
    synthetic: isSynthetic(lake),
    rows,
    codes: new Set(data.rows.codeOfRow.subarray(first.firstRow, last.endRow)).size,
    sessions: last.endSession - first.firstSession,
    months: parts.features.months.map((month, index) => ({
      month: month.month,
      features: summary(month),
      labels: summary(parts.labels.months[index]),
      market: summary(parts.market.months[index]),
    })),
  };
}

function statsOf({ stats }: Part, name: string): ColumnStats {
  return stats.get(name) ?? { nulls: 0, least: Number.NaN, greatest: Number.NaN };
}

/** Says what the dataset is and distinguishes it from every other: selection, span and a hash of all that decides its bytes. */
function datasetId(lake: Lake, options: BuildOptions, names: readonly string[]): string {
  const { from, to, selection } = options;
  const labels = specsFor(lake, options);
  const hash = hashValue({ lake: lake.hash(), names, labels, from, to });
  const slug = selection.replaceAll(/[^a-z0-9]+/gu, "-").slice(0, 24);
  return `${slug}-${isoDate(from)}-${isoDate(to)}-${hash.slice(0, 8)}`;
}
