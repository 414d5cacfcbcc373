// The sections that the demo adds to a report: the three runs side by side, what the oracle allowed, the latest forecasts.

import { axisStyle, chart, type Section, table } from "../../page/index.ts";
import { type EvaluatedRun, withInterval } from "../../evaluate/index.ts";
import type { MarketConfig } from "../../simulator/market/index.ts";
import type { OracleScore } from "../oracle-score.ts";
import type { DayForecast } from "../forecast/index.ts";

/** One run of the demo with what the oracle reaches on its rows. */
export interface DemoRun {
  readonly evaluated: EvaluatedRun;
  readonly oracle: readonly OracleScore[];
}

/** RankIC of every run by horizon, each on its own out-of-sample rows. */
export function comparisonSection(runs: readonly DemoRun[]): Section {
  const rows = runs.flatMap(({ evaluated, oracle }) =>
    evaluated.evaluation.horizons.map(({ horizon, rankIc, netSpread }) => {
      const share = oracle.find((score) => score.horizon === horizon)?.shareRecovered ?? null;
      return [
        evaluated.manifest.kind,
        `${horizon} d`,
        withInterval(rankIc),
        withInterval(netSpread, 1, 10_000),
        share === null ? null : `${(share * 100).toFixed(0)} %`,
      ];
    }),
  );
  return {
    title: "LightGBM, network, ensemble",
    lead: "Each run on its own out-of-sample rows; the ensemble averages the ranks of both. A share above 100 % is chance: the oracle's own RankIC has an interval too.",
    body: table({
      columns: ["run", "horizon", "RankIC (95 %)", "net bp (95 %)", "of the oracle's"],
      rows,
    }),
  };
}

/** The strongest forecasts of the last session, with the features that the network weighed most. */
export function forecastSection({ date, horizon, top }: DayForecast): Section {
  return {
    title: `Forecasts of ${date}`,
    lead: `The network's ten highest and ten lowest of the last session, ${horizon} session${horizon === 1 ? "" : "s"} ahead. Median: standardised return within the session.`,
    body: table({
      columns: ["rank", "code", "median", "10 % to 90 %", "weighed most"],
      rows: top.map(({ rank, code, score, low, high, reasons }) => [
        rank,
        code,
        score.toFixed(3),
        low === null || high === null ? null : `${low.toFixed(2)} to ${high.toFixed(2)}`,
        reasons.join(", "),
      ]),
    }),
  };
}

/** RankIC of model and oracle on the same rows, horizon by horizon. */
export function oracleSection(scores: readonly OracleScore[], market: MarketConfig): Section {
  const rows = scores.map(({ horizon, model, oracle, shareRecovered }) => [
    `${horizon} d`,
    withInterval(model),
    withInterval(oracle),
    shareRecovered === null ? null : `${(shareRecovered * 100).toFixed(0)} %`,
  ]);
  const lead =
    market.signal === "planted"
      ? "The simulator planted known signals, so the best possible forecast is known: the oracle knows every expected return, yet most of each return is noise that nobody can know."
      : "The simulator planted nothing: no forecast from public records can do better than chance.";
  return {
    title: "What the oracle allowed",
    lead,
    body: [
      oracleChart(scores),
      table({
        columns: ["horizon", "model RankIC (95 %)", "oracle RankIC (95 %)", "share found"],
        rows,
      }),
    ].join(""),
  };
}

function oracleChart(scores: readonly OracleScore[]): string {
  return chart(
    () => ({
      grid: { left: 56, right: 12, top: 36, bottom: 28 },
      legend: { top: 0, textStyle: { color: "var(--muted)" } },
      xAxis: {
        type: "category",
        data: scores.map(({ horizon }) => `${horizon} d`),
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", ...axisStyle },
      series: [
        { name: "model", type: "bar", silent: true, data: scores.map(({ model }) => model.mean) },
        {
          name: "oracle",
          type: "bar",
          silent: true,
          data: scores.map(({ oracle }) => oracle.mean),
        },
      ],
    }),
    { label: "Mean RankIC of the model and of the oracle, by horizon" },
  );
}
