// Learning rates over steps: pure functions of the step, and a plateau rule whose state is plain data.

export type Schedule = (step: number) => number;

/** Rises from rate / steps to `rate` over `steps` steps, then follows `then`, counted from there. */
export function warmUp(rate: number, steps: number, then: Schedule = () => rate): Schedule {
  return (step) => (step < steps ? (rate * (step + 1)) / steps : then(step - steps));
}

/** From `rate` to `floor` along half a cosine (Loshchilov and Hutter 2017), then `floor`. */
export function cosine(rate: number, steps: number, floor = 0): Schedule {
  return (step) => {
    const done = Math.min(1, step / steps);
    return floor + ((rate - floor) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}

export interface OneCycleOptions {
  readonly steps: number;
  /** Share of the steps that rise; 0.3 unless given. */
  readonly rise?: number;
  /** Largest rate over the first; 25 unless given. */
  readonly divide?: number;
  /** First rate over the last; 1e4 unless given. */
  readonly finalDivide?: number;
}

/** Rises to `rate`, then falls, both along cosines (Smith and Topin 2018): PyTorch's OneCycleLR. */
export function oneCycle(
  rate: number,
  { steps, rise = 0.3, divide = 25, finalDivide = 1e4 }: OneCycleOptions,
): Schedule {
  const first = rate / divide;
  const peak = rise * steps - 1;
  return (step) => {
    if (step <= peak) return between(first, rate, step / peak);
    return between(rate, first / finalDivide, Math.min(1, (step - peak) / (steps - 1 - peak)));
  };
}

function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

export interface PlateauState {
  readonly factor: number;
  readonly best: number;
  readonly waited: number;
}

export interface PlateauOptions {
  /** Measurements without a better one before the factor falls. */
  readonly patience: number;
  /** What it falls by; 0.5 unless given. */
  readonly shrink?: number;
  /** The factor's least value; 0.01 unless given. */
  readonly least?: number;
  /** Better means more than `best` plus this; 1e-4 unless given. */
  readonly margin?: number;
}

export const initialPlateau: PlateauState = { factor: 1, best: -Infinity, waited: 0 };

/** After a score (higher is better) the factor that multiplies the rate; NaN counts as no better. */
export function plateau(
  { factor, best, waited }: PlateauState,
  score: number,
  { patience, shrink = 0.5, least = 0.01, margin = 1e-4 }: PlateauOptions,
): PlateauState {
  if (score > best + margin) return { factor, best: score, waited: 0 };
  if (waited + 1 <= patience) return { factor, best, waited: waited + 1 };
  return { factor: Math.max(least, factor * shrink), best, waited: 0 };
}
