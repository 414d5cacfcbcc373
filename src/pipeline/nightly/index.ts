// The nightly run.

export { type NightRecord, readNight } from "./night.ts";
export { type NightlyOptions, type NightlyResult, runNightly } from "./nightly.ts";
