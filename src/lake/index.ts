// The lake: raw records by endpoint and month with the instant each became known, and DuckDB access to them.

export { Lake, openLake, type ConnectOptions, type Provenance } from "./lake.ts";
export {
  lakeVersion,
  type DayCoverage,
  type DayState,
  type Partition,
  type TableManifest,
} from "./manifest.ts";
export { writeRows, type WriteRowsOptions } from "./seed.ts";
export {
  quoteName,
  quoteText,
  type ColumnType,
  type LakeColumn,
  type RawRow,
  type TableSchema,
} from "./table-schema.ts";
export { Stage } from "./staged-rows.ts";
export { LakeWriter, type Change, type CommitResult, type FetchedDay } from "./writer.ts";
