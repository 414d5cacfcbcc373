// The nightly run.

export { type NightRecord, readNight } from "./night.ts";
export { type NightlyResult, runNightly } from "./nightly.ts";
export type { NightlyOptions } from "./nightly-options.ts";
