// The section of the report that only a simulated market allows: what there was to find, and how much of it was found.

import { axisStyle, chart, type Section, table } from "../../page/index.ts";
import { withInterval } from "../../evaluate/index.ts";
import type { MarketConfig } from "../../simulator/market/index.ts";
import type { OracleScore } from "../oracle-score.ts";

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
