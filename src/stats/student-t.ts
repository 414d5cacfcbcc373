// Student's t distribution: cumulative probability by the incomplete beta function's continued fraction of DiDonato and
// Morris (1992, equation 9), evaluated by Lentz's method, and quantile by Newton's method on it. Degrees of freedom may
// be fractions.

import { normalCdf, normalQuantile } from "./normal.ts";

/** P(T ≤ t) with `df` degrees of freedom; the normal distribution at Infinity, NaN unless df is above 0. */
export function studentTCdf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN;
  if (df === Infinity) return normalCdf(t);
  const size = Math.abs(t);
  if (t <= 0) return inCenter(size, df) ? 0.5 - center(size, df) : tail(size, df);
  return inCenter(size, df) ? 0.5 + center(size, df) : 1 - tail(size, df);
}

/** The t with P(T ≤ t) = p; ±Infinity at 0 and 1, NaN outside [0, 1] or unless df is above 0. */
export function studentTQuantile(p: number, df: number): number {
  if (!(df > 0) || !(p >= 0 && p <= 1)) return Number.NaN;
  if (df === Infinity) return normalQuantile(p);
  if (p === 0.5) return 0;
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  const upper = p < 0.5 ? p : 1 - p;
  const size = upper > 0.25 ? centerQuantile(0.5 - upper, df) : tailQuantile(upper, df);
  return p < 0.5 ? -size : size;
}

const maxSteps = 200;

/** The probability is concave in t: Newton from below rises to the root. */
function centerQuantile(probability: number, df: number): number {
  let t = probability / density(0, df);
  for (let step = 0; step < maxSteps; step += 1) {
    const reached = inCenter(t, df) ? center(t, df) : 0.5 - tail(t, df);
    const move = (probability - reached) / density(t, df);
    t += move;
    if (Math.abs(move) <= t * 2 * Number.EPSILON) break;
  }
  return t;
}

/** The logarithm of the tail is concave in log t: Newton there overshoots once at most, then falls to the root. */
function tailQuantile(probability: number, df: number): number {
  let t = -normalQuantile(probability);
  for (let step = 0; step < maxSteps; step += 1) {
    const reached = inCenter(t, df) ? 0.5 - center(t, df) : tail(t, df);
    const move = (Math.log(reached / probability) * reached) / (density(t, df) * t);
    t *= Math.exp(move);
    if (Math.abs(move) <= 2 * Number.EPSILON) break;
  }
  return t;
}

function density(t: number, df: number): number {
  const scale = halfGammaRatio(df / 2) / Math.sqrt(df * Math.PI);
  return scale * Math.exp(-((df + 1) / 2) * logSpread(t, df));
}

/** log(1 + t² / df), without overflow. */
function logSpread(t: number, df: number): number {
  if (t * t < df) return Math.log1p((t * t) / df);
  return 2 * (Math.log(Math.hypot(Math.sqrt(df), t)) - Math.log(Math.sqrt(df)));
}

/** Where the fraction for the middle converges faster than the one for the tail. */
function inCenter(t: number, df: number): boolean {
  return t * t * (df + 2) < 3 * df;
}

/** P(0 ≤ T ≤ t) = ½ I(t² / (df + t²); ½, df / 2). */
function center(t: number, df: number): number {
  if (t === 0) return 0;
  const share = (t * t) / (df + t * t);
  return power(t, df) / betaFraction(share, 0.5, df / 2, (0.5 * (1 - t * t)) / (1 + (t * t) / df));
}

/** P(T ≥ t) = ½ I(df / (df + t²); df / 2, ½). */
function tail(t: number, df: number): number {
  if (t === Infinity) return 0;
  const ratio = (t / df) * t;
  const gap = ratio === Infinity ? df / 2 : (0.5 * (t * t - 1)) / (1 + ratio);
  return power(t, df) / betaFraction(1 / (1 + ratio), df / 2, 0.5, gap);
}

/** ½ x^a (1 − x)^b / B(a, b) for either of the two, from t itself to keep its digits. */
function power(t: number, df: number): number {
  const sine = t / Math.hypot(Math.sqrt(df), t);
  const inverseBeta = halfGammaRatio(df / 2) / Math.sqrt(Math.PI);
  return 0.5 * Math.exp(-(df / 2) * logSpread(t, df)) * sine * inverseBeta;
}

/** x^a (1 − x)^b / (B(a, b) I(x; a, b)); `gap` is a − (a + b) x, given apart because the difference cancels. */
function betaFraction(x: number, a: number, b: number, gap: number): number {
  const tiny = 1e-300;
  let value = awayFromZero((a * (gap + 1)) / (a + 1), tiny);
  let upper = value;
  let lower = 0;
  for (let m = 1; m <= 10_000; m += 1) {
    const odd = a + 2 * m - 1;
    const numerator = ((a + m - 1) / odd) * ((a + b + m - 1) / odd) * m * (b - m) * x * x;
    const denominator =
      m + (m * (b - m) * x) / odd + ((a + m) / (odd + 2)) * (gap + 1 + m * (2 - x));
    lower = 1 / awayFromZero(denominator + numerator * lower, tiny);
    upper = awayFromZero(denominator + numerator / upper, tiny);
    value *= upper * lower;
    if (Math.abs(upper * lower - 1) <= Number.EPSILON) break;
  }
  return value;
}

function awayFromZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** Γ(z + ½) / Γ(z): the asymptotic series (DLMF 5.11.13) from 50 on, the recurrence below. */
function halfGammaRatio(z: number): number {
  let factor = 1;
  let large = z;
  while (large < 50) {
    factor *= large / (large + 0.5);
    large += 1;
  }
  const u = 1 / large;
  const series =
    1 +
    u *
      (-1 / 8 +
        u *
          (1 / 128 +
            u * (5 / 1024 + u * (-21 / 32768 + u * (-399 / 262144 + (u * 869) / 4194304)))));
  return factor * Math.sqrt(large) * series;
}
