// Which parameters learn how: a rate factor and a decay factor by path.

import type { Operand } from "../ops/elementwise.ts";
import { mul } from "../ops/elementwise.ts";

export interface ParameterRule {
  /** Multiplies the learning rate; 0 leaves the parameter as it is. 1 unless given. */
  readonly rate?: number;
  /** Multiplies the weight decay; 1 unless given. */
  readonly decay?: number;
}

/** The rule of a parameter, from its path in the tree. */
export type RuleOf = (path: string) => ParameterRule;

const plainNames: ReadonlySet<string> = new Set(["bias", "scale", "table"]);

/** No decay for biases, norms and embeddings; everything else as given. */
export function decayWeightsOnly(path: string): ParameterRule {
  return plainNames.has(path.slice(path.lastIndexOf(".") + 1)) ? { decay: 0 } : {};
}

/** Rules by prefix of the path, the first that fits; their factors multiply those of `base`. */
export function layerGroups(
  groups: ReadonlyMap<string, ParameterRule>,
  base: RuleOf = decayWeightsOnly,
): RuleOf {
  return (path) => {
    const { rate = 1, decay = 1 } = base(path);
    for (const [prefix, rule] of groups) {
      if (path === prefix || path.startsWith(`${prefix}.`)) {
        return { rate: rate * (rule.rate ?? 1), decay: decay * (rule.decay ?? 1) };
      }
    }
    return { rate, decay };
  };
}

/** The rate of one parameter. */
export function ratio(rate: Operand, factor: number): Operand {
  return typeof rate === "number" ? rate * factor : mul(rate, factor);
}

/** One optimiser step's result. */
export interface Updated<P, S> {
  readonly params: P;
  readonly state: S;
}

export interface OptimizerOptions {
  /** Learning rate: a number, or a scalar tensor that each run is given. */
  readonly rate: Operand;
  readonly rules?: RuleOf;
  /** Factors of rate and decay an element, where all parameters are one packed vector (see `packedFactors`). */
  readonly factors?: { readonly rate: Operand; readonly decay: Operand };
}
