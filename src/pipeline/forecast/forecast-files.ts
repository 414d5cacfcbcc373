// A session's forecasts on disk: forecasts/<model>/<date>.csv and .parquet, then .json with what they were made from and their hashes.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { ArtifactError } from "../../errors.ts";
import { hashFile } from "../../hash.ts";
import { quoteText } from "../../lake/index.ts";
import { publishFile, publishWith } from "../../publish.ts";
import type { SessionForecast } from "./forecast-session.ts";

export interface ForecastManifest {
  readonly version: 1;
  readonly model: string;
  readonly date: string;
  readonly dataset: string;
  readonly datasetHash: string;
  readonly rows: number;
  readonly synthetic: boolean;
  /** File name to SHA-256. */
  readonly files: Readonly<Record<string, string>>;
}

const manifestSchema: z.ZodType<ForecastManifest> = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  date: z.iso.date(),
  dataset: z.string(),
  datasetHash: z.string(),
  rows: z.int(),
  synthetic: z.boolean(),
  files: z.record(z.string(), z.string()),
});

export interface ForecastFiles {
  readonly csv: string;
  readonly parquet: string;
  /** The manifest: it comes last, so a session that has it is whole. */
  readonly manifest: string;
}

/** Paths of a session's forecasts. */
export function forecastFiles(home: string, model: string, date: string): ForecastFiles {
  const base = join(home, "forecasts", model, date);
  return { csv: `${base}.csv`, parquet: `${base}.parquet`, manifest: `${base}.json` };
}

/** Publishes a session's forecasts; those of an earlier run are replaced. */
export async function publishForecast(
  home: string,
  { forecasts, levels, ...origin }: SessionForecast,
  synthetic: boolean,
): Promise<ForecastFiles> {
  const files = forecastFiles(home, origin.model, origin.date);
  const names = levels.map(levelName);
  const head = ["code", "horizon", "rank", "score", ...names, "uncertainty", "reasons"];
  const lines = forecasts.map(({ code, horizon, rank, score, quantiles, uncertainty, reasons }) =>
    [code, horizon, rank, score, ...quantiles, uncertainty ?? "", reasons.join(" ")].join(","),
  );
  await publishFile(files.csv, `${[head.join(","), ...lines].join("\n")}\n`);
  await writeParquet(files);
  const manifest: ForecastManifest = {
    version: 1,
    ...origin,
    rows: forecasts.length,
    synthetic,
    files: {
      [`${origin.date}.csv`]: await hashFile(files.csv),
      [`${origin.date}.parquet`]: await hashFile(files.parquet),
    },
  };
  await publishFile(files.manifest, `${JSON.stringify(manifest, null, 1)}\n`);
  return files;
}

/** `q10` of 0.1. */
export function levelName(level: number): string {
  return `q${String(Math.round(level * 100)).padStart(2, "0")}`;
}

/** What a session's forecasts were made from; undefined where there are none. */
export function readForecastManifest(
  home: string,
  model: string,
  date: string,
): ForecastManifest | undefined {
  const { manifest } = forecastFiles(home, model, date);
  if (!existsSync(manifest)) return undefined;
  const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(manifest, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${manifest}: ${z.prettifyError(parsed.error)}`);
}

/** Dates for which a model has published forecasts, oldest first. */
export function forecastDates(home: string, model: string): string[] {
  const folder = dirname(forecastFiles(home, model, "").csv);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.json$/u.exec(name)?.[1] ?? [])
    .toSorted();
}

async function writeParquet({ csv, parquet }: ForecastFiles): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    await publishWith(parquet, async (temporary) => {
      await connection.run(
        `COPY (SELECT * FROM read_csv(${quoteText(csv)}, header = true, types = {'code': 'VARCHAR'}))
         TO ${quoteText(temporary)} (FORMAT parquet)`,
      );
    });
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}
