// The pictures of a report, each from one horizon's evaluation or from the run.

import { isoDate } from "../../calendar/index.ts";
import {
  axisStyle,
  bars,
  cellColor,
  chart,
  type ChartOption,
  legendStyle,
} from "../../page/index.ts";
import type { FeatureImportance, RunFold } from "../../runs/index.ts";
import type { HorizonEvaluation } from "../evaluate.ts";
import { leadingMeasure, mostImportant } from "./importance-table.ts";

/** Running sum of the daily RankIC, one line a horizon: a steady slope is skill, a step is luck. */
export function cumulativeIcChart(horizons: readonly HorizonEvaluation[]): string {
  const series = horizons.map(({ horizon, daily }) => ({
    name: `${horizon} d`,
    type: "line" as const,
    showSymbol: false,
    data: points(daily.ic.dates, runningSum(daily.ic.rankIc)),
  }));
  return chart((isNarrow) => timeChart(series, isNarrow), {
    label: "Cumulative RankIC by horizon",
  });
}

/** Gross and net long-short return summed over sessions, of tranches held for the horizon. */
export function spreadChart({ horizon, daily }: HorizonEvaluation): string {
  const { dates, spread, netSpread } = daily.quantiles;
  const series = [
    { name: "before cost", values: spread },
    { name: "after cost", values: netSpread },
  ].map(({ name, values }) => ({
    name,
    type: "line" as const,
    showSymbol: false,
    data: points(
      dates,
      runningSum(values).map((sum) => (sum * 100) / horizon),
    ),
  }));
  return chart((isNarrow) => timeChart(series, isNarrow, "%"), {
    label: `Cumulative long-short return of ${horizon}-day holdings, percent`,
  });
}

/** Mean return of each score quantile, in basis points. */
export function quantileChart({ horizon, quantileMeans }: HorizonEvaluation): string {
  const data = quantileMeans.map((value) => (value === null ? null : round(value * 10_000, 2)));
  return chart(
    () => ({
      grid: { left: 56, right: 12, top: 24, bottom: 40 },
      xAxis: {
        type: "category",
        data: data.map((_, index) => String(index + 1)),
        name: "score quantile, lowest first",
        nameLocation: "middle",
        nameGap: 26,
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", name: "bp", ...axisStyle },
      series: [{ type: "bar", silent: true, data }],
    }),
    { label: `Mean ${horizon}-day return by score quantile, basis points` },
  );
}

/** Mean RankIC by month: years down, months across. */
export function monthlyIcChart({ horizon, daily }: HorizonEvaluation): string {
  const cells = monthlyMeans(daily.ic.dates, daily.ic.rankIc);
  const years = [...new Set(cells.map(({ year }) => year))].sort((a, b) => b - a);
  const bound = Math.max(...cells.map(({ mean }) => Math.abs(mean)), 1e-6);
  const option = (isNarrow: boolean): ChartOption => ({
    grid: { left: 48, right: 8, top: 8, bottom: 28 },
    xAxis: { type: "category", data: monthNames(isNarrow), ...axisStyle },
    yAxis: { type: "category", data: years.map(String), ...axisStyle },
    series: [
      {
        type: "heatmap",
        silent: true,
        data: cells.map(({ year, month, mean }) => ({
          value: [month - 1, years.indexOf(year), round(mean, 3)],
          itemStyle: {
            color: cellColor(mean / bound),
            borderColor: "var(--ground)",
            borderWidth: 2,
          },
        })),
        label: {
          show: !isNarrow,
          color: "var(--text)",
          formatter: ({ value }) => (Array.isArray(value) ? Number(value[2]).toFixed(2) : ""),
        },
      },
    ],
    visualMap: { show: false, min: -1, max: 1, dimension: 2, inRange: { opacity: 1 } },
  });
  return chart(option, {
    label: `Mean ${horizon}-day RankIC by month`,
    height: 48 + 34 * years.length,
  });
}

/** Mean label against mean score of equal-count bins; on the line means the size of the score is right. */
export function calibrationChart({ horizon, calibration }: HorizonEvaluation): string {
  const data = calibration.bins.map(({ score, label }) => [score, label * 100]);
  return chart(
    () => ({
      grid: { left: 56, right: 16, top: 24, bottom: 44 },
      xAxis: {
        type: "value",
        name: "score",
        nameLocation: "middle",
        nameGap: 28,
        scale: true,
        ...axisStyle,
        splitNumber: 4,
      },
      yAxis: { type: "value", name: "return %", scale: true, ...axisStyle },
      series: [{ type: "scatter", silent: true, symbolSize: 9, data }],
    }),
    { label: `Calibration of ${horizon}-day scores: mean return by score bin` },
  );
}

/** The folds on the time axis: what each trained on and what it was judged on. */
export function foldChart(folds: readonly RunFold[]): string {
  const option = (isNarrow: boolean): ChartOption => ({
    grid: { left: 52, right: 16, top: 32, bottom: 28 },
    legend: legendStyle,
    xAxis: timeAxis(isNarrow),
    yAxis: {
      type: "category",
      inverse: true,
      data: folds.map(({ fold }) => `fold ${fold + 1}`),
      ...axisStyle,
      splitLine: { show: false },
    },
    series: [
      windowSeries("train", folds, ({ trainFrom, trainTo }) => [trainFrom, trainTo]),
      windowSeries("test", folds, ({ testFrom, testTo }) => [testFrom, testTo]),
    ].flat(),
  });
  return chart(option, {
    label: "Folds: training and test windows",
    height: 72 + 30 * folds.length,
  });
}

/** The features that matter most, by the first measure that the model has. */
export function importanceChart(importance: readonly FeatureImportance[]): string {
  const key = leadingMeasure(importance);
  if (key === undefined) return "";
  const top = mostImportant(importance).map(({ feature, ...entry }) => ({
    name: feature,
    value: entry[key] ?? 0,
  }));
  return bars(top, measureNames[key]);
}

const measureNames = {
  permutation: "RankIC lost when the feature is shuffled within each session",
  gain: "Share of the gain of all splits",
  shap: "Mean absolute SHAP value",
} as const;

type LineSeries = {
  readonly name: string;
  readonly type: "line";
  readonly showSymbol: boolean;
  readonly data: readonly (readonly [string, number])[];
};

function timeChart(series: readonly LineSeries[], isNarrow: boolean, unit = ""): ChartOption {
  return {
    grid: { left: 52, right: 16, top: 36, bottom: 28 },
    legend: legendStyle,
    xAxis: { ...timeAxis(isNarrow), splitLine: { show: false } },
    yAxis: { type: "value", name: unit, ...axisStyle },
    series: series.map((line) => ({
      ...line,
      silent: true,
      lineStyle: { width: 1.6 },
      data: line.data.map((point) => [...point]),
    })),
  };
}

/** Labels that would touch are left out; all are set alike. */
function timeAxis(
  isNarrow: boolean,
): Exclude<NonNullable<ChartOption["xAxis"]>, readonly unknown[]> {
  return {
    type: "time",
    splitNumber: isNarrow ? 2 : 6,
    ...axisStyle,
    axisLabel: {
      ...axisStyle.axisLabel,
      // Time labels are rich text, whose font is one CSS value: "inherit" would not do in it.
      fontFamily: "system-ui, sans-serif",
      hideOverlap: true,
      formatter: { year: "{yyyy}", month: "{MMM} {yyyy}", day: "{MMM} {d}" },
    },
  };
}

/** A fold's window as a thick line on the fold's row; one legend entry for all folds. */
function windowSeries(
  name: string,
  folds: readonly RunFold[],
  windowOf: (fold: RunFold) => [string, string],
): ChartOption["series"] & object[] {
  const color = name === "train" ? "var(--series-1)" : "var(--series-2)";
  return folds.map((fold, row) => ({
    name,
    type: "line",
    silent: true,
    showSymbol: false,
    color,
    lineStyle: { width: 12, color, cap: "butt" },
    data: windowOf(fold).map((date) => [date, row]),
  }));
}

interface MonthCell {
  readonly year: number;
  readonly month: number;
  readonly mean: number;
}

function monthlyMeans(dates: Int32Array, values: Float64Array): MonthCell[] {
  const sums = new Map<string, { year: number; month: number; sum: number; count: number }>();
  dates.forEach((day, index) => {
    if (!Number.isFinite(values[index])) return;
    const [year, month] = isoDate(day).split("-").map(Number);
    const key = `${year}-${month}`;
    const cell = sums.get(key) ?? { year, month, sum: 0, count: 0 };
    cell.sum += values[index];
    cell.count += 1;
    sums.set(key, cell);
  });
  return [...sums.values()].map(({ year, month, sum, count }) => ({
    year,
    month,
    mean: sum / count,
  }));
}

function monthNames(isNarrow: boolean): string[] {
  const names = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
  ];
  return isNarrow ? names.map((name) => name.slice(0, 1)) : names;
}

function points(dates: Int32Array, values: Float64Array): [string, number][] {
  const found: [string, number][] = [];
  values.forEach((value, index) => found.push([isoDate(dates[index]), round(value, 5)]));
  return found;
}

function runningSum(values: Float64Array): Float64Array {
  let sum = 0;
  return values.map((value) => (sum += Number.isFinite(value) ? value : 0));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
