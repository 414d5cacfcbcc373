// Features: the registry of every declared column, sets, plans, and the engine that computes them from the lake.

import { eventSources, families } from "./families/index.ts";
import { Registry } from "./registry.ts";

export {
  crossSection,
  defineFamily,
  event,
  group,
  market,
  stock,
  type Declaration,
} from "./define.ts";
export { executePlan, type EmitColumn } from "./execute.ts";
export type { EventSource } from "./event-sources.ts";
export { domainOf, type Domain, type Family, type Feature, type Grouping } from "./feature.ts";
export { expandToRows } from "./expand.ts";
export { loadMarketData, type LakeView } from "./load.ts";
export type { MarketData, Rows } from "./market-data.ts";
export { describePlan, planFeatures, type FeaturePlan } from "./plan.ts";
export { Registry } from "./registry.ts";
export { selectFeatures, setNames } from "./sets.ts";

export { dayColumn, numberColumn, streamRows } from "./stream-rows.ts";

/** Every family of gogooku3 in one registry. */
export function defaultRegistry(): Registry {
  return new Registry(families, eventSources);
}
