// Exponentially weighted returns and turnover: momentum and reversal by half-life, abnormal turnover, and their products
// (Jegadeesh and Titman 1993; Lehmann 1990; Gervais, Kaniel and Mingelgrin 2001; Lee and Swaminathan 2000).

import { zscore } from "../../stats/index.ts";
import { crossSection, defineFamily, market, stock } from "../define.ts";
import type { CrossKernel, Family, Feature, SeriesKernel } from "../feature.ts";
import { decayedSum, decayWindow, seenInWindow, type DecayWindow } from "./decay-window.ts";

const crossSectional = { normalisation: "cross_sectional", unit: "ratio" } as const;

/** Half-lives of weighted returns in sessions, with the ends of their columns' names. */
const halfLives = [
  [1, "hl1"],
  [1.5, "hl1_5"],
  [3, "hl3"],
  [5, "hl5"],
  [10, "hl10"],
  [20, "hl20"],
  [40, "hl40"],
] as const;

const fast = decayWindow(4);
const slow = decayWindow(35);

const truncated =
  "weights end after ten half-lives, below a thousandth, so that a value depends on its window alone";

const axis = ["session_position", "session_day"] as const;

/** Σ weight · value / Σ weight of all sessions of the window; NaN before as many values as the half-life has sessions. */
function weightedOverAll(window: DecayWindow): SeriesKernel {
  let whole = 0;
  for (let age = 0; age < window.length; age += 1) whole += 0.5 ** (age / window.halfLife);
  return ([values, position, day], out) => {
    decayedSum(values, { position, day }, window, out);
    const seen = seenOf(values, position, day, window);
    for (let i = 0; i < out.length; i += 1) {
      out[i] = seen[i] < window.halfLife ? Number.NaN : out[i] / whole;
    }
  };
}

/** Weighted mean of the values that are there; NaN before as many as the half-life has sessions. */
function weightedMean(
  values: Float64Array,
  position: Float64Array,
  day: Float64Array,
  window: DecayWindow,
): Float64Array {
  const sums = new Float64Array(values.length);
  const weights = new Float64Array(values.length);
  decayedSum(values, { position, day }, window, sums);
  const present = values.map((value) => (value === value ? 1 : Number.NaN));
  decayedSum(present, { position, day }, window, weights);
  const seen = seenOf(values, position, day, window);
  return sums.map((sum, i) => (seen[i] < window.halfLife ? Number.NaN : sum / weights[i]));
}

function seenOf(
  values: Float64Array,
  position: Float64Array,
  day: Float64Array,
  window: DecayWindow,
): Float64Array {
  const seen = new Float64Array(values.length);
  seenInWindow(values, { position, day }, window, seen);
  return seen;
}

const fastOverSlow: SeriesKernel = ([amount, position, day], out) => {
  const logs = amount.map((value) => (value > 0 ? Math.log(value) : Number.NaN));
  const level = weightedMean(logs, position, day, slow);
  out.set(weightedMean(logs, position, day, fast));
  for (let i = 0; i < out.length; i += 1) out[i] -= level[i];
};

/** tanh(2 z(a)) · tanh(2 z(b)) among the stocks of a session. */
const bentProduct: CrossKernel = ([a, b], out) => {
  zscore(a, out);
  const other = zscore(b);
  for (let i = 0; i < out.length; i += 1) out[i] = Math.tanh(2 * out[i]) * Math.tanh(2 * other[i]);
};

const returns: readonly Feature[] = halfLives.map(([halfLife, ending]) => {
  const window = decayWindow(halfLife);
  return stock(`ew_ret_${ending}`, {
    ...crossSectional,
    inputs: ["ret_1d_demeaned", ...axis],
    lookback: window.length,
    isSelfContained: true,
    formula: `Σ 0.5^(age / ${halfLife}) · ret_1d_demeaned / Σ 0.5^(age / ${halfLife}) over the last ${window.length} sessions; a session without a trade adds 0`,
    deviation: truncated,
    compute: weightedOverAll(window),
  });
});

const activity: readonly Feature[] = (["turnover", "volume"] as const).map((input) =>
  stock(`ew_${input}_4_35`, {
    normalisation: "cross_sectional",
    unit: "log ratio",
    inputs: [input, ...axis],
    lookback: slow.length,
    isSelfContained: true,
    formula: `exponentially weighted mean of ln ${input} with half-life 4 (${fast.length} sessions) − the same with half-life 35 (${slow.length} sessions)`,
    deviation: truncated,
    compute: fastOverSlow,
  }),
);

const products = [
  ["x_ew_ret20_turnover", "ew_ret_hl20", "ew_turnover_4_35"],
  ["x_ew_ret1_5_turnover", "ew_ret_hl1_5", "ew_turnover_4_35"],
] as const;

export const decay: Family = defineFamily(
  "decay",
  { source: "/equities/bars/daily", plan: "light" },
  [
    market("session_position", {
      internal: true,
      inputs: ["session_day"],
      lookback: 1,
      normalisation: "raw",
      unit: "sessions",
      formula: "place of the session among those loaded; only differences are read",
      compute: (_inputs, out) => {
        for (let i = 0; i < out.length; i += 1) out[i] = i;
      },
    }),
    ...returns,
    ...activity,
    ...products.map(([name, trend, turnover]) =>
      crossSection(name, {
        normalisation: "raw",
        unit: "product",
        inputs: [trend, turnover],
        lookback: 1,
        formula: `tanh(2 z(${trend})) × tanh(2 z(${turnover})), z among the session's stocks`,
        compute: bentProduct,
      }),
    ),
  ],
);
