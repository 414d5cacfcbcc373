// The baseline: LightGBM judged walk-forward, in seven steps.

export { type BaselineResult, runBaseline } from "./baseline.ts";
export { type BaselineOptions, type ImportanceKind, type LabelVariant } from "./options.ts";
export type { StepCost } from "./steps.ts";
