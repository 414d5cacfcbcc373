// The strongest forecasts of a session on both sides, at the model's first horizon, as a report shows them.

import type { SessionForecast } from "./forecast-session.ts";

export interface ForecastRow {
  readonly rank: number;
  readonly code: string;
  /** A network's median, or the trees' score. */
  readonly score: number;
  /** The lowest and highest quantile of the model; null for one that gives a score alone. */
  readonly low: number | null;
  readonly high: number | null;
  readonly reasons: readonly string[];
}

export interface DayForecast {
  readonly date: string;
  readonly horizon: number;
  /** The ten best and the ten worst. */
  readonly top: readonly ForecastRow[];
}

const shown = 10;

/** The ten best and the ten worst of a session's forecasts. */
export function strongest({ date, forecasts }: SessionForecast): DayForecast {
  const horizon = Math.min(...forecasts.map((forecast) => forecast.horizon));
  const rows = forecasts
    .filter((forecast) => forecast.horizon === horizon)
    .map(({ rank, code, score, quantiles, reasons }): ForecastRow => ({
      rank,
      code,
      score,
      low: quantiles.at(0) ?? null,
      high: quantiles.at(-1) ?? null,
      reasons,
    }))
    .sort((a, b) => a.rank - b.rank);
  const top = rows.length <= 2 * shown ? rows : [...rows.slice(0, shown), ...rows.slice(-shown)];
  return { date, horizon, top };
}
