// ATFT-GAT-FAN: multi-horizon quantile forecasts from the last T sessions of a stock and from its correlated peers.

export {
  type AtftConfig,
  atftConfig,
  atftPreset,
  atftPresets,
  type AtftSpec,
  type FeatureColumn,
  lookbackOf,
  type StaticColumn,
} from "./config.ts";
export {
  allBlocks,
  type AtftInput,
  type AtftOptions,
  type AtftOutput,
  type AtftParams,
  type Blocks,
  forwardAtft,
  initAtft,
} from "./network.ts";
export { edgeAttributeCount } from "./peers.ts";
export { type AtftSummary, summarizeAtft } from "./summary.ts";
