// What a run found of what there was to find: the oracle's RankIC on the very rows that the run predicted.

import { dailyIc, summarizeMean, type MeanSummary } from "../evaluate/index.ts";
import type { Rng } from "../rng.ts";
import type { Predictions } from "../runs/index.ts";
import { type Market, oracleHorizons } from "../simulator/market/index.ts";

export interface OracleScore {
  readonly horizon: number;
  readonly model: MeanSummary;
  readonly oracle: MeanSummary;
  /** Mean RankIC of the model over the oracle's; null where the oracle has none. */
  readonly shareRecovered: number | null;
}

/** Scores predictions and oracle on the same sessions and stocks, for each horizon that the oracle knows. */
export function oracleScores(predictions: Predictions, market: Market, rng: Rng): OracleScore[] {
  const known: readonly number[] = oracleHorizons;
  return predictions.horizons
    .filter(({ horizon }) => known.includes(horizon))
    .map(({ horizon, score, label }) => {
      const expected = oracleColumn(predictions, market, horizon);
      const both = expected.map((value, row) => (Number.isFinite(score[row]) ? value : Number.NaN));
      const options = { horizon, rng: rng.split(horizon) };
      const model = summarizeMean(dailyIc(predictions.dates, score, label).rankIc, options);
      const oracle = summarizeMean(dailyIc(predictions.dates, both, label).rankIc, options);
      return { horizon, model, oracle, shareRecovered: share(model.mean, oracle.mean) };
    });
}

/** (rows) the oracle's expectation; NaN for a stock that the market does not know. */
export function oracleColumn(
  { dates, codes, codeNames }: Predictions,
  market: Market,
  horizon: number,
): Float64Array {
  const issueOf = new Map(market.issues.map((issue, index) => [issue.code, index]));
  const issues = codeNames.map((code) => issueOf.get(code) ?? -1);
  const sessionOf = new Map(Array.from(market.sessions.days, (day, session) => [day, session]));
  return Float64Array.from(dates, (day, row) => {
    const session = sessionOf.get(day) ?? -1;
    const issue = issues[codes[row]];
    if (session < 0 || issue < 0) return Number.NaN;
    return market.oracle.expectation(session, issue, horizon);
  });
}

function share(model: number | null, oracle: number | null): number | null {
  if (model === null || oracle === null || oracle <= 0) return null;
  return model / oracle;
}
