// Generates the bars of the whole market, session by session: factors, own shocks, disclosure jumps, planted means.

import type { Rng } from "../../rng.ts";
import type { Anchors } from "./anchors.ts";
import { CapitalChanges } from "./capital.ts";
import { rightsShareRatio } from "./capital-history.ts";
import { Factors, mixingScale, partCount, partShares, sumParts } from "./factors.ts";
import type { DividendDrops } from "./dividend-drops.ts";
import type { Flows } from "./flows.ts";
import type { Jumps } from "./jumps.ts";
import type { Issue } from "./issues.ts";
import { type DayInput, writeDay } from "./price-path.ts";
import { cellFlags, PriceTable } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";
import { hasFineTicks, isRankingDay, rankSizes } from "./size-classes.ts";
import { Volumes } from "./volumes.ts";

/** Expected return of every issue and day, equity premium: 5 % a year over 245 sessions. */
export const driftPerDay: number = 0.05 / 245;

// GARCH(1,1) of each issue's own variance, relative to its level.
const own = { arch: 0.07, memory: 0.88, cap: 10, spread: 0.6 } as const;

const partScales = partShares.map(Math.sqrt);

/** Conditional means beyond the drift, for markets with planted signals. */
export interface Expectations {
  /** Mean of the return of each issue on the coming session. */
  readonly means: Float64Array;
  /** Called after each session with its returns (0 where nothing traded) and volume surprises. */
  update(session: number, state: SessionState): void;
}

export interface SessionState {
  /** Return of each issue on adjusted closes; 0 where it did not trade. */
  readonly returns: Float64Array;
  /** Logarithm of volume over its usual level. */
  readonly volumeSurprise: Float64Array;
  /** 1 where listed. */
  readonly listed: Uint8Array;
  /** Market value in tenths of a yen. */
  readonly marketValue: Float64Array;
  /** Return of the market factor. */
  readonly market: number;
}

export interface GenerateInput {
  readonly rng: Rng;
  readonly issues: readonly Issue[];
  readonly sessions: Sessions;
  readonly clusterCount: number;
  readonly jumps: Jumps;
  /** Falls on ex-dates; undefined in markets without them. */
  readonly drops: DividendDrops | undefined;
  readonly anchors: Anchors;
  readonly flows: Flows;
  readonly expectations: Expectations | undefined;
  readonly onProgress: (share: number) => void;
}

/** Runs the market from the first session to the last; the result depends on the seed and the config alone. */
export function generatePrices(input: GenerateInput): PriceTable {
  const generator = new Generator(input);
  for (let d = 0; d < input.sessions.count; d += 1) {
    generator.step(d);
    if (d % 50 === 0) input.onProgress(d / input.sessions.count);
  }
  input.onProgress(1);
  return generator.finish();
}

class Generator {
  readonly #input: GenerateInput;
  readonly #table: PriceTable;
  readonly #factors: Factors;
  readonly #capital: CapitalChanges;
  readonly #volumes: Volumes;
  readonly #paths: readonly Rng[];
  readonly #common: Rng;
  readonly #shares: Float64Array;
  readonly #ownHeat: Float64Array;
  readonly #bases: Float64Array;
  readonly #closes: Int32Array;
  readonly #jumpParts: Float64Array;
  readonly #state: {
    returns: Float64Array;
    volumeSurprise: Float64Array;
    listed: Uint8Array;
    marketValue: Float64Array;
    market: number;
  };
  readonly #day: DayInput = {
    base: 0,
    fine: false,
    parts: new Float64Array(partCount),
    variance: 0,
    hasMorning: true,
    hasAfternoon: true,
  };
  #scale: Uint8Array;

  constructor(input: GenerateInput) {
    const { issues, rng, sessions } = input;
    const count = issues.length;
    this.#input = input;
    this.#table = new PriceTable(count, sessions.count);
    this.#factors = new Factors(rng.split("factors"), input.clusterCount);
    this.#capital = new CapitalChanges(rng.split("capital"), issues, sessions);
    this.#volumes = new Volumes(issues);
    this.#paths = issues.map((issue) => rng.split(`path/${issue.code}`));
    this.#common = rng.split("volume");
    this.#shares = Float64Array.from(issues, (issue) => issue.shares);
    this.#ownHeat = new Float64Array(count).fill(1);
    this.#bases = new Float64Array(count);
    this.#closes = new Int32Array(count);
    this.#jumpParts = new Float64Array(count * partCount);
    this.#state = {
      returns: new Float64Array(count),
      volumeSurprise: this.#volumes.surprise,
      listed: new Uint8Array(count),
      marketValue: new Float64Array(count),
      market: 0,
    };
    const values = Float64Array.from(issues, (issue) =>
      issue.listed === 0 ? issue.initialPrice * issue.shares : Number.NaN,
    );
    this.#scale = rankSizes(issues, values, sessions.days[0]);
  }

  step(d: number): void {
    const { anchors, drops, expectations, flows, issues, jumps, sessions } = this.#input;
    const table = this.#table;
    const halted = d === sessions.haltIndex;
    if (!halted) this.#factors.step();
    this.#volumes.step(this.#common);
    table.marketDeviation[d] = Math.sqrt(this.#factors.variance);
    this.#prepareBases(d);
    this.#day.hasAfternoon = !sessions.calendar.isHalfDay(sessions.days[d]);
    for (const jump of jumps.on(d))
      this.#jumpParts[jump.issue * partCount + jump.part] += jump.size;
    for (const { issue, total, year } of drops?.on(d) ?? []) {
      const scale = anchors.scales.of(issues[issue].company, year);
      const tenths = (total * scale * 10) / this.#shares[issue];
      if (this.#bases[issue] > 0) this.#jumpParts[issue * partCount] -= tenths / this.#bases[issue];
    }
    for (let c = 0; c < issues.length; c += 1) this.#stepIssue(d, c, halted);
    this.#jumpParts.fill(0);
    this.#state.market = halted ? 0 : sumParts(this.#factors.market, 0);
    flows.update(d, this.#state.market);
    anchors.update(d, this.#state.marketValue);
    expectations?.update(d, this.#state);
    this.#capital.plan(d, this.#closes);
    if (d + 1 < sessions.count && isRankingDay(sessions.days[d], sessions.days[d + 1])) {
      this.#scale = rankSizes(issues, this.#state.marketValue, sessions.days[d + 1]);
    }
  }

  finish(): PriceTable {
    this.#table.events = this.#capital.events
      .slice()
      .sort((a, b) => a.session - b.session || a.issue - b.issue);
    return this.#table;
  }

  /** Base prices of the day: last closes times the capital changes that go ex today. */
  #prepareBases(d: number): void {
    const { issues } = this.#input;
    for (let c = 0; c < issues.length; c += 1) {
      const { listed, predecessor, initialPrice } = issues[c];
      if (d === listed) {
        const taken = predecessor >= 0 ? this.#closes[predecessor] : 0;
        this.#closes[c] = taken > 0 ? taken : initialPrice;
        if (predecessor >= 0) this.#shares[c] = this.#shares[predecessor];
      }
      this.#bases[c] = this.#closes[c];
    }
    for (const { issue, factor, kind } of this.#capital.on(d)) {
      this.#bases[issue] *= factor;
      this.#shares[issue] = Math.round(
        kind === "3" ? this.#shares[issue] * rightsShareRatio : this.#shares[issue] / factor,
      );
    }
  }

  #stepIssue(d: number, c: number, halted: boolean): void {
    const { issues, sessions } = this.#input;
    const issue = issues[c];
    const cell = d * issues.length + c;
    const rng = this.#paths[c];
    const state = this.#state;
    state.returns[c] = 0;
    state.listed[c] = 0;
    state.marketValue[c] = Number.NaN;
    this.#table.scale[cell] = this.#scale[c];
    if (d < issue.listed || d >= issue.delisted) return;
    state.listed[c] = 1;
    const base = this.#bases[c];
    const fine = hasFineTicks(this.#scale[c], sessions.days[d]);
    const isNews = this.#hasJump(c);
    const trades =
      !halted &&
      (this.#volumes.trades(c, this.#shares[c], rng) || isNews || base !== this.#closes[c]);
    if (!trades) {
      this.#table.flags[cell] = cellFlags.listed | (fine ? cellFlags.fineTick : 0);
      this.#table.close[cell] = this.#closes[c];
      this.#volumes.rest(c);
    } else {
      this.#day.base = base;
      this.#day.fine = fine;
      const move = this.#drawParts(c);
      const isThin = this.#shares[c] * issue.turnover < 30 * issue.lot;
      const isHalfDay = !this.#day.hasAfternoon;
      this.#day.hasMorning = isNews || isHalfDay || !(isThin && rng.uniform() < 0.3);
      const volume = this.#day.hasMorning
        ? this.#volumes.draw(c, this.#shares[c], move, isNews ? 0.7 : 0, rng)
        : this.#volumes.drawAfternoon(c, rng);
      this.#closes[c] = writeDay(this.#table, cell, rng, this.#day);
      this.#table.volume[cell] = volume.total;
      this.#table.morningVolume[cell] = isHalfDay ? volume.total : volume.morning;
      state.returns[c] = this.#closes[c] / base - 1;
    }
    state.marketValue[c] = this.#closes[c] * this.#shares[c];
  }

  #hasJump(c: number): boolean {
    return sumParts(this.#jumpParts, c * partCount) !== 0;
  }

  /** Fills the day's parts for issue `c`; returns the absolute move in own standard deviations. */
  #drawParts(c: number): number {
    const { expectations, issues } = this.#input;
    const { beta, cluster, ownVolatility, sector, styles } = issues[c];
    const factors = this.#factors;
    const { parts } = this.#day;
    const rng = this.#paths[c];
    const heat = this.#ownHeat[c];
    const scale =
      ownVolatility * Math.sqrt(heat) * factors.heat ** 0.18 * mixingScale(rng, own.spread);
    const mean = driftPerDay + (expectations === undefined ? 0 : expectations.means[c]);
    let ownReturn = 0;
    for (let part = 0; part < partCount; part += 1) {
      const shock = scale * partScales[part] * rng.normal();
      ownReturn += shock;
      let common = beta * factors.market[part];
      for (let style = 0; style < styles.length; style += 1) {
        common += styles[style] * factors.styles[style * partCount + part];
      }
      if (sector >= 0) common += factors.sectors[sector * partCount + part];
      if (cluster >= 0) common += factors.clusters[cluster * partCount + part];
      parts[part] =
        mean * partShares[part] + common + shock + this.#jumpParts[c * partCount + part];
    }
    const shock = (ownReturn / ownVolatility) ** 2;
    this.#ownHeat[c] = Math.min(
      own.cap,
      1 - own.arch - own.memory + own.arch * shock + own.memory * heat,
    );
    this.#day.variance = scale * scale + factors.variance * beta * beta + 0.00013;
    return Math.abs(sumParts(parts, 0)) / Math.sqrt(this.#day.variance);
  }
}
