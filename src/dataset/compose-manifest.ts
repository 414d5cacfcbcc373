// The manifest of a dataset that has just been written.

import { isoDate } from "../calendar/index.ts";
import type { MarketData, Registry } from "../features/index.ts";
import type { Lake } from "../lake/index.ts";
import type { BuildOptions } from "./build.ts";
import {
  abiHash,
  codeVersion,
  datasetVersion,
  manifestFeature,
  type DatasetManifest,
  type ManifestPart,
} from "./manifest.ts";
import type { MonthSummary } from "./month-store.ts";
import type { ColumnStats } from "./parquet/format.ts";
import { isSynthetic, sourcePartitions } from "./sources.ts";
import { marketNames, type Job, type Part, type Parts } from "./write-parts.ts";

/** Everything that the manifest says, from the lake, the plan and what was written. */
export function manifestOf(
  lake: Lake,
  registry: Registry,
  id: string,
  { data, names, absent, labels, spans }: Job,
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
    absent,
    market: marketNames(data),
    abi: abiHash(features),
    lakeHash: lake.hash(),
    sources: sourcePartitions(lake),
    calendar,
    codeVersion: options.codeVersion ?? codeVersion,
    synthetic: isSynthetic(lake),
    rows,
    codes: codesOf(data, first.firstRow, last.endRow),
    sessions: last.endSession - first.firstSession,
    months: parts.features.months.map((month, index) => ({
      month: month.month,
      features: summary(month),
      labels: summary(parts.labels.months[index]),
      market: summary(parts.market.months[index]),
    })),
  };
}

/** How many codes the rows from `first` to before `end` have. */
function codesOf({ panel, rows }: MarketData, first: number, end: number): number {
  const seen = new Uint8Array(panel.codes.length);
  for (let row = first; row < end; row += 1) seen[rows.codeOfRow[row]] = 1;
  return seen.reduce((sum, flag) => sum + flag, 0);
}

function statsOf({ stats }: Part, name: string): ColumnStats {
  return stats.get(name) ?? { nulls: 0, least: Number.NaN, greatest: Number.NaN };
}
