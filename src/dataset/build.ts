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
  type FinishedColumn,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import { hashValue } from "../hash.ts";
import type { Lake } from "../lake/index.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { publishFile } from "../publish.ts";
import { createPool } from "../workers/index.ts";
import { computeLabels, labelSpecs, type Labels, type LabelOptions } from "./labels.ts";
import { loadDividends } from "./dividends.ts";
import {
  abiHash,
  datasetVersion,
  manifestFeature,
  manifestFile,
  readDatasetManifest,
  type DatasetManifest,
} from "./manifest.ts";
import { monthSpans, MonthStore, type MonthSummary, type StoreColumn } from "./month-store.ts";
import type { ColumnStats } from "./parquet/format.ts";
import { publishDataset } from "./publish-dataset.ts";
import { sourcePartitions, isSynthetic } from "./sources.ts";

export interface BuildOptions {
  /** First and last day of the rows, epoch days. */
  readonly from: number;
  readonly to: number;
  /** Set, family or column names, comma separated. */
  readonly selection: string;
  readonly labels?: LabelOptions;
  readonly registry?: Registry;
  readonly codeVersion?: string;
  /** Publish although columns are empty or constant, as in a short or small market. */
  readonly allowEmpty?: boolean;
  /** Worker threads; default one a core, 1 computes on this thread. The bytes do not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface BuildResult {
  readonly manifest: DatasetManifest;
  readonly folder: string;
}

/** Columns of the market part: what evaluation and backtests read of a row beside features and labels. */
const marketColumns = ["open", "high", "low", "close", "volume", "turnover", "basis"] as const;

/** Builds, checks and publishes a dataset under `lake.home`, and moves the `latest` pointer. */
export async function buildDataset(lake: Lake, options: BuildOptions): Promise<BuildResult> {
  const { registry = defaultRegistry(), selection, to } = options;
  const names = selectFeatures(registry, selection);
  const specs = labelSpecs(options.labels);
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
    const id = datasetId(lake, options, names);
    const draft = join(lake.home, "datasets", `.tmp-${id}-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    try {
      const parts = await writeParts(draft, data, names, labels, options);
      const manifest = manifestOf(lake, data, registry, {
        id,
        names,
        labels,
        parts,
        calendar: calendar.source,
        options,
      });
      await publishFile(join(draft, manifestFile), `${JSON.stringify(manifest, null, 1)}\n`);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
    const folder = await publishDataset(lake.home, draft, options);
    return { manifest: readDatasetManifest(folder), folder };
  } finally {
    connection.closeSync();
  }
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

async function writeParts(
  folder: string,
  data: MarketData,
  names: readonly string[],
  labels: Labels,
  options: BuildOptions,
): Promise<Parts> {
  const { from, to } = options;
  const spans = monthSpans(data.panel.dates, data.rows, from, to);
  if (spans.length === 0) {
    throw new ConfigError(
      `dataset build: no session from ${isoDate(from)} to ${isoDate(to)} has daily bars; the lake's bars end on ${isoDate(data.panel.dates[data.panel.dates.length - 1])}`,
    );
  }
  const open = (part: string): MonthStore => new MonthStore(join(folder, part), spans, data);
  return {
    features: await writeFeatures(open("."), data, names, options),
    labels: writeLabels(open("labels"), data, labels),
    market: writeMarket(open("market"), data),
  };
}

/** A registry of one's own is not known to worker threads: then this thread computes. */
async function writeFeatures(
  store: MonthStore,
  data: MarketData,
  names: readonly string[],
  { registry, threads, signal, onProgress = noProgress }: BuildOptions,
): Promise<Part> {
  const plan = planFeatures(registry ?? defaultRegistry(), names);
  if (registry === undefined && threads !== 1) {
    await using pool = createPool(threads === undefined ? {} : { threads });
    await executePlanParallel(plan, data, {
      pool,
      onProgress,
      ...(signal === undefined ? {} : { signal }),
      emit: (columns, market) => store.addParallel(columns.map(storeColumn), market, pool),
    });
  } else {
    await executePlan(registry ?? defaultRegistry(), plan, data, (feature, values) =>
      store.add([storeColumn({ feature, values })]),
    );
  }
  return { stats: store.stats(), months: store.close(names) };
}

function storeColumn({ feature, values }: FinishedColumn): StoreColumn {
  return { name: feature.name, layout: domainOf(feature), values };
}

function writeLabels(store: MonthStore, data: MarketData, labels: Labels): Part {
  const { dates } = data.panel;
  const ends = [...labels.ends].map(([h, sessions]) => ({
    name: `label_end_${h}d`,
    layout: "stock" as const,
    values: Float32Array.from(sessions, (s) => (s < 0 ? Number.NaN : dates[s])),
  }));
  const columns = labels.columns.map(({ spec, values }) => ({
    name: spec.name,
    layout: "stock" as const,
    values,
  }));
  store.add([...columns, ...ends]);
  return { stats: store.stats(), months: store.close() };
}

function writeMarket(store: MonthStore, data: MarketData): Part {
  const prices = marketColumns.map((name) => ({
    name,
    layout: "panel" as const,
    values: data.panel.float64(name),
  }));
  const groups = [...data.groups].map(([grouping, values]) => ({
    name: `${grouping}_id`,
    layout: "panel" as const,
    values,
  }));
  store.add([...prices, ...groups]);
  return { stats: store.stats(), months: store.close() };
}

interface ManifestParts {
  readonly id: string;
  readonly names: readonly string[];
  readonly labels: Labels;
  readonly parts: Parts;
  readonly calendar: string;
  readonly options: BuildOptions;
}

function manifestOf(
  lake: Lake,
  data: MarketData,
  registry: Registry,
  { id, names, labels, parts, calendar, options }: ManifestParts,
): DatasetManifest {
  const features = names.map((name) => registry.get(name));
  const spans = monthSpans(data.panel.dates, data.rows, options.from, options.to);
  const first = spans[0];
  const last = spans[spans.length - 1];
  const rows = last.endRow - first.firstRow;
  const summary = ({ rows: count, bytes, crc32 }: MonthSummary): Omit<MonthSummary, "month"> => ({
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
    codeVersion: options.codeVersion ?? "0.1.0",
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
  const { from, to, selection, labels = {} } = options;
  const hash = hashValue({ lake: lake.hash(), names, labels: labelSpecs(labels), from, to });
  const slug = selection.replaceAll(/[^a-z0-9]+/gu, "-").slice(0, 24);
  return `${slug}-${isoDate(from)}-${isoDate(to)}-${hash.slice(0, 8)}`;
}
