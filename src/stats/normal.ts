// The standard normal distribution: density, cumulative probability and quantile, to about 14 digits.

/** exp(−x² / 2) / √(2π). */
export function normalPdf(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/**
 * P(Z ≤ x). Below 3 in size by Marsaglia's series (2004), beyond by the continued fraction of Mills' ratio, so that the
 * lower tail keeps its digits.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (Math.abs(x) < 3) return 0.5 + normalPdf(x) * series(x);
  const tail = Math.abs(x) > 39 ? 0 : normalPdf(x) / millsDenominator(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

/** The x with P(Z ≤ x) = p, by Wichura's AS 241 (1988); ±Infinity at 0 and 1, NaN outside [0, 1]. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centerTop, r)) / polynomial(centerBottom, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  if (r === Infinity) return q < 0 ? -Infinity : Infinity;
  const size =
    r <= 5
      ? polynomial(tailTop, r - 1.6) / polynomial(tailBottom, r - 1.6)
      : polynomial(farTop, r - 5) / polynomial(farBottom, r - 5);
  return q < 0 ? -size : size;
}

/** x + x³/3 + x⁵/(3·5) + …: (Φ(x) − ½) / φ(x). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

/** x + 1/(x + 2/(x + 3/…)): φ(x) over the upper tail. */
function millsDenominator(x: number): number {
  let value = x;
  for (let k = 160; k >= 1; k -= 1) value = x + k / value;
  return value;
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

const centerTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const centerBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const tailTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const tailBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
  0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
];
const farTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
  0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const farBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
];
