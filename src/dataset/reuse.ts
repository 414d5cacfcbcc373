// What of an earlier dataset a new one may take over: the months before the first lake partition that changed. That earlier rows
// never depend on later records is what the leak audit proves, so those files are byte for byte what a rebuild would write.

import { existsSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { MarketData } from "../features/index.ts";
import { firstSessionReaching, type LabelSpec } from "./labels.ts";
import {
  datasetVersion,
  manifestFile,
  readDatasetManifest,
  type DatasetManifest,
  type ManifestMonth,
} from "./manifest.ts";
import { monthFileName, type MonthSpan } from "./month-store.ts";
import type { ColumnStats } from "./parquet/format.ts";
import { MonthReader } from "./parquet/read.ts";

/** What decides a dataset's bytes beside the lake. */
export interface BuildIdentity {
  readonly from: string;
  readonly to: string;
  readonly selection: string;
  readonly abi: string;
  readonly codeVersion: string;
  readonly labels: readonly LabelSpec[];
  readonly sources: DatasetManifest["sources"];
}

export interface Reuse {
  readonly manifest: DatasetManifest;
  readonly folder: string;
  /** First month that must be computed again. */
  readonly boundary: string;
}

/** The published dataset of the same identity that leaves the fewest months to compute; undefined when there is none. */
export function findReuse(home: string, identity: BuildIdentity): Reuse | undefined {
  const root = join(home, "datasets");
  if (!existsSync(root)) return undefined;
  let best: Reuse | undefined;
  for (const name of readdirSync(root).toSorted()) {
    const folder = join(root, name);
    if (name.startsWith(".") || !existsSync(join(folder, manifestFile))) continue;
    const manifest = readDatasetManifest(folder);
    if (!isSameKind(manifest, identity)) continue;
    const boundary = firstChange(manifest, identity.sources);
    if (best === undefined || boundary > best.boundary) best = { manifest, folder, boundary };
  }
  const hasMonths = best?.manifest.months.some(({ month }) => month < (best?.boundary ?? ""));
  return hasMonths === true ? best : undefined;
}

function isSameKind(manifest: DatasetManifest, identity: BuildIdentity): boolean {
  const labels = manifest.labels.map(({ name, kind, horizon }) => `${name} ${kind} ${horizon}`);
  const wanted = identity.labels.map(({ name, kind, horizon }) => `${name} ${kind} ${horizon}`);
  return (
    manifest.version === datasetVersion &&
    manifest.from === identity.from &&
    manifest.to <= identity.to &&
    manifest.selection === identity.selection &&
    manifest.abi === identity.abi &&
    manifest.codeVersion === identity.codeVersion &&
    labels.join() === wanted.join()
  );
}

/** First month of any table whose partition differs; the month of the earlier dataset's last row at the latest. */
function firstChange({ sources, to }: DatasetManifest, now: DatasetManifest["sources"]): string {
  let first = to.slice(0, "YYYY-MM".length);
  for (const table of new Set([...Object.keys(sources), ...Object.keys(now)])) {
    const [before, after] = [new Map(entries(sources, table)), new Map(entries(now, table))];
    for (const month of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(month) !== after.get(month) && month < first) first = month;
    }
  }
  return first;
}

function entries(sources: DatasetManifest["sources"], table: string): [string, string][] {
  return Object.entries(sources[table] ?? {});
}

/** Spans whose files of a part are taken over, and those to write. */
export interface SplitSpans {
  readonly taken: readonly MonthSpan[];
  readonly written: readonly MonthSpan[];
}

export function splitSpans(spans: readonly MonthSpan[], reuse: Reuse | undefined): SplitSpans {
  const before = spans.filter(({ month }) => reuse !== undefined && month < reuse.boundary);
  return { taken: before, written: spans.slice(before.length) };
}

/**
 * As `splitSpans` for labels, which look ahead: a month is taken over only when no label of it reads a session at or after the
 * boundary, that is when it ends before `labelsFrom`.
 */
export function splitLabelSpans(
  spans: readonly MonthSpan[],
  reuse: Reuse | undefined,
  labelsFrom: number,
): SplitSpans {
  const { taken } = splitSpans(spans, reuse);
  const kept = taken.filter(({ endSession }) => endSession <= labelsFrom);
  return { taken: kept, written: spans.slice(kept.length) };
}

/** First session of the months whose labels are computed. Total-return labels all are: a late notice may change a dividend of the past. */
export function firstLabelSession(
  data: MarketData,
  specs: readonly LabelSpec[],
  spans: readonly MonthSpan[],
  reuse: Reuse | undefined,
): number {
  const { taken, written } = splitSpans(spans, reuse);
  if (taken.length === 0 || specs.some(({ kind }) => kind === "total")) return 0;
  if (written.length === 0) return data.panel.dates.length;
  const first = firstSessionReaching(data, specs, written[0].firstSession);
  return (taken.find(({ endSession }) => endSession > first) ?? written[0]).firstSession;
}

/** Links the files of the months taken over into a new dataset's part; nothing is copied. */
export function linkMonths(
  reuse: Reuse | undefined,
  spans: readonly MonthSpan[],
  part: string,
  folder: string,
): void {
  mkdirSync(join(folder, part), { recursive: true });
  if (reuse === undefined) return;
  for (const { month } of spans) {
    const file = monthFileName(month);
    linkSync(join(reuse.folder, part, file), join(folder, part, file));
  }
}

/** What the manifest of the earlier dataset says about a month. Throws when it has no such month: `splitSpans` never asks. */
export function reusedMonth({ manifest }: Reuse, month: string): ManifestMonth {
  const found = manifest.months.find((entry) => entry.month === month);
  if (found === undefined) throw new RangeError(`dataset: ${manifest.id} has no month ${month}`);
  return found;
}

/** Column statistics of the months taken over. */
export function reusedStats(
  reuse: Reuse | undefined,
  spans: readonly MonthSpan[],
  part: string,
): readonly ReadonlyMap<string, ColumnStats>[] {
  if (reuse === undefined) return [];
  return spans.map(({ month }) => {
    const reader = new MonthReader(join(reuse.folder, part, monthFileName(month)));
    const { stats } = reader;
    reader.close();
    return stats;
  });
}
