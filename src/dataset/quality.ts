// The checks that a dataset passes before it is published: each blocks, and each says what it found and where.

import { isoDate } from "../calendar/index.ts";
import { ArtifactError } from "../errors.ts";
import { splitBlocks, type WorkerPool } from "../workers/index.ts";
import { readDatasetManifest, type DatasetManifest, type ManifestFeature } from "./manifest.ts";
import { openDatasetFolder, type Dataset, type DatasetRows } from "./open.ts";

export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** What was looked at, or what is wrong and where. */
  readonly detail: string;
}

export interface QualityOptions {
  /** The last published dataset of the same selection and start: null rates are held against it. */
  readonly previous?: DatasetManifest | undefined;
  /** Columns may be empty or constant, as in a short or small market; they are listed instead. Default false. */
  readonly allowEmpty?: boolean;
  /** First month ("YYYY-MM") whose rows are looked at; default: all are. */
  readonly since?: string | undefined;
}

const module = new URL(
  import.meta.url.endsWith(".ts") ? "./quality.kernel.ts" : "./quality.kernel.js",
  import.meta.url,
);

/** How far a column's share of nulls may rise from one build to the next. */
const nullRateJump = 0.05;

/** A price label against the ratio of float32 closes. */
const labelTolerance = 2e-6;

/** Share of codes that must end in exactly h rows without a label; the others left the universe while still trading. */
const exactTrailingShare = 0.95;

/** Runs every check on the dataset in `folder`. */
export function checkDataset(folder: string, options: QualityOptions = {}): readonly Check[] {
  const manifest = readDatasetManifest(folder);
  const dataset = openDatasetFolder(folder, options.since);
  const found = dataChecks(manifest).map((check) => check(dataset));
  return inOrder(manifest, found, options);
}

/** As `checkDataset`, on the threads of a pool. */
export async function checkParallel(
  folder: string,
  pool: WorkerPool,
  options: QualityOptions,
): Promise<readonly Check[]> {
  const manifest = readDatasetManifest(folder);
  const blocks = splitBlocks(dataChecks(manifest).length, 1);
  const args = { folder, since: options.since };
  const found = await pool.mapBlocks<readonly Check[]>({
    module,
    kernel: "checkBlock",
    blocks,
    args,
  });
  return inOrder(manifest, found, options);
}

/** The checks that read rows: keys, labels, prices. */
export function dataChecks({
  labels,
}: DatasetManifest): readonly ((dataset: Dataset) => readonly Check[])[] {
  const prices = labels.filter(({ kind }) => kind === "price");
  return [
    ({ rows }) => [uniqueKeys(rows)],
    ...prices.map(
      ({ name, horizon }) =>
        (dataset: Dataset) =>
          labelChecks(dataset, name, horizon),
    ),
    (dataset) => [pricesInOrder(dataset)],
  ];
}

function inOrder(
  manifest: DatasetManifest,
  [keys, ...others]: readonly (readonly Check[])[],
  { previous, allowEmpty = false }: QualityOptions,
): readonly Check[] {
  return [
    ...keys,
    monthsWithRows(manifest),
    rowCount(manifest),
    ...others.flat(),
    ...valueChecks(manifest.features, allowEmpty),
    nullRates(manifest, previous),
  ];
}

/** Throws ArtifactError that lists the checks that failed. */
export function requireQuality(id: string, checks: readonly Check[]): void {
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  throw new ArtifactError(
    `dataset ${id} is not published, ${failed.length} of ${checks.length} checks failed: ${failed.map(({ name, detail }) => `${name}: ${detail}`).join("; ")}`,
  );
}

function uniqueKeys({ count, sessionOfRow, codeOfRow, dates, codes }: DatasetRows): Check {
  const name = "unique keys";
  for (let row = 1; row < count; row += 1) {
    const [before, after] = [sessionOfRow[row - 1], sessionOfRow[row]];
    if (after > before || (after === before && codeOfRow[row] > codeOfRow[row - 1])) continue;
    const key = `${codes[codeOfRow[row]]} on ${isoDate(dates[after])}`;
    return { name, passed: false, detail: `row ${row} (${key}) repeats or comes out of order` };
  }
  return { name, passed: true, detail: `${count} rows, by date and code` };
}

function monthsWithRows({ months }: DatasetManifest): Check {
  const empty = months.filter(({ features }) => features.rows === 0).map(({ month }) => month);
  const uneven = months.filter(
    ({ features, labels, market }) =>
      features.rows !== labels.rows || features.rows !== market.rows,
  );
  if (empty.length > 0) {
    return { name: "months", passed: false, detail: `no rows in ${empty.join(", ")}` };
  }
  return {
    name: "months",
    passed: uneven.length === 0 && months.length > 0,
    detail:
      uneven.length === 0
        ? `${months.length} months`
        : `features, labels and market differ in rows in ${uneven.map(({ month }) => month).join(", ")}`,
  };
}

function rowCount({ rows, codes, sessions }: DatasetManifest): Check {
  return {
    name: "row count",
    passed: rows > 0 && rows <= codes * sessions,
    detail: `${rows} rows, at most ${codes} codes × ${sessions} sessions`,
  };
}

/** The label is the ratio of the closes that the dataset itself holds, and the last h rows of a code have none. */
function labelChecks(dataset: Dataset, name: string, horizon: number): readonly Check[] {
  const { rows } = dataset;
  const values = dataset.labels([name]).label(name);
  const close = dataset.market(["close"]).column("close");
  const next = rowsLater(rows, horizon);
  let compared = 0;
  let wrong = -1;
  let exact = 0;
  for (let row = 0; row < rows.count; row += 1) {
    const later = next[row];
    if (later < 0 || values[row] !== values[row]) continue;
    compared += 1;
    const expected = close[later] / close[row] - 1;
    const gap = Math.abs(values[row] - expected);
    if (gap > labelTolerance * (1 + Math.abs(expected))) {
      if (wrong < 0) wrong = row;
    } else exact += 1;
  }
  const trailing = trailingNulls(rows, values, next);
  const place = wrong < 0 ? "" : `; first ${rowName(rows, wrong)}: ${values[wrong]}`;
  return [
    {
      name: `${name} is the return to come`,
      passed: compared === 0 || exact / compared > 0.999,
      detail: `${exact} of ${compared} rows equal C(t + ${horizon}) / C(t) − 1${place}`,
    },
    {
      name: `${name} ends in ${horizon} nulls`,
      passed: trailing.codes === 0 || trailing.exact / trailing.codes >= exactTrailingShare,
      detail: `${trailing.exact} of ${trailing.codes} codes`,
    },
  ];
}

/** The row of the same code `horizon` rows later, -1 where there is none. */
function rowsLater({ count, codeOfRow, codes }: DatasetRows, horizon: number): Int32Array {
  const later = new Int32Array(count).fill(-1);
  const recent = Array.from({ length: codes.length }, () => new Int32Array(horizon));
  const seen = new Int32Array(codes.length);
  for (let row = 0; row < count; row += 1) {
    const code = codeOfRow[row];
    const slot = seen[code] % horizon;
    if (seen[code] >= horizon) later[recent[code][slot]] = row;
    recent[code][slot] = row;
    seen[code] += 1;
  }
  return later;
}

function trailingNulls(
  { count, codeOfRow, codes }: DatasetRows,
  values: Float32Array,
  later: Int32Array,
): { readonly exact: number; readonly codes: number } {
  const bad = new Uint8Array(codes.length);
  const present = new Uint8Array(codes.length);
  for (let row = 0; row < count; row += 1) {
    present[codeOfRow[row]] = 1;
    if (later[row] < 0 === (values[row] === values[row])) bad[codeOfRow[row]] = 1;
  }
  const all = present.reduce((sum, flag) => sum + flag, 0);
  return { exact: all - bad.reduce((sum, flag) => sum + flag, 0), codes: all };
}

function pricesInOrder(dataset: Dataset): Check {
  const table = dataset.market(["open", "high", "low", "close"]);
  const [open, high, low, close] = ["open", "high", "low", "close"].map((n) => table.column(n));
  for (let row = 0; row < dataset.rows.count; row += 1) {
    const top = Math.max(open[row], close[row]);
    const bottom = Math.min(open[row], close[row]);
    if (high[row] >= top && low[row] <= bottom && low[row] > 0) continue;
    return {
      name: "price order",
      passed: false,
      detail: `${rowName(dataset.rows, row)}: open ${open[row]}, high ${high[row]}, low ${low[row]}, close ${close[row]}`,
    };
  }
  return { name: "price order", passed: true, detail: `${dataset.rows.count} bars` };
}

/** No column is empty, constant or infinite; flags may be constant. */
function valueChecks(features: readonly ManifestFeature[], allowEmpty: boolean): readonly Check[] {
  const empty = features.filter(({ nullRate }) => nullRate === 1);
  const infinite = features.filter(
    ({ nullRate, least, greatest }) => nullRate < 1 && (least === null || greatest === null),
  );
  const constant = features.filter(
    ({ unit, least, greatest }) => unit !== "flag" && least !== null && least === greatest,
  );
  const check = (name: string, found: readonly ManifestFeature[], passed: boolean): Check => ({
    name,
    passed,
    detail: found.length === 0 ? "none" : found.map((feature) => feature.name).join(", "),
  });
  return [
    check("empty columns", empty, empty.length === 0 || allowEmpty),
    check("constant columns", constant, constant.length === 0 || allowEmpty),
    check("infinite values", infinite, infinite.length === 0),
  ];
}

function nullRates(manifest: DatasetManifest, previous: DatasetManifest | undefined): Check {
  const name = "null rates";
  if (previous === undefined) {
    return { name, passed: true, detail: "no earlier build of this selection to compare with" };
  }
  const before = new Map(previous.features.map((feature) => [feature.name, feature.nullRate]));
  const jumped = manifest.features.filter(
    (feature) => feature.nullRate - (before.get(feature.name) ?? 1) > nullRateJump,
  );
  const list = jumped.map(
    (feature) =>
      `${feature.name} ${percent(before.get(feature.name) ?? 0)} → ${percent(feature.nullRate)}`,
  );
  return {
    name,
    passed: jumped.length === 0,
    detail:
      jumped.length === 0
        ? `no rise over ${percent(nullRateJump)} since ${previous.id}`
        : list.join(", "),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rowName({ dates, codes, sessionOfRow, codeOfRow }: DatasetRows, row: number): string {
  return `${codes[codeOfRow[row]]} on ${isoDate(dates[sessionOfRow[row]])}`;
}
