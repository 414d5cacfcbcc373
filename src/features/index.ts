// Features: the registry of every declared column, sets, plans, and the engine that computes them from the lake.

export { absentSources, type AbsentSource } from "./absent.ts";
export {
  catalogueEntries,
  catalogueHtml,
  catalogueMarkdown,
  setSizes,
  type CatalogueEntry,
} from "./catalogue.ts";
export {
  crossSection,
  defineFamily,
  event,
  group,
  market,
  stock,
  type Declaration,
} from "./define.ts";
export { executePlan, tileCount, type EmitColumn } from "./execute.ts";
export { executePlanParallel, type FinishedColumn } from "./execute-parallel.ts";
export { familiesRegistry as defaultRegistry } from "./families/registry.ts";
export type { EventSource } from "./event-sources.ts";
export { domainOf, type Domain, type Family, type Feature, type Grouping } from "./feature.ts";
export { expandToRows, groupOfRows, type Layout } from "./expand.ts";
export { loadMarketData, type LakeView } from "./load.ts";
export { LoadCache } from "./load-cache/load-cache.ts";
export { receiveMarket, shareMarket, type SharedMarket } from "./shared-market.ts";
export type { MarketData, Rows } from "./market-data.ts";
export { describePlan, planFeatures, type FeaturePlan } from "./plan.ts";
export { Registry } from "./registry.ts";
export { createTile, fillTile, listRows, moveTile, tileCodes } from "./row-tile.ts";
export { selectFeatures, setNames } from "./sets.ts";
export { tradedSessions } from "./traded-sessions.ts";

export { dayColumn, numberColumn, streamRows } from "./stream-rows.ts";
