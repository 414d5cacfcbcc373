// The transform of a whole feature set: each column's by its declared normalisation class.

import { SchemaError } from "../../errors.ts";
import { chain, chained } from "./chain.ts";
import { crossSectionalRank, crossSectionalZ } from "./cross-section.ts";
import { impute, imputeRule } from "./impute.ts";
import { robustScale, robustScaleRule } from "./robust-scale.ts";
import { signedLog, signedLogRule } from "./signed-log.ts";
import { trailingZ, trailingZRule } from "./trailing-z.ts";
import {
  applyState,
  type ColumnRule,
  columnTransformer,
  type Transform,
  type Transformer,
  type TransformState,
} from "./transformer.ts";
import { winsor, winsorRule } from "./winsor.ts";

/** How a column declares that it wants to be scaled. */
export type NormalisationClass = "cross_sectional" | "time_series" | "raw" | "log";

export interface NormalisedColumn {
  readonly name: string;
  readonly normalisation: NormalisationClass;
}

export interface NormaliseOptions {
  /** Cross-sectional columns as z-scores (default) or ranks. */
  readonly crossSection?: "z" | "rank";
  /** Robust scaling of raw and log columns; trees do not need it. Default true. */
  readonly scale?: boolean;
  /** Fill what is missing and add `_observed` columns; trees do not need it. Default true. */
  readonly fill?: boolean;
}

/**
 * cross_sectional: z or rank within the session. time_series: trailing z. raw: winsor. log: sign(x) log(1 + |x|), then winsor.
 * Then robust scaling (raw and log) and imputation with masks, when asked for. Columns that are not listed pass through.
 */
export function normalise(
  columns: readonly NormalisedColumn[],
  { crossSection = "z", scale = true, fill = true }: NormaliseOptions = {},
): Transformer {
  const of = (...classes: readonly NormalisationClass[]): string[] =>
    columns.filter(({ normalisation }) => classes.includes(normalisation)).map(({ name }) => name);
  const unscaled = of("raw", "log");
  const steps: Transformer[] = [
    columnTransformer(crossSectionRule(crossSection), of("cross_sectional")),
    trailingZ({ columns: of("time_series") }),
    signedLog({ columns: of("log") }),
    winsor({ columns: unscaled }),
  ];
  if (scale) steps.push(robustScale({ columns: unscaled }));
  if (fill) steps.push(impute({ columns: columns.map(({ name }) => name) }));
  return chain(...steps);
}

/** The transform from saved states. Throws SchemaError for a transform of another name. */
export function loadTransform(
  states: readonly TransformState[],
  inputs: readonly string[],
): Transform {
  const transforms: Transform[] = [];
  let columns = inputs;
  for (const state of states) {
    const transform = applyState(ruleOf(state), state, columns);
    transforms.push(transform);
    columns = transform.columnNames;
  }
  const name = states.map((state) => state.transform).join(" > ");
  return chained(name, transforms, inputs);
}

function ruleOf({ transform, settings }: TransformState): ColumnRule {
  const setting = (key: string): number => {
    const value = settings[key];
    if (value === undefined) throw new SchemaError(`transform ${transform}: no setting ${key}`);
    return value;
  };
  switch (transform) {
    case "crossSectionalZ":
      return crossSectionRule("z");
    case "crossSectionalRank":
      return crossSectionRule("rank");
    case "trailingZ":
      return trailingZRule({
        window: setting("window"),
        minPeriods: setting("minPeriods"),
        clip: setting("clip"),
      });
    case "signedLog":
      return signedLogRule();
    case "winsor":
      return winsorRule({ lower: setting("lower"), upper: setting("upper") });
    case "robustScale":
      return robustScaleRule();
    case "impute":
      return imputeRule();
    default:
      throw new SchemaError(`transform ${transform}: there is none of this name`);
  }
}

function crossSectionRule(kind: "z" | "rank"): ColumnRule {
  const kernel = kind === "z" ? crossSectionalZ : crossSectionalRank;
  return {
    name: kind === "z" ? "crossSectionalZ" : "crossSectionalRank",
    settings: {},
    apply: (values, _, index) => kernel(values, index),
  };
}
