// Graphs between stocks: correlation edges as of a date, and their shards on disk.

export {
  type CorrelationGraph,
  correlationGraph,
  correlationGraphDefaults,
  type CorrelationGraphOptions,
  type GraphInput,
} from "./correlation.ts";
export {
  graphAsOf,
  graphAt,
  graphKey,
  graphShard,
  type GraphShardOptions,
  type GraphSnapshot,
  type GraphSource,
} from "./shards.ts";
