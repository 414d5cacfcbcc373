// The page of a night: the ranking, what was checked, what former nights were worth.

import { withInterval } from "../../evaluate/index.ts";
import { page, type Section, table } from "../../page/index.ts";
import { publishFile } from "../../publish.ts";
import type { SessionForecast } from "../forecast/index.ts";
import type { NightStep } from "./night.ts";
import type { TrackRecord } from "./track-record.ts";

export interface NightReport {
  readonly forecast: SessionForecast;
  readonly past: readonly TrackRecord[];
  readonly steps: readonly NightStep[];
  readonly synthetic: boolean;
}

const shown = 20;

/** Publishes one HTML page at `path`. */
export async function publishNightReport(path: string, report: NightReport): Promise<void> {
  const { forecast, steps, synthetic } = report;
  const horizons = [...new Set(forecast.forecasts.map(({ horizon }) => horizon))];
  const html = page({
    title: `Forecasts of ${forecast.date}`,
    subtitle: `Model ${forecast.model} on ${forecast.dataset}`,
    notice: synthetic
      ? "Made from simulated data: these figures say nothing about real markets."
      : undefined,
    sections: [
      ...horizons.map((horizon) => rankingSection(forecast, horizon)),
      pastSection(report),
      {
        title: "What was done",
        lead: "Every check passed, or this page would not be here.",
        body: table({
          columns: ["step", "found"],
          rows: steps.map(({ step, detail }) => [step, detail]),
        }),
      },
    ],
  });
  await publishFile(path, html);
}

function rankingSection({ forecasts, levels }: SessionForecast, horizon: number): Section {
  const own = forecasts.filter((entry) => entry.horizon === horizon);
  const ends = own.length <= 2 * shown ? own : [...own.slice(0, shown), ...own.slice(-shown)];
  const [low, high] = [levels.at(0), levels.at(-1)];
  const hasQuantiles = low !== undefined && high !== undefined;
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const range = (quantiles: readonly number[]): string =>
    `${percent(quantiles[0])} to ${percent(quantiles[quantiles.length - 1])}`;
  const columns = hasQuantiles ? ["median", `${share(low)} to ${share(high)}`] : ["score"];
  return {
    title: `${horizon} session${horizon === 1 ? "" : "s"} ahead`,
    lead: `The ${shown} highest and the ${shown} lowest of ${own.length} stocks; all are in the CSV and Parquet files beside. ${hasQuantiles ? "Median and range: the return that the model expects." : "The score ranks the stocks and has no unit; equal scores share a rank."} Weighed most: the features that the forecast rests on.`,
    body: table({
      columns: ["rank", "code", ...columns, "weighed most"],
      rows: ends.map(({ rank, code, score, quantiles, reasons }) => [
        rank,
        code,
        ...(hasQuantiles ? [percent(score), range(quantiles)] : [score.toFixed(4)]),
        reasons.join(", "),
      ]),
    }),
  };
}

function pastSection({ past }: NightReport): Section {
  return {
    title: "Former nights",
    lead: "RankIC of this model's earlier forecasts, each published before its outcome was known. Under ten sessions there is no interval.",
    body: table({
      columns: ["horizon", "RankIC (95 %)", "sessions"],
      rows: past.map(({ horizon, rankIc }) => [
        `${horizon} d`,
        withInterval(rankIc),
        rankIc.sessions,
      ]),
    }),
  };
}

function share(level: number): string {
  return `${Math.round(100 * level)} %`;
}
