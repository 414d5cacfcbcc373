// What former nights were worth: forecasts published before their outcome was known, against the returns that came.

import { existsSync, readFileSync } from "node:fs";
import { epochDay } from "../../calendar/index.ts";
import type { Dataset } from "../../dataset/index.ts";
import { dailyIc, type MeanSummary, summarizeMean } from "../../evaluate/index.ts";
import { createRng } from "../../rng.ts";
import type { RunManifest } from "../../runs/index.ts";
import { forecastFiles } from "../forecast/index.ts";
import { listNights, readNight } from "./night.ts";

export interface TrackRecord {
  readonly horizon: number;
  /** Daily RankIC of the nights whose returns are known. */
  readonly rankIc: MeanSummary;
}

/** Judges the nights of one model, horizon by horizon, by the labels that `run` was judged by. */
export function trackRecord(
  home: string,
  dataset: Dataset,
  { model, run }: { readonly model: string; readonly run: RunManifest },
): TrackRecord[] {
  const nights = listNights(home).filter((date) => readNight(home, date)?.model === model);
  const ranks = nights.flatMap((date) => ranksOf(home, model, date));
  const rowOf = rowIndex(dataset);
  return Object.entries(run.labels).map(([key, name]) => {
    const horizon = Number(key);
    const labels = dataset.labels([name]).label(name);
    const own = ranks.filter((entry) => entry.horizon === horizon);
    const dates = Int32Array.from(own, ({ day }) => day);
    const score = Float64Array.from(own, ({ rank }) => -rank);
    const label = Float64Array.from(own, (entry) => {
      const row = rowOf(entry.day, entry.code);
      return row < 0 ? Number.NaN : labels[row];
    });
    const rng = createRng(`nights ${model}`).split(horizon);
    const { rankIc } = dailyIc(dates, score, label);
    return { horizon, rankIc: summarizeMean(rankIc, { horizon, rng }) };
  });
}

interface Ranked {
  readonly day: number;
  readonly code: string;
  readonly horizon: number;
  readonly rank: number;
}

/** Code, horizon and rank are the first three columns. */
function ranksOf(home: string, model: string, date: string): Ranked[] {
  const { csv } = forecastFiles(home, model, date);
  if (!existsSync(csv)) return [];
  const day = epochDay(date);
  const lines = readFileSync(csv, "utf8").trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [code, horizon, rank] = line.split(",", 3);
    return { day, code, horizon: Number(horizon), rank: Number(rank) };
  });
}

/** The row of a code on a day; -1 where there is none. */
function rowIndex({ rows }: Dataset): (day: number, code: string) => number {
  const sessions = new Map(Array.from(rows.dates, (day, session) => [day, session]));
  const codes = new Map(rows.codes.map((code, index) => [code, index]));
  return (day, code) => {
    const session = sessions.get(day);
    const index = codes.get(code);
    if (session === undefined || index === undefined) return -1;
    const { dayStart, codeOfRow } = rows;
    return codeOfRow.subarray(0, dayStart[session + 1]).indexOf(index, dayStart[session]);
  };
}
