// The market panel: dates × codes in shared memory, its slices, its membership, and its ways to and from DuckDB and Parquet.

export {
  type ColumnArray,
  type ColumnArrays,
  type ColumnType,
  type IndexRange,
  sharedColumn,
} from "./column.ts";
export { DayView, gatherDays, scatterDays } from "./day.ts";
export {
  type Listing,
  membersOn,
  membership,
  membershipColumn,
  setMembership,
} from "./membership.ts";
export { lowerBound, Panel } from "./panel.ts";
export { panelFromQuery, type QueryOptions, readPanelParquet } from "./read.ts";
export {
  type ParquetOptions,
  type RowOptions,
  writePanelParquet,
  writePanelTable,
} from "./write.ts";
