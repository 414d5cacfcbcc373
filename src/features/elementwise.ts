// Formulas value by value over whole columns: what most feature kernels are made of.

/** A denominator below this is no denominator: the ratio is NaN instead of a number near 1e12. */
export const leastDenominator = 1e-12;

/** numerator / denominator; NaN where |denominator| < 1e-12. */
export function ratio(numerator: number, denominator: number): number {
  return Math.abs(denominator) < leastDenominator ? Number.NaN : numerator / denominator;
}

/** 1 or 0 for a condition, NaN when one of the values that decide it is missing. */
export function flag(condition: boolean, a = 0, b = 0, c = 0, d = 0, e = 0): number {
  const sum = a + b + c + d + e;
  if (sum !== sum && (a !== a || b !== b || c !== c || d !== d || e !== e)) return Number.NaN;
  return condition ? 1 : 0;
}

type Unary = (a: number) => number;
type Binary = (a: number, b: number) => number;
type Ternary = (a: number, b: number, c: number) => number;

/** A kernel that applies `f` to each value of its input. */
export function map1(f: Unary): (inputs: readonly Float64Array[], out: Float64Array) => void {
  return ([a], out) => {
    for (let i = 0; i < out.length; i += 1) out[i] = f(a[i]);
  };
}

/** As `map1`, over two inputs; a ratio, which is half of all, has a loop of its own that calls nothing. */
export function map2(f: Binary): (inputs: readonly Float64Array[], out: Float64Array) => void {
  if (f === ratio) return ratios;
  return ([a, b], out) => {
    for (let i = 0; i < out.length; i += 1) out[i] = f(a[i], b[i]);
  };
}

function ratios([a, b]: readonly Float64Array[], out: Float64Array): void {
  for (let i = 0; i < out.length; i += 1) out[i] = ratio(a[i], b[i]);
}

/** As `map1`, over three inputs. */
export function map3(f: Ternary): (inputs: readonly Float64Array[], out: Float64Array) => void {
  return ([a, b, c], out) => {
    for (let i = 0; i < out.length; i += 1) out[i] = f(a[i], b[i], c[i]);
  };
}

/** As `map1`, over four to six inputs. */
export function mapN(
  f: (a: number, b: number, c: number, d: number, e: number, g: number) => number,
): (inputs: readonly Float64Array[], out: Float64Array) => void {
  return ([a, b, c, d = a, e = a, g = a], out) => {
    for (let i = 0; i < out.length; i += 1) out[i] = f(a[i], b[i], c[i], d[i], e[i], g[i]);
  };
}
