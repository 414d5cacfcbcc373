// The synthetic market and its oracle.

export { createMarket } from "./market.ts";
export { type Oracle, type OracleHorizon, oracleHorizons } from "./oracle.ts";
export type * from "./types.ts";
