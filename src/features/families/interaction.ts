// A product of columns whose meaning lies in both together.

import { stock } from "../define.ts";
import type { Plan, SeriesKernel, StockFeature } from "../feature.ts";

/** A feature of today's values of `inputs`, compared across stocks. */
export function interaction(
  name: string,
  inputs: readonly string[],
  formula: string,
  compute: SeriesKernel,
  plan: Plan = "light",
): StockFeature {
  return stock(name, {
    inputs,
    lookback: 1,
    formula,
    normalisation: "cross_sectional",
    unit: "product",
    plan,
    compute,
  });
}
