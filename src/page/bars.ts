// Named quantities as horizontal bars, the first on top: every name is readable, on a phone too.

import { axisStyle, chart } from "./chart.ts";

export interface Bar {
  readonly name: string;
  readonly value: number;
}

/** Bars of one colour; `label` is the caption. */
export function bars(items: readonly Bar[], label: string): string {
  return chart(
    (isNarrow) => ({
      grid: { left: isNarrow ? 148 : 210, right: 24, top: 8, bottom: 28 },
      xAxis: { type: "value", splitNumber: 3, ...axisStyle },
      yAxis: {
        type: "category",
        inverse: true,
        data: items.map(({ name }) => name),
        ...axisStyle,
        axisLabel: {
          ...axisStyle.axisLabel,
          fontSize: isNarrow ? 10 : 12,
          interval: 0,
          width: isNarrow ? 140 : 200,
          overflow: "truncate",
        },
        splitLine: { show: false },
      },
      series: [{ type: "bar", silent: true, data: items.map(({ value }) => value) }],
    }),
    { label, height: 48 + 20 * items.length, isTall: true },
  );
}
