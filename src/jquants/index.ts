// J-Quants API V2 as data: endpoints, plans, limits, publication rules and the types of their rows.

export {
  industries,
  marketSegments,
  otherIndustry,
  scaleNames,
  sectionNames,
  sectionOfMarket,
  type Industry,
} from "./code-tables.ts";
export { tableName } from "./parse-entry.ts";
export { allows, bucketLimit, planWindow, plans, type PlanWindow } from "./plans.ts";
export {
  availableAtMs,
  publicationFields,
  servedAtMs,
  usableSession,
  type SourceRow,
} from "./publication.ts";
export { endpointOf, endpoints } from "./registry.ts";
export type * from "./rows.ts";
export type * from "./schema.ts";
