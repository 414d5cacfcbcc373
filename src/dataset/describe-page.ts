// A dataset's description as one HTML page: tables, and charts drawn to SVG on the server.

import { axisStyle, bars, cellColor, chart, escapeHtml, page, table } from "../page/index.ts";
import { clusterBound, type ColumnProfile, type DatasetDescription } from "./describe.ts";

/** The page, without scripts or outside files. */
export function describeHtml(description: DatasetDescription): string {
  const { id, columns, clusters, months } = description;
  const groups = clusters.map((names) => `<li>${names.map(escapeHtml).join(", ")}</li>`);
  return page({
    title: `Dataset ${id}`,
    subtitle: `${columns.length} columns, ${months.length} months, ${months[0]} to ${months[months.length - 1]}`,
    notice: description.synthetic ? "Made from a simulated market." : undefined,
    isWide: true,
    sections: [
      {
        title: "Missing values",
        lead: "The deeper the blue, the more of a family's values are missing in the month; the deepest is all of them.",
        body: missing(description),
      },
      {
        title: "Drift between months",
        lead: "Population stability index of each month against the one before, the largest of the span. Above 0.1 a distribution has moved, above 0.25 by much; columns of the whole market move every month.",
        body: drift(columns),
      },
      {
        title: "Columns that say the same",
        lead: `Groups whose columns are correlated with one another by at least ${clusterBound}, in either direction: one of each is enough.`,
        body: groups.length === 0 ? "<p>None.</p>" : `<ul>${groups.join("")}</ul>`,
      },
      {
        title: "Columns",
        lead: "Over all rows: share missing, moments, quantiles, and the largest drift of the chart above.",
        body: profiles(columns),
      },
    ],
  });
}

function missing({ columns, months }: DatasetDescription): string {
  const families = [...Map.groupBy(columns, ({ family }) => family)];
  const data = families.flatMap(([, members], y) =>
    months.map((_, x) => {
      const total = members.reduce((sum, { monthlyNulls }) => sum + monthlyNulls[x], 0);
      return { value: [x, y, 0], itemStyle: { color: cellColor(total / members.length) } };
    }),
  );
  return chart(
    (isNarrow) => ({
      grid: { left: isNarrow ? 104 : 130, right: 12, top: 8, bottom: 28 },
      xAxis: { type: "category", data: [...months], ...axisStyle },
      yAxis: {
        type: "category",
        data: families.map(([family]) => family),
        ...axisStyle,
        axisLabel: { ...axisStyle.axisLabel, interval: 0 },
      },
      visualMap: { show: false, min: 0, max: 1, inRange: { opacity: 1 } },
      series: [{ type: "heatmap", silent: true, data }],
    }),
    {
      height: 26 * families.length + 44,
      label: "Share of missing values by family and month",
      isTall: true,
    },
  );
}

function drift(columns: readonly ColumnProfile[]): string {
  const top = columns.toSorted((a, b) => worst(b) - worst(a)).slice(0, 20);
  return bars(
    top.map((column) => ({ name: column.name, value: Number(worst(column).toFixed(3)) })),
    "Largest population stability index by column",
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
