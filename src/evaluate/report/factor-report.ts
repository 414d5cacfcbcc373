// The report of a factor: how its IC decays with the horizon, how long its ranks last, and what happens around an entry.

import { axisStyle, chart, page, table } from "../../page/index.ts";
import type { FactorReport } from "../factor.ts";
import { groupLead, groupTables, horizonSection, summarySection } from "./report.ts";
import { cumulativeIcChart } from "./charts.ts";

/** One self-contained HTML document. */
export function renderFactorReport(report: FactorReport, isSynthetic: boolean): string {
  const { factor, dataset, evaluation } = report;
  return page({
    title: `Factor ${factor}`,
    subtitle: `As it stands in ${dataset}, judged as if it were a prediction`,
    notice: isSynthetic
      ? "Made from simulated data: these figures say nothing about real markets."
      : undefined,
    sections: [
      summarySection(evaluation),
      {
        title: "Decay",
        lead: "Mean RankIC by horizon with its 95 % interval, and its running sum over time.",
        body: decayChart(report) + cumulativeIcChart(evaluation.horizons),
      },
      {
        title: "Persistence",
        lead: "Rank correlation of the factor with itself some sessions before: near 1 means little trading.",
        body: table({
          columns: ["sessions before", "rank autocorrelation"],
          rows: report.autocorrelation.map(({ lag, mean }) => [lag, mean?.toFixed(4) ?? null]),
        }),
      },
      {
        title: "Around an entry",
        lead: "Mean return above the session's average, by sessions from the day a stock enters the top tenth (day 0).",
        body: eventChart(report),
      },
      ...evaluation.horizons.map((horizon) => horizonSection(horizon, evaluation)),
      {
        title: "By year, sector and size",
        lead: groupLead,
        body: evaluation.horizons.slice(0, 1).map(groupTables).join(""),
      },
    ],
  });
}

function decayChart({ evaluation, factor }: FactorReport): string {
  const { horizons } = evaluation;
  return chart(
    () => ({
      grid: { left: 60, right: 12, top: 24, bottom: 28 },
      xAxis: {
        type: "category",
        data: horizons.map(({ horizon }) => `${horizon} d`),
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", ...axisStyle },
      series: [
        {
          type: "bar",
          silent: true,
          barWidth: "40%",
          data: horizons.map(({ rankIc }) => rankIc.mean),
        },
        ...[0, 1].map((bound) => ({
          type: "scatter" as const,
          silent: true,
          symbol: "rect",
          symbolSize: [22, 2],
          itemStyle: { color: "var(--text)" },
          data: horizons.map(({ rankIc }) => rankIc.interval?.[bound] ?? null),
        })),
      ],
    }),
    { label: `RankIC of ${factor} by horizon` },
  );
}

function eventChart({ eventWindow, factor }: FactorReport): string {
  return chart(
    () => ({
      grid: { left: 60, right: 12, top: 24, bottom: 28 },
      xAxis: {
        type: "category",
        data: eventWindow.map(({ offset }) => String(offset)),
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", name: "bp", ...axisStyle },
      series: [
        {
          type: "bar",
          silent: true,
          data: eventWindow.map(({ meanReturn }) =>
            meanReturn === null ? null : Number((meanReturn * 10_000).toFixed(2)),
          ),
        },
      ],
    }),
    { label: `Return around entering the top tenth of ${factor}, basis points a session` },
  );
}
