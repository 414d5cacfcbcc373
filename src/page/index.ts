// HTML pages with charts: the one look of every report that gogooku3 writes.

export { axisStyle, chart, type ChartOption, escapeHtml, seriesColors } from "./chart.ts";
export { page, type PageContent, type Section, table, tiles } from "./page.ts";
