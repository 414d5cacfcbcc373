// The first steps of a night: the lake brought up to the session, the dataset extended by it, both checked.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { epochDay, isoDate, jstDay } from "../../calendar/index.ts";
import {
  auditFeatures,
  buildDataset,
  type Dataset,
  datasetFolder,
  type DatasetManifest,
  openDataset,
  readDatasetManifest,
  readQuality,
} from "../../dataset/index.ts";
import { ArtifactError, ConfigError, LeakageError, SourceError } from "../../errors.ts";
import { ingest, type IngestReport } from "../../ingest/ingest.ts";
import { endpoints as knownEndpoints, planWindow } from "../../jquants/index.ts";
import { type Lake, openLake } from "../../lake/index.ts";
import { noProgress } from "../../progress.ts";
import { recordAudit } from "../audit-evidence.ts";
import { latestDataset } from "../latest-dataset.ts";
import type { NightlyOptions } from "./nightly-options.ts";

const barsPath = "/equities/bars/daily";
const barsTable = "equities_bars_daily";

/** A session with fewer rows than this share of the one before came in part. */
const leastRowShare = 0.9;

/** Paths of the tables that an endpoint fills. */
function fetched(lake: Lake): readonly string[] {
  const paths = lake.stored().map((table) => lake.schema(table).path);
  return paths.filter((path) => knownEndpoints.has(path));
}

/** Fetches what is missing for the tables that the lake holds; throws SourceError while the session's prices are not final. */
export async function updateLake(
  options: NightlyOptions,
  session: number,
): Promise<{ readonly lake: Lake; readonly report: IngestReport }> {
  const { home, clock, client, plan, signal, onProgress = noProgress } = options;
  const before = await openLake(home);
  const endpoints = options.endpoints ?? fetched(before);
  if (!endpoints.includes(barsPath)) {
    throw new ConfigError(
      "nightly: the lake holds no daily bars; run `gogooku3 ingest` once before the first night",
    );
  }
  const request = { plan, endpoints, from: firstDay(before, options) };
  const report = await ingest(request, { lake: before, client, clock, signal, onProgress });
  const lake = await openLake(home);
  const held = lake.manifest(barsTable).days[isoDate(session)];
  if (held?.state !== "complete") {
    throw new SourceError(
      `nightly: expected final prices of ${isoDate(session)}, found ${held?.state ?? "none"}; run it again later, nothing was published`,
      { endpoint: barsPath, retryable: true },
    );
  }
  return { lake, report };
}

/** The first day of prices that the lake holds; the plan's whole window, with its monthly sweep, when it holds all of that. */
function firstDay(lake: Lake, { clock, plan }: NightlyOptions): string | undefined {
  const [first] = Object.keys(lake.manifest(barsTable).days).toSorted();
  if (first === undefined) return undefined;
  const today = jstDay(clock.nowMs());
  return epochDay(first) <= planWindow(plan, today).fromDay ? undefined : first;
}

/** The dataset that tonight's extends: the one that the model was trained on, else the latest. */
export function baseDataset(home: string, trainedOn: string): DatasetManifest {
  const isThere = existsSync(join(home, "datasets", trainedOn, "manifest.json"));
  return readDatasetManifest(datasetFolder(home, isThere ? trainedOn : "latest"));
}

/** The dataset of the lake as it is, up to the session: found when an earlier attempt built it, else built and checked. */
export async function extendDataset(
  { home, threads, signal, onProgress = noProgress }: NightlyOptions,
  lake: Lake,
  base: DatasetManifest,
  session: number,
): Promise<{ readonly dataset: Dataset; readonly isNew: boolean }> {
  const span = { selection: base.selection, from: epochDay(base.from), to: session };
  const known = latestDataset(home, lake, span);
  if (known !== undefined) return { dataset: known, isNew: false };
  const { manifest } = await buildDataset(lake, {
    ...span,
    allowEmpty: allowsEmpty(home, base.id),
    onProgress,
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
  });
  return { dataset: openDataset(home, manifest.id), isNew: true };
}

/** Throws ArtifactError when formulas changed since the model's dataset was built, or tonight's session is there in part. */
export function checkSession(dataset: Dataset, base: DatasetManifest, session: number): string {
  if (dataset.manifest.abi !== base.abi) {
    throw new ArtifactError(
      `nightly: expected the feature columns of ${base.id} (ABI ${base.abi.slice(0, 12)}), found ${dataset.manifest.abi.slice(0, 12)}; train and promote a model on ${dataset.id}`,
    );
  }
  const { dates, dayStart } = dataset.rows;
  const index = dates.length - 1;
  const [rows, before] = [index, index - 1].map((day) => dayStart[day + 1] - dayStart[day]);
  if (dates[index] !== session || rows < leastRowShare * before) {
    throw new ArtifactError(
      `nightly: expected about ${before} stocks on ${isoDate(session)}, found ${dates[index] === session ? rows : 0}; the day came in part: run it again later, nothing was published`,
    );
  }
  return `${rows} stocks, ${before} the session before`;
}

/** One cut, forty stocks, drawn by the session; throws LeakageError that names the first column that moved. */
export async function quickAudit(
  { home, clock, onProgress = noProgress }: NightlyOptions,
  lake: Lake,
  selection: string,
  session: number,
): Promise<string> {
  const report = await auditFeatures(lake, {
    selection,
    seed: session,
    cuts: 1,
    codes: 40,
    onProgress,
  });
  const evidence = await recordAudit(home, { selection, report }, clock);
  const [leak] = report.leaks;
  if (leak === undefined) return evidence.detail;
  throw new LeakageError(
    `nightly: ${leak.feature} of ${leak.code} on ${leak.date} changed when records after ${leak.cut} did; nothing was published, run \`gogooku3 dataset audit --features ${selection}\` for every cell`,
  );
}

/** Whether the base was published although columns were empty or constant: what was allowed once stays allowed. */
function allowsEmpty(home: string, id: string): boolean {
  const checks = readQuality(join(home, "datasets", id)) ?? [];
  return checks.some(
    ({ name, detail }) => /^(empty|constant) columns$/u.test(name) && detail !== "none",
  );
}
