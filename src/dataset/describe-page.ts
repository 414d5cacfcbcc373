// A dataset's description as one HTML page: tables, and charts drawn to SVG on the server.

import { axisStyle, chart, escapeHtml, page, table } from "../page/index.ts";
import { clusterBound, type ColumnProfile, type DatasetDescription } from "./describe.ts";

/** The page, without scripts or outside files. */
export function describeHtml(description: DatasetDescription): string {
  const { id, columns, clusters, months } = description;
  const groups = clusters.map((names) => `<li>${names.map(escapeHtml).join(", ")}</li>`);
  return page({
    title: `Dataset ${id}`,
    subtitle: `${columns.length} columns, ${months.length} months, ${months[0]} to ${months[months.length - 1]}`,
    notice: description.synthetic ? "Made from a simulated market." : undefined,
    sections: [
      { title: "Missing values", body: missing(description) },
      {
        title: "Drift between months",
        lead: "Population stability index of each month against the one before, the largest of the span. Above 0.1 a distribution has moved, above 0.25 by much; columns of the whole market move every month.",
        body: drift(columns),
      },
      {
        title: `Columns that say the same (|correlation| at least ${clusterBound})`,
        body: groups.length === 0 ? "<p>None.</p>" : `<ul>${groups.join("")}</ul>`,
      },
      { title: "Columns", body: profiles(columns) },
    ],
  });
}

function missing({ columns, months }: DatasetDescription): string {
  const families = [...Map.groupBy(columns, ({ family }) => family)];
  const data = families.flatMap(([, members], y) =>
    months.map((_, x) => {
      const total = members.reduce((sum, { monthlyNulls }) => sum + monthlyNulls[x], 0);
      return [x, y, Number((total / members.length).toFixed(4))];
    }),
  );
  return chart(
    (isNarrow) => ({
      grid: { left: isNarrow ? 90 : 130, right: 12, top: 8, bottom: 70 },
      xAxis: { type: "category", data: [...months], ...axisStyle },
      yAxis: { type: "category", data: families.map(([family]) => family), ...axisStyle },
      visualMap: {
        min: 0,
        max: 1,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        precision: 2,
        inRange: { color: ["#e8f0fe", "#1a56b0"] },
        textStyle: { color: "var(--muted)" },
      },
      series: [{ type: "heatmap", data }],
    }),
    { height: 26 * families.length + 110, label: "Share of missing values by family and month" },
  );
}

function drift(columns: readonly ColumnProfile[]): string {
  const top = columns.toSorted((a, b) => worst(b) - worst(a)).slice(0, 20);
  return chart(
    (isNarrow) => ({
      grid: { left: isNarrow ? 130 : 190, right: 24, top: 8, bottom: 28 },
      xAxis: { type: "value", ...axisStyle },
      yAxis: { type: "category", data: top.map(({ name }) => name), inverse: true, ...axisStyle },
      series: [{ type: "bar", data: top.map((column) => Number(worst(column).toFixed(3))) }],
    }),
    { height: 20 * top.length + 50, label: "Largest population stability index by column" },
  );
}

function profiles(columns: readonly ColumnProfile[]): string {
  return table({
    columns: [
      "column",
      "family",
      "null %",
      "mean",
      "std",
      "skew",
      "excess kurtosis",
      "1 %",
      "25 %",
      "50 %",
      "75 %",
      "99 %",
      "drift",
    ],
    rows: columns.map((column) => [
      column.name,
      column.family,
      (100 * column.nullRate).toFixed(1),
      ...[
        column.mean,
        column.std,
        column.skewness,
        column.excessKurtosis,
        ...column.quantiles,
        worst(column),
      ].map(short),
    ]),
  });
}

function worst({ drift: values }: ColumnProfile): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "";
}
