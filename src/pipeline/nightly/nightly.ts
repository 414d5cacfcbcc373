// One command for cron: update the lake, extend the dataset, check both, forecast with the production model, publish a page.
// Every step finds what an earlier attempt of the same night finished; the record comes last, and with it the night is done.

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { isoDate } from "../../calendar/index.ts";
import type { Clock } from "../../clock.ts";
import { ArtifactError } from "../../errors.ts";
import { hashFile } from "../../hash.ts";
import { openLake } from "../../lake/index.ts";
import { acquireLock } from "../../lake/lock.ts";
import { noProgress } from "../../progress.ts";
import { requireProductionModel } from "../../registry/index.ts";
import { type ModelManifest, readModel, readRun, verifyModel } from "../../runs/index.ts";
import { forecastSession, publishForecast, type SessionForecast } from "../forecast/index.ts";
import type { NightlyOptions } from "./nightly-options.ts";
import { publishNightReport } from "./night-report.ts";
import { type NightRecord, nightOf, type NightStep, readNight, writeNight } from "./night.ts";
import { trackRecord } from "./track-record.ts";
import { baseDataset, checkSession, extendDataset, quickAudit, updateLake } from "./update.ts";

export interface NightlyResult extends NightRecord {
  /** False when an earlier run had done this night with this model. */
  readonly isNew: boolean;
  /** Why the session is not today's; null when it is. */
  readonly notToday: string | null;
  /** Path of the HTML page. */
  readonly report: string;
}

/**
 * Runs the night of the latest session whose prices are final. Throws ConfigError without a production model, SourceError while
 * prices are missing, LeakageError or ArtifactError when a check fails; then nothing is published.
 */
export async function runNightly(options: NightlyOptions): Promise<NightlyResult> {
  const { home, clock, plan } = options;
  const model = await readModel(home, requireProductionModel(home));
  const { session, notToday = null } = nightOf(
    await (await openLake(home)).calendar(),
    clock.nowMs(),
    plan,
  );
  const date = isoDate(session);
  const common = { notToday, report: join(home, "reports", `nightly-${date}.html`) };
  const lock = await acquireLock(join(home, "nightly"), `nightly ${date}`);
  try {
    const done = readNight(home, date);
    if (done?.model === model.id && (await isWhole(home, done))) {
      return { ...done, ...common, isNew: false };
    }
    const record = await runNight(options, model, session, common.report);
    return { ...record, ...common, isNew: true };
  } finally {
    await lock.release();
  }
}

async function runNight(
  options: NightlyOptions,
  model: ModelManifest,
  session: number,
  report: string,
): Promise<NightRecord> {
  const { home, clock, library, signal, onProgress = noProgress } = options;
  const steps = new Steps(clock, signal);
  await verifyModel(home, model);
  const lake = await steps.run("update", async () => {
    const updated = await updateLake(options, session);
    const { rows, tasks } = updated.report.execution;
    return [updated.lake, tasks === 0 ? "nothing was missing" : `${rows} rows, ${tasks} requests`];
  });
  const base = baseDataset(home, model.dataset);
  const dataset = await steps.run("dataset", async () => {
    const { dataset: extended, isNew } = await extendDataset(options, lake, base, session);
    const { id, manifest } = extended;
    return [extended, `${id}, ${manifest.rows} rows${isNew ? "" : ", built before"}`];
  });
  await steps.run("session", async () => [undefined, checkSession(dataset, base, session)]);
  const columns = model.features.filter((name) => dataset.featureNames.includes(name)).join(",");
  await steps.run("audit", async () => {
    return [undefined, await quickAudit(options, lake, columns, session)];
  });
  const forecast = await steps.run("forecast", async () => {
    const made = await forecastSession({ home, dataset, model: model.id, library, onProgress });
    requireFinite(made);
    return [made, `${made.forecasts.length} forecasts by ${model.id}`];
  });
  const { synthetic } = dataset.manifest;
  const files = await publishForecast(home, forecast, synthetic);
  const past = trackRecord(home, dataset, { model: model.id, run: await readRun(home, model.run) });
  await publishNightReport(report, { forecast, past, steps: steps.done, synthetic });
  const paths = [...Object.values(files), report];
  const hashes = await Promise.all(paths.map((path) => hashFile(path)));
  const record: NightRecord = {
    version: 1,
    session: isoDate(session),
    model: model.id,
    dataset: dataset.id,
    steps: steps.done,
    files: Object.fromEntries(paths.map((path, i) => [relative(home, path), hashes[i]])),
    finishedAt: Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString(),
  };
  await writeNight(home, record);
  return record;
}

/** True when every file that the record names is there as it was written. */
async function isWhole(home: string, { files }: NightRecord): Promise<boolean> {
  for (const [name, hash] of Object.entries(files)) {
    const path = join(home, name);
    if (!existsSync(path) || (await hashFile(path)) !== hash) return false;
  }
  return true;
}

function requireFinite({ model, date, forecasts }: SessionForecast): void {
  const broken = forecasts.filter(
    ({ score, quantiles }) => !Number.isFinite(score) || !quantiles.every(Number.isFinite),
  );
  const different = new Set(forecasts.map(({ score }) => score));
  if (forecasts.length > 0 && broken.length === 0 && different.size > 1) return;
  throw new ArtifactError(
    `nightly: expected finite forecasts of ${model} for ${date} that differ between stocks, found ${broken.length} of ${forecasts.length} without a number and ${different.size} different; nothing was published: look at the session's columns with \`gogooku3 dataset describe\``,
  );
}

/** What was done and how long it took. */
class Steps {
  readonly done: NightStep[] = [];
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;

  constructor(clock: Clock, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
  }

  async run<T>(step: string, work: () => Promise<readonly [T, string]>): Promise<T> {
    this.#signal?.throwIfAborted();
    const start = this.#clock.nowMs();
    const [result, detail] = await work();
    this.done.push({ step, detail, seconds: (this.#clock.nowMs() - start) / 1000 });
    return result;
  }
}
