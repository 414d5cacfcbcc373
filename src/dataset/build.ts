// Builds a dataset from the lake: plan, load, compute and write column by column, label, check, and only then publish.

import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isoDate } from "../calendar/index.ts";
import { ConfigError } from "../errors.ts";
import {
  absentSources,
  defaultRegistry,
  LoadCache,
  loadMarketData,
  planFeatures,
  selectFeatures,
  shareMarket,
  tileCount,
  type AbsentSource,
  type LakeView,
  type MarketData,
  type Registry,
} from "../features/index.ts";
import { hashValue } from "../hash.ts";
import type { Lake } from "../lake/index.ts";
import type { OnProgress } from "../progress.ts";
import { publishFile } from "../publish.ts";
import { createPool, inTurns, type WorkerPool } from "../workers/index.ts";
import { manifestOf } from "./compose-manifest.ts";
import { loadDividends } from "./dividends.ts";
import {
  labelSpecs,
  labelsOf,
  labelTiles,
  prepareLabels,
  type LabelKind,
  type LabelOptions,
  type Dividends,
  type Labels,
  type LabelSpec,
  type LabelWork,
} from "./labels.ts";
import {
  abiHash,
  codeVersion,
  manifestFile,
  readDatasetManifest,
  type DatasetManifest,
} from "./manifest.ts";
import { monthSpans, type MonthSpan } from "./month-store.ts";
import { publishDataset } from "./publish-dataset.ts";
import { findReuse, firstLabelSession, splitLabelSpans, splitSpans, type Reuse } from "./reuse.ts";
import { sourcePartitions } from "./sources.ts";
import { writeParts, type Job } from "./write-parts.ts";

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
  /** Throw when a source that the selection reads has nothing in the lake, instead of leaving its columns out. */
  readonly strict?: boolean;
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

const labelsModule = new URL(
  import.meta.url.endsWith(".ts") ? "./labels.kernel.ts" : "./labels.kernel.js",
  import.meta.url,
);

/** Builds, checks and publishes a dataset under `lake.home`, and moves the `latest` pointer. */
export async function buildDataset(lake: Lake, options: BuildOptions): Promise<BuildResult> {
  const { registry = defaultRegistry() } = options;
  const calendar = await lake.calendar();
  const connection = await lake.connect();
  try {
    await using pool = poolFor(options);
    const started = pool?.start(labelsModule);
    const input = await loadInput(lake, { connection, calendar }, options);
    const { data, names, absent, specs, dividends } = input;
    await started;
    pool?.share(shareMarket(data));
    options.onProgress?.({ stage: "load", done: 1, total: 1 });
    const spans = outputSpans(data, options);
    const reuse = reuseFor(lake, data, spans, names, options);
    const labelsFrom = firstLabelSession(data, specs, spans, reuse);
    const work = prepareLabels(data, specs, dividends, labelsFrom);
    const labels = await fillLabels(data, work, pool);
    const job: Job = { data, names, absent, labels, labelsFrom, spans, reuse };
    const id = datasetId(lake, options, names);
    const draft = join(lake.home, "datasets", `.tmp-${id}-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    try {
      const parts = await writeParts(draft, job, options, pool);
      const manifest = manifestOf(lake, registry, id, job, parts, calendar.source, options);
      await publishFile(join(draft, manifestFile), `${JSON.stringify(manifest, null, 1)}\n`);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
    const since = firstWritten(job);
    const folder = await publishDataset(lake.home, draft, { ...options, since, pool });
    return {
      manifest: readDatasetManifest(folder),
      folder,
      monthsReused: splitSpans(spans, reuse).taken.length,
    };
  } finally {
    connection.closeSync();
  }
}

interface BuildInput {
  readonly data: MarketData;
  readonly names: readonly string[];
  readonly absent: readonly AbsentSource[];
  readonly specs: readonly LabelSpec[];
  readonly dividends: Dividends | undefined;
}

/** Market data, the columns that they can fill, and what labels need. Throws ConfigError for absent sources when `strict`. */
async function loadInput(lake: Lake, view: LakeView, options: BuildOptions): Promise<BuildInput> {
  const { registry = defaultRegistry(), selection, strict = false, rebuild = false, to } = options;
  const specs = specsFor(lake, options);
  const selected = selectFeatures(registry, selection);
  const data = await loadMarketData(view, registry, planFeatures(registry, selected), {
    to,
    ...(rebuild ? {} : { cache: new LoadCache(lake, options.codeVersion ?? codeVersion) }),
    extraInputs: specs.some(({ kind }) => kind === "excess") ? ["topix_close"] : [],
  });
  const absent = absentSources(registry, selected, data);
  if (strict && absent.length > 0) throw new ConfigError(absentText(absent));
  const missing = new Set(absent.flatMap(({ columns }) => columns));
  const names = selected.filter((name) => !missing.has(name));
  if (names.length === 0) throw new ConfigError(absentText(absent));
  const wantsTotal = specs.some(({ kind }) => kind === "total");
  const dividends = wantsTotal ? await loadDividends(view.connection, data.panel) : undefined;
  return { data, names, absent, specs, dividends };
}

/** First month of which a part was not taken over. */
function firstWritten({ spans, reuse, labelsFrom }: Job): string {
  const { taken } = splitLabelSpans(spans, reuse, labelsFrom);
  return spans[Math.min(taken.length, spans.length - 1)].month;
}

function absentText(absent: readonly AbsentSource[]): string {
  const list = absent.map(({ source, columns }) => `${source} (${columns.length} columns)`);
  return `dataset build: the lake has nothing of ${list.join(", ")}; ingest it, or build without --strict to leave these columns out`;
}

async function fillLabels(
  data: MarketData,
  work: LabelWork,
  pool: WorkerPool | undefined,
): Promise<Labels> {
  if (pool === undefined) labelTiles(data, work, Array(tileCount(data)).keys());
  else {
    await inTurns(pool, { module: labelsModule, kernel: "fillLabels", args: { ...work } });
  }
  return labelsOf(work);
}

/** The labels asked for; without a choice, every kind that the lake has the data for. */
function specsFor(lake: Lake, { labels = {} }: BuildOptions): readonly LabelSpec[] {
  const possible: LabelKind[] = ["price", "open"];
  if (lake.has("indices_bars_daily_topix")) possible.push("excess");
  if (lake.has("fins_dividend")) possible.push("total");
  return labelSpecs({ kinds: possible, ...labels });
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
function poolFor({ registry, threads }: BuildOptions): WorkerPool | undefined {
  if (registry !== undefined || threads === 1) return undefined;
  return createPool(threads === undefined ? {} : { threads });
}

/** Says what the dataset is and distinguishes it from every other: selection, span and a hash of all that decides its bytes. */
function datasetId(lake: Lake, options: BuildOptions, names: readonly string[]): string {
  const { from, to, selection } = options;
  const labels = specsFor(lake, options);
  const hash = hashValue({ lake: lake.hash(), names, labels, from, to });
  const slug = selection.replaceAll(/[^a-z0-9]+/gu, "-").slice(0, 24);
  return `${slug}-${isoDate(from)}-${isoDate(to)}-${hash.slice(0, 8)}`;
}
