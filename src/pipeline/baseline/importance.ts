// Importances of all boosters as one list: averaged over folds and horizons, and fold by fold.

import type { FeatureImportance } from "../../runs/index.ts";
import type { HorizonResult } from "./fold-store.ts";
import type { FoldResult } from "./train-folds.ts";

type Measures = Pick<FeatureImportance, "gain" | "permutation" | "shap">;
type Column = readonly (number | null)[];

/** Gain as the share of a booster's total; a measure counts where it was computed. Most important first. */
export function importanceOf(
  features: readonly string[],
  folds: readonly FoldResult[],
): FeatureImportance[] {
  const shares = folds.map(({ horizons }) => horizons.map(sharesOf));
  return features
    .map((feature, at) => {
      const byFold = shares.map((horizons) => measures(horizons, at));
      return { feature, ...measures(shares.flat(), at), folds: byFold };
    })
    .sort((a, b) => (b.gain ?? 0) - (a.gain ?? 0));
}

interface Shares {
  readonly gain: Column;
  readonly permutation: Column | null;
  readonly shap: Column | null;
}

function sharesOf({ gain, permutation, shap }: HorizonResult): Shares {
  const total = gain.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return {
    gain: gain.map((value) => (value === null || total === 0 ? null : value / total)),
    permutation,
    shap,
  };
}

function measures(models: readonly Shares[], at: number): Measures {
  const average = (key: keyof Shares): number | null => {
    const known = models.map((model) => model[key]?.[at] ?? null).filter((value) => value !== null);
    if (known.length === 0) return null;
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return { gain: average("gain"), permutation: average("permutation"), shap: average("shap") };
}
