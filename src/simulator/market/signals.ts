// Planted signals: the mean of each next return is a mix of standardised signals that anybody could compute from public
// records up to the close. The mix is known here alone, so the share that a model recovers can be measured.

import { investorSection } from "./code-tables.ts";
import type { Filing } from "./filings.ts";
import { flowMemory, type Flows, flowSections } from "./flows.ts";
import type { Expectations, SessionState } from "./generate.ts";
import { type Issue, segmentOn } from "./issues.ts";
import { oracleHorizons } from "./oracle.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Cross-sectional deviation of the planted means at strength 1, over that of returns (weighted over about 16 sessions): it
 * gives an oracle RankIC of about 0.05 at one day in calm and in stormy markets.
 */
const meanShare = 0.0463;

const dispersionMemory = 0.94;

interface SignalRule {
  readonly name: string;
  readonly weight: number;
  /** Expected value after one session, as a share of today's. */
  readonly decay: number;
}

const decays = {
  momentum: 0.97,
  reversal: 0.6,
  drift: 0.93,
  peers: 0.5,
  activity: 0.85,
  activityLevel: 0.98,
} as const;

/** The mix. Returns enter over the equal-weighted market; each signal has cross-sectional mean 0 and deviation 1. */
const signalRules: readonly SignalRule[] = [
  { name: "momentum", weight: 0.3, decay: decays.momentum },
  { name: "reversal", weight: -0.45, decay: decays.reversal },
  { name: "drift", weight: 0.4, decay: decays.drift },
  { name: "flow", weight: 0.25, decay: flowMemory ** 0.2 },
  { name: "peers", weight: 0.5, decay: decays.peers },
  { name: "interaction", weight: 0.45, decay: 0.8 },
];

export interface SignalInput {
  readonly issues: readonly Issue[];
  readonly sessions: Sessions;
  readonly flows: Flows;
  readonly filings: readonly Filing[];
  readonly strength: number;
  readonly clusterCount: number;
}

/** States are exponentially weighted, so that the expected signal of a later session is a known share of today's. */
export class PlantedSignals implements Expectations {
  readonly means: Float64Array;
  /** Expected returns beyond the drift by horizon: session-major, then issue. */
  readonly expected: ReadonlyMap<number, Float32Array>;
  readonly #input: SignalInput;
  readonly #values: readonly Float64Array[];
  readonly #slow: Float64Array;
  readonly #fast: Float64Array;
  readonly #peer: Float64Array;
  readonly #drift: Float64Array;
  readonly #activity: Float64Array;
  readonly #activityLevel: Float64Array;
  readonly #members: Uint8Array;
  readonly #clusterSums: Float64Array;
  readonly #clusterCounts: Int32Array;
  readonly #surprises: ReadonlyMap<number, readonly Filing[]>;
  readonly #sections: Int32Array;
  readonly #size: Float64Array;
  #dispersion = 0.019;

  constructor(input: SignalInput) {
    const { clusterCount, filings, issues, sessions } = input;
    const count = issues.length;
    const column = (): Float64Array => new Float64Array(count);
    this.#input = input;
    this.means = column();
    this.expected = new Map(
      oracleHorizons.map((horizon) => [horizon, new Float32Array(count * sessions.count)]),
    );
    this.#values = signalRules.map(column);
    this.#slow = column();
    this.#fast = column();
    this.#peer = column();
    this.#drift = column();
    this.#activity = column();
    this.#activityLevel = column();
    this.#size = column();
    this.#members = new Uint8Array(count);
    this.#clusterSums = new Float64Array(clusterCount);
    this.#clusterCounts = new Int32Array(clusterCount);
    this.#sections = new Int32Array(count);
    this.#surprises = Map.groupBy(filings, (filing) => filing.session);
  }

  update(d: number, state: SessionState): void {
    this.#markMembers(state);
    this.#updateStates(d, state);
    this.#fillValues(d, state);
    for (const values of this.#values) standardise(values, this.#members);
    this.#mix(d);
  }

  #markMembers({ listed }: SessionState): void {
    const { issues } = this.#input;
    for (let c = 0; c < issues.length; c += 1) {
      this.#members[c] = listed[c] === 1 && issues[c].kind === "stock" ? 1 : 0;
    }
  }

  #updateStates(d: number, { returns, volumeSurprise }: SessionState): void {
    const members = this.#members;
    const average = meanOf(returns, members);
    const dispersion = deviationOf(returns, members);
    if (dispersion > 0) {
      this.#dispersion = dispersionMemory * this.#dispersion + (1 - dispersionMemory) * dispersion;
    }
    for (let c = 0; c < members.length; c += 1) {
      if (members[c] === 0) continue;
      const excess = returns[c] === 0 ? 0 : returns[c] - average;
      this.#slow[c] = decays.momentum * this.#slow[c] + excess;
      this.#fast[c] = decays.reversal * this.#fast[c] + excess;
      this.#peer[c] = decays.peers * this.#peer[c] + excess;
      this.#drift[c] *= decays.drift;
      const level = this.#activityLevel[c];
      this.#activity[c] = decays.activity * this.#activity[c] + (volumeSurprise[c] - level);
      this.#activityLevel[c] =
        decays.activityLevel * level + (1 - decays.activityLevel) * volumeSurprise[c];
    }
    for (const filing of this.#surprises.get(d) ?? []) this.#drift[filing.issue] += filing.surprise;
  }

  #fillValues(d: number, { marketValue }: SessionState): void {
    const { flows, issues, sessions } = this.#input;
    const [momentum, reversal, drift, flow, peers, interaction] = this.#values;
    const pressures = flows.publicAt(d);
    const members = this.#members;
    this.#sumClusters();
    for (let c = 0; c < members.length; c += 1) {
      if (members[c] === 0) continue;
      const { cluster } = issues[c];
      momentum[c] = this.#slow[c];
      reversal[c] = this.#fast[c];
      drift[c] = this.#drift[c];
      const others = this.#clusterCounts[cluster] - 1;
      peers[c] = others > 0 ? (this.#clusterSums[cluster] - this.#peer[c]) / others : 0;
      interaction[c] = this.#activity[c];
      this.#size[c] = Math.log(marketValue[c]);
      this.#sections[c] = flowSections.indexOf(
        investorSection(segmentOn(issues[c], sessions.days[d])),
      );
    }
    standardise(this.#size, members);
    const activity = interaction.slice();
    const trend = momentum.slice();
    standardise(activity, members);
    standardise(trend, members);
    for (let c = 0; c < members.length; c += 1) {
      const section = this.#sections[c];
      flow[c] = pressures === undefined || section < 0 ? 0 : pressures[section] * this.#size[c];
      interaction[c] = Math.tanh(2 * trend[c]) * Math.tanh(2 * activity[c]);
    }
  }

  #sumClusters(): void {
    const { issues } = this.#input;
    this.#clusterSums.fill(0);
    this.#clusterCounts.fill(0);
    for (let c = 0; c < issues.length; c += 1) {
      if (this.#members[c] === 0) continue;
      this.#clusterSums[issues[c].cluster] += this.#peer[c];
      this.#clusterCounts[issues[c].cluster] += 1;
    }
  }

  #mix(d: number): void {
    const { strength } = this.#input;
    const members = this.#members;
    this.means.fill(0);
    for (let k = 0; k < signalRules.length; k += 1) {
      const { weight } = signalRules[k];
      for (let c = 0; c < members.length; c += 1) this.means[c] += weight * this.#values[k][c];
    }
    const deviation = deviationOf(this.means, members);
    const scale = deviation > 0 ? (meanShare * this.#dispersion * strength) / deviation : 0;
    for (let c = 0; c < members.length; c += 1) this.means[c] *= scale * members[c];
    for (const [horizon, column] of this.expected) this.#project(column, d, horizon, scale);
  }

  /** Sum over the coming sessions of each signal's expected share in the mean, shocks to come at zero. */
  #project(column: Float32Array, d: number, horizon: number, scale: number): void {
    const members = this.#members;
    const start = d * members.length;
    for (let k = 0; k < signalRules.length; k += 1) {
      const { decay, weight } = signalRules[k];
      const total = (scale * weight * (1 - decay ** horizon)) / (1 - decay);
      for (let c = 0; c < members.length; c += 1) {
        if (members[c] === 1) column[start + c] += total * this.#values[k][c];
      }
    }
  }
}

/** Mean 0 and deviation 1 over the members, then cut at 3; others become 0. A constant column becomes 0. */
function standardise(values: Float64Array, members: Uint8Array): void {
  const mean = meanOf(values, members);
  const deviation = deviationOf(values, members);
  for (let c = 0; c < values.length; c += 1) {
    const isUsed = members[c] === 1 && deviation > 0;
    values[c] = isUsed ? Math.max(-3, Math.min(3, (values[c] - mean) / deviation)) : 0;
  }
}

function meanOf(values: Float64Array, members: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let c = 0; c < values.length; c += 1) {
    if (members[c] === 1) {
      sum += values[c];
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function deviationOf(values: Float64Array, members: Uint8Array): number {
  const mean = meanOf(values, members);
  let sum = 0;
  let count = 0;
  for (let c = 0; c < values.length; c += 1) {
    if (members[c] === 1) {
      sum += (values[c] - mean) ** 2;
      count += 1;
    }
  }
  return count < 2 ? 0 : Math.sqrt(sum / (count - 1));
}
