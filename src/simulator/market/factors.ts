// Common return factors: one market, the industries, clusters of peers and three styles, each in four parts of the day.
// Every factor is symmetric about 0 given the past, so that nothing public says where it goes.

import type { Rng } from "../../rng.ts";
import { sectors } from "./code-tables.ts";

/** Parts of a session day: overnight gap, morning, lunch break, afternoon. */
export const partCount = 4;

/** Share of a day's variance in each part. */
export const partShares: readonly number[] = [0.28, 0.36, 0.03, 0.33];

const partScales = partShares.map(Math.sqrt);

// Targets: market 18 to 20 % a year, pairwise correlation 0.2 to 0.3, cross-sectional deviation 2 %.
const marketVariance = 0.0116 ** 2;
const sectorDeviation = 0.0045;
const clusterDeviation = 0.0125;
const styleDeviation = 0.0025;

// GJR-GARCH(1,1) of the market: variance rises more after falls, its sign stays a coin toss.
const market = { arch: 0.04, leverage: 0.1, memory: 0.885, cap: 20 } as const;

const styleCount = 3;

/** Factor returns of one day, advanced by `step`; arrays hold `partCount` parts a factor. */
export class Factors {
  readonly market: Float64Array = new Float64Array(partCount);
  readonly sectors: Float64Array = new Float64Array(sectors.length * partCount);
  readonly clusters: Float64Array;
  readonly styles: Float64Array = new Float64Array(styleCount * partCount);
  /** Variance of today's market return given its past. */
  variance: number = marketVariance;
  readonly #rng: Rng;

  constructor(rng: Rng, clusterCount: number) {
    this.#rng = rng;
    this.clusters = new Float64Array(clusterCount * partCount);
  }

  /** Market variance over its long-run level. */
  get heat(): number {
    return this.variance / marketVariance;
  }

  step(): void {
    const last = sumParts(this.market, 0);
    if (last !== 0) {
      const { arch, leverage, memory, cap } = market;
      const shock = last * last * (arch + (last < 0 ? leverage : 0));
      const level = marketVariance * (1 - arch - leverage / 2 - memory);
      this.variance = Math.min(marketVariance * cap, level + shock + memory * this.variance);
    }
    const common = this.heat ** 0.25;
    this.#draw(this.market, Math.sqrt(this.variance), 0.3);
    this.#draw(this.sectors, sectorDeviation * common, 0.35);
    this.#draw(this.clusters, clusterDeviation * common, 0.4);
    this.#draw(this.styles, styleDeviation * common, 0.35);
  }

  /** Normals whose scale is lognormal with deviation `spread`: kurtosis 3 exp(4 spread²), symmetric. */
  #draw(out: Float64Array, deviation: number, spread: number): void {
    for (let start = 0; start < out.length; start += partCount) {
      const scale = deviation * mixingScale(this.#rng, spread);
      for (let part = 0; part < partCount; part += 1) {
        out[start + part] = scale * partScales[part] * this.#rng.normal();
      }
    }
  }
}

/** A positive scale with E[scale²] = 1. */
export function mixingScale(rng: Rng, spread: number): number {
  return Math.exp(spread * rng.normal() - spread * spread);
}

/** Sum of the four parts from `start` on. */
export function sumParts(parts: Float64Array, start: number): number {
  return parts[start] + parts[start + 1] + parts[start + 2] + parts[start + 3];
}
