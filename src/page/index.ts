// HTML pages with charts: the one look of every report that gogooku3 writes.

export { type Bar, bars } from "./bars.ts";
export {
  axisStyle,
  cellColor,
  chart,
  type ChartOption,
  escapeHtml,
  legendStyle,
  seriesColors,
} from "./chart.ts";
export { page, type PageContent, type Section, table, type Tile, tiles } from "./page.ts";
