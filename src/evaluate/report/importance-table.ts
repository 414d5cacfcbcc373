// What each feature is worth to the models, as a table: all measures over all folds, then fold by fold.

import { table } from "../../page/index.ts";
import type { FeatureImportance } from "../../runs/index.ts";

type Measure = "permutation" | "gain" | "shap";

const rowsShown = 20;

/** The measure that says most of those that were computed; undefined when none was. */
export function leadingMeasure(importance: readonly FeatureImportance[]): Measure | undefined {
  return (["permutation", "gain", "shap"] as const).find((name) =>
    importance.some((entry) => entry[name] !== null),
  );
}

/** The most important features first; empty when nothing was computed. */
export function mostImportant(importance: readonly FeatureImportance[]): FeatureImportance[] {
  const measure = leadingMeasure(importance);
  if (measure === undefined) return [];
  return [...importance]
    .sort((a, b) => (b[measure] ?? 0) - (a[measure] ?? 0) || (b.gain ?? 0) - (a.gain ?? 0))
    .slice(0, rowsShown);
}

/** One row a feature; the folds' columns hold the leading measure. */
export function importanceTable(importance: readonly FeatureImportance[]): string {
  const measure = leadingMeasure(importance);
  const top = mostImportant(importance);
  if (measure === undefined) return "";
  const folds = Math.max(...top.map((entry) => entry.folds?.length ?? 0));
  return table({
    columns: [
      "feature",
      "gain",
      "RankIC lost",
      "|SHAP|",
      ...Array.from({ length: folds }, (_, fold) => `fold ${fold + 1}`),
    ],
    rows: top.map((entry) => [
      entry.feature,
      shown("gain", entry.gain),
      shown("permutation", entry.permutation),
      shown("shap", entry.shap),
      ...Array.from({ length: folds }, (_, fold) =>
        shown(measure, entry.folds?.[fold]?.[measure] ?? null),
      ),
    ]),
  });
}

function shown(measure: Measure, value: number | null): string | null {
  if (value === null) return null;
  return measure === "gain" ? `${(value * 100).toFixed(1)} %` : value.toFixed(4);
}
