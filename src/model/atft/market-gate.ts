// The market gate (MASTER, Li et al., AAAI 2024, section 4.1): the state of the market scales every feature of the session.

import { ConfigError } from "../../errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import { concat, mul, softmax, split } from "../../tensor/index.ts";
import type { Linear } from "../../tensor/nn/index.ts";
import { filled, linear } from "../../tensor/nn/index.ts";
import type { AtftSpec } from "./config.ts";
import { familiesOf } from "./config.ts";

/** (M, F) from the columns of the market's families to a logit a feature. */
export type MarketGate = Linear;

/** Starts as a gate of 1 for every feature. Throws ConfigError where no feature is of the families named. */
export function initMarketGate({ config, features }: AtftSpec): MarketGate {
  const columns = features.filter(({ family }) => config.marketGate.includes(family)).length;
  if (columns === 0) {
    throw new ConfigError(
      `model: marketGate names ${config.marketGate.join(", ")}, the dataset's families are ${familiesOf(
        features,
      )
        .map(({ name }) => name)
        .join(", ")}`,
    );
  }
  return {
    weight: filled([columns, features.length], 0),
    bias: filled([features.length], 0),
  };
}

/** (L, S, F) to x · F · softmax(m W + b), m being the market's columns of the same session: the gates of a session have mean 1. */
export function marketGate(params: MarketGate, { config, features }: AtftSpec, x: Tensor): Tensor {
  const families = familiesOf(features);
  const parts = split(
    x,
    families.map(({ size }) => size),
    -1,
  );
  const market = parts.filter((_, i) => config.marketGate.includes(families[i].name));
  const gates = softmax(linear(params, concat(market, -1))); // (L, S, F)
  return mul(x, mul(gates, features.length));
}
