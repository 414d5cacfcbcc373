// Charts as inline SVG, drawn by echarts without a browser; colours are the page's CSS variables, so one drawing serves light and dark.

import * as echarts from "echarts";

export type ChartOption = echarts.EChartsOption;

export interface ChartSize {
  readonly height?: number;
  /** What the chart shows: its caption. */
  readonly label: string;
  /** True keeps the height on narrow screens, for charts with a line of text a row. */
  readonly isTall?: boolean;
}

/** Colours of series in order; CSS variables that the page defines for light and dark. */
export const seriesColors: readonly string[] = [1, 2, 3, 4, 5, 6].map((n) => `var(--series-${n})`);

const widths = { wide: 760, narrow: 350 } as const;

/**
 * The chart drawn twice, for wide and for narrow screens; the page's CSS shows the one that fits. `option` is a function
 * of the width so that a narrow drawing can leave out labels.
 */
export function chart(
  option: (isNarrow: boolean) => ChartOption,
  { height = 280, label, isTall = false }: ChartSize,
): string {
  const wide = draw(option(false), widths.wide, height);
  const narrow = draw(option(true), widths.narrow, isTall ? height : Math.min(height, 260));
  const title = escapeHtml(label);
  return `<figure><div class="wide">${wide}</div><div class="narrow">${narrow}</div><figcaption>${title}</figcaption></figure>`;
}

/** Text that is safe inside HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

interface AxisStyle {
  readonly axisLabel: { color: string; fontSize: number };
  readonly nameTextStyle: { color: string; fontSize: number };
  readonly axisLine: { lineStyle: { color: string } };
  readonly axisTick: { lineStyle: { color: string } };
  readonly splitLine: { lineStyle: { color: string } };
}

/** Axis settings that every chart shares. */
export const axisStyle: AxisStyle = {
  axisLabel: { color: "var(--muted)", fontSize: 12 },
  nameTextStyle: { color: "var(--muted)", fontSize: 12 },
  axisLine: { lineStyle: { color: "var(--line)" } },
  axisTick: { lineStyle: { color: "var(--line)" } },
  splitLine: { lineStyle: { color: "var(--line)" } },
};

interface LegendStyle {
  readonly top: number;
  readonly icon: string;
  readonly itemWidth: number;
  readonly itemHeight: number;
  readonly itemGap: number;
  readonly textStyle: { color: string };
}

/** Legend settings that every chart shares. */
export const legendStyle: LegendStyle = {
  top: 0,
  icon: "roundRect",
  itemWidth: 18,
  itemHeight: 6,
  itemGap: 24,
  textStyle: { color: "var(--muted)" },
};

/** The colour of a heat map's cell by its share of the strongest, −1 to 1: orange below 0, blue above. */
export function cellColor(share: number): string {
  const side = share < 0 ? "var(--low)" : "var(--high)";
  return `color-mix(in srgb, ${side} ${Math.round(Math.abs(share) * 75)}%, var(--mid))`;
}

function draw(option: ChartOption, width: number, height: number): string {
  const canvas = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  canvas.setOption({
    animation: false,
    backgroundColor: "transparent",
    color: [...seriesColors],
    textStyle: { fontFamily: "inherit", color: "var(--text)", fontSize: 12 },
    ...option,
  });
  const svg = canvas.renderToSVGString();
  canvas.dispose();
  return svg.replace(/^<svg width="\d+" height="\d+"/u, `<svg width="${width}"`);
}
