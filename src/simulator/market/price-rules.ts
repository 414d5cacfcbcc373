// Price rules of the Tokyo Stock Exchange: tick sizes, daily price limits and unbiased rounding. Prices are in tenths of a yen.

/** Upper bound of a price band and the band's step, both in yen. */
type Band = readonly [bound: number, step: number];

// JPX, "Tick size": the table for most issues.
const standardTicks: readonly Band[] = [
  [3_000, 1],
  [5_000, 5],
  [30_000, 10],
  [50_000, 50],
  [300_000, 100],
  [500_000, 500],
  [3_000_000, 1_000],
  [5_000_000, 5_000],
  [30_000_000, 10_000],
];

// JPX, "Tick size": TOPIX 100 constituents until 2023-06-02, TOPIX 500 constituents from 2023-06-05.
const fineTicks: readonly Band[] = [
  [1_000, 0.1],
  [3_000, 0.5],
  [10_000, 1],
  [30_000, 5],
  [100_000, 10],
  [300_000, 50],
  [1_000_000, 100],
  [3_000_000, 500],
  [10_000_000, 1_000],
  [30_000_000, 5_000],
];

// JPX, "Daily price limits": a base price below the bound moves at most by the width.
const limitWidths: readonly Band[] = [
  [100, 30],
  [200, 50],
  [500, 80],
  [700, 100],
  [1_000, 150],
  [1_500, 300],
  [2_000, 400],
  [3_000, 500],
  [5_000, 700],
  [7_000, 1_000],
  [10_000, 1_500],
  [15_000, 3_000],
  [20_000, 4_000],
  [30_000, 5_000],
  [50_000, 7_000],
  [70_000, 10_000],
  [100_000, 15_000],
  [150_000, 30_000],
  [200_000, 40_000],
  [300_000, 50_000],
  [500_000, 70_000],
  [700_000, 100_000],
  [1_000_000, 150_000],
  [1_500_000, 300_000],
  [2_000_000, 400_000],
  [3_000_000, 500_000],
  [5_000_000, 700_000],
  [7_000_000, 1_000_000],
  [10_000_000, 1_500_000],
  [15_000_000, 3_000_000],
  [20_000_000, 4_000_000],
  [30_000_000, 5_000_000],
];

/** Tick size in tenths of a yen for a price in tenths; `fine` picks the table of large-cap constituents. */
export function tickSize(price: number, fine: boolean): number {
  for (const [bound, step] of fine ? fineTicks : standardTicks) {
    if (price <= bound * 10) return step * 10;
  }
  return fine ? 100_000 : 500_000;
}

/** Width of the daily limit in tenths of a yen around a base price in tenths. */
export function limitWidth(base: number): number {
  for (const [bound, width] of limitWidths) {
    if (base < bound * 10) return width * 10;
  }
  return 100_000_000;
}

/**
 * Rounds to the tick grid so that the expectation is kept: E[result] = price for `uniform` uniform in [0, 1).
 * Rounding to the nearest tick instead would leave the remainder to be earned back the next day, which a reader of
 * closes could predict.
 */
export function roundFairly(price: number, fine: boolean, uniform: number): number {
  const tick = tickSize(price, fine);
  const below = Math.floor(price / tick) * tick;
  return (price - below) / tick > uniform ? below + tick : below;
}

/** Largest price on the grid that is at most `price`. */
export function roundDown(price: number, fine: boolean): number {
  const tick = tickSize(price, fine);
  return Math.floor(price / tick + 1e-9) * tick;
}

/** Smallest price on the grid that is at least `price`. */
export function roundUp(price: number, fine: boolean): number {
  const tick = tickSize(price, fine);
  return Math.ceil(price / tick - 1e-9) * tick;
}
