// The market panel: dates × codes in shared memory, its slices, its membership, and its ways to and from DuckDB and Parquet.

export { type ColumnArray, type ColumnType, type IndexRange, sharedColumn } from "./column.ts";
export { gatherDays, scatterDays } from "./day.ts";
export { membersOn, membership, setMembership } from "./membership.ts";
export { lowerBound, Panel } from "./panel.ts";
export { panelFromQuery, readPanelParquet } from "./read.ts";
export { writePanelParquet, writePanelTable } from "./write.ts";
