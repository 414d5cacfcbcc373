// Weighted correlation of every pair of rows over the sessions both have: dot products where both are complete, sums elsewhere.

export type PairCorrelation = (left: number, right: number, correlation: number) => void;

export interface MaskedCorrelationOptions {
  readonly window: number;
  readonly halfLife: number;
  readonly minOverlap: number;
}

/** Stocks of one tile: two tiles' rows stay in the nearest cache. */
const tile = 64;

/**
 * Calls `emit` once for each pair that has a correlation, left < right.
 * @param returns (stocks, window) NaN where missing
 */
export function correlateMasked(
  returns: Float64Array,
  stocks: number,
  { window, halfLife, minOverlap }: MaskedCorrelationOptions,
  emit: PairCorrelation,
): void {
  const weights = Float64Array.from(
    { length: window },
    (_, t) => 2 ** ((t + 1 - window) / halfLife),
  );
  const complete: number[] = [];
  const gappy: number[] = [];
  for (let stock = 0; stock < stocks; stock += 1) {
    const known = countKnown(returns, stock * window, window);
    if (known === window) complete.push(stock);
    else if (known >= minOverlap) gappy.push(stock);
  }
  correlateComplete(returns, window, weights, complete, emit);
  const sums = pairSums(returns, window, weights);
  for (const left of gappy) {
    for (const right of complete) emitOrdered(left, right, sums(left, right, minOverlap), emit);
    for (const right of gappy) {
      if (right > left) emitOrdered(left, right, sums(left, right, minOverlap), emit);
    }
  }
}

function emitOrdered(a: number, b: number, correlation: number, emit: PairCorrelation): void {
  if (Number.isNaN(correlation)) return;
  if (a < b) emit(a, b, correlation);
  else emit(b, a, correlation);
}

/** Rows are demeaned and scaled by their weighted moments; then each correlation is one dot product. */
function correlateComplete(
  returns: Float64Array,
  window: number,
  weights: Float64Array,
  chosen: readonly number[],
  emit: PairCorrelation,
): void {
  const unit = unitRows(returns, window, weights, chosen);
  const { rows, stocks } = unit;
  for (let top = 0; top < stocks.length; top += tile) {
    const bottom = Math.min(stocks.length, top + tile);
    for (let left = top; left < stocks.length; left += tile) {
      const right = Math.min(stocks.length, left + tile);
      for (let i = top; i < bottom; i += 1) {
        dotRow(rows, window, i, Math.max(left, i + 1), right, (j, value) =>
          emit(stocks[i], stocks[j], Math.max(-1, Math.min(1, value))),
        );
      }
    }
  }
}

/** Dot products of row i with rows from `start` to `end` − 1, four at a time. */
function dotRow(
  rows: Float64Array,
  window: number,
  i: number,
  start: number,
  end: number,
  emit: (j: number, value: number) => void,
): void {
  const own = i * window;
  let j = start;
  for (; j + 4 <= end; j += 4) {
    const base = j * window;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let t = 0; t < window; t += 1) {
      const x = rows[own + t];
      const at = base + t;
      a += x * rows[at];
      b += x * rows[at + window];
      c += x * rows[at + 2 * window];
      d += x * rows[at + 3 * window];
    }
    emit(j, a);
    emit(j + 1, b);
    emit(j + 2, c);
    emit(j + 3, d);
  }
  for (; j < end; j += 1) {
    let sum = 0;
    for (let t = 0; t < window; t += 1) sum += rows[own + t] * rows[j * window + t];
    emit(j, sum);
  }
}

/** sqrt(w) (x − mean) / (sigma sqrt(Σw)) of each chosen row that varies. */
function unitRows(
  returns: Float64Array,
  window: number,
  weights: Float64Array,
  chosen: readonly number[],
): { rows: Float64Array; stocks: readonly number[] } {
  const rows = new Float64Array(chosen.length * window);
  const stocks: number[] = [];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const stock of chosen) {
    const row = returns.subarray(stock * window, (stock + 1) * window);
    const mean = row.reduce((sum, value, t) => sum + weights[t] * value, 0) / total;
    const spread = row.reduce((sum, value, t) => sum + weights[t] * (value - mean) ** 2, 0);
    if (!varies(row) || !(spread > 0)) continue;
    const base = stocks.length * window;
    row.forEach((value, t) => {
      rows[base + t] = Math.sqrt(weights[t] / spread) * (value - mean);
    });
    stocks.push(stock);
  }
  return { rows: rows.subarray(0, stocks.length * window), stocks };
}

/** Correlation of two rows over their common sessions; NaN below `minOverlap` or without variation. */
function pairSums(
  returns: Float64Array,
  window: number,
  weights: Float64Array,
): (left: number, right: number, minOverlap: number) => number {
  return (left, right, minOverlap) => {
    const x = returns.subarray(left * window, (left + 1) * window);
    const y = returns.subarray(right * window, (right + 1) * window);
    let common = 0;
    let w = 0;
    let wx = 0;
    let wy = 0;
    let wxx = 0;
    let wyy = 0;
    let wxy = 0;
    for (let t = 0; t < window; t += 1) {
      const product = x[t] * y[t];
      if (product !== product) continue;
      const weight = weights[t];
      common += 1;
      w += weight;
      wx += weight * x[t];
      wy += weight * y[t];
      wxx += weight * x[t] * x[t];
      wyy += weight * y[t] * y[t];
      wxy += weight * product;
    }
    if (common < minOverlap) return Number.NaN;
    const varX = wxx - (wx * wx) / w;
    const varY = wyy - (wy * wy) / w;
    if (!(varX > 1e-12 * wxx && varY > 1e-12 * wyy)) return Number.NaN;
    return Math.max(-1, Math.min(1, (wxy - (wx * wy) / w) / Math.sqrt(varX * varY)));
  };
}

function varies(row: Float64Array): boolean {
  return row.some((value) => value !== row[0]);
}

function countKnown(returns: Float64Array, start: number, window: number): number {
  let known = 0;
  for (let t = start; t < start + window; t += 1) if (returns[t] === returns[t]) known += 1;
  return known;
}
