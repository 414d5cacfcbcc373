// ATFT-GAT-FAN: adaptive normalisation, variable selection, temporal fusion, graph attention, quantile heads.

import type { Rng } from "../../rng.ts";
import type { DropoutOptions, Tensor } from "../../tensor/index.ts";
import { add, cast, dropout, isNaN, reshape, slice, sub, where } from "../../tensor/index.ts";
import type { Linear, Neighbourhood } from "../../tensor/nn/index.ts";
import { initLinear, linear, windows } from "../../tensor/nn/index.ts";
import type { AtftConfig, AtftSpec } from "./config.ts";
import type { Heads } from "./heads.ts";
import { forecast, initHeads } from "./heads.ts";
import type { LinearForecast } from "./linear-forecast.ts";
import { initLinearForecast, linearForecast } from "./linear-forecast.ts";
import type { MarketGate } from "./market-gate.ts";
import { initMarketGate, marketGate } from "./market-gate.ts";
import type { Peers } from "./peers.ts";
import { initPeers, peers } from "./peers.ts";
import type { SequenceNorm } from "./sequence-norm.ts";
import { initSequenceNorm, normalisesSequences, sequenceNorm } from "./sequence-norm.ts";
import type { StaticContexts, StaticEncoder } from "./static-context.ts";
import { initStaticEncoder, staticContexts } from "./static-context.ts";
import type { Temporal } from "./temporal.ts";
import { initTemporal, repeat, temporal } from "./temporal.ts";
import type { VariableSelection } from "./variable-selection.ts";
import { initVariableSelection, variableSelection } from "./variable-selection.ts";
import type { WindowedNorm } from "./windowed-norm.ts";
import { initWindowedNorm, lastOf, windowedNorm } from "./windowed-norm.ts";

export type AtftParams = {
  readonly windowed?: WindowedNorm;
  readonly gate?: MarketGate;
  readonly sequence?: SequenceNorm;
  readonly statics: StaticEncoder;
  readonly selection: VariableSelection;
  readonly temporal: Temporal;
  /** (F, H) */
  readonly skip?: Linear;
  readonly linear?: LinearForecast;
  readonly peers: Peers;
  readonly heads: Heads;
};

/** Parameters of all blocks, whichever phase will use them. */
export function initAtft(rng: Rng, spec: AtftSpec): AtftParams {
  const { config, features, statics } = spec;
  const { windows: lengths } = config.normalisation;
  return {
    ...(lengths.length > 0 && { windowed: initWindowedNorm(lengths, features.length) }),
    ...(config.marketGate.length > 0 && { gate: initMarketGate(spec) }),
    ...(normalisesSequences(config) && {
      sequence: initSequenceNorm(rng.split("sequence"), config, features.length),
    }),
    statics: initStaticEncoder(rng.split("statics"), statics, config.hidden),
    selection: initVariableSelection(rng.split("selection"), spec),
    temporal: initTemporal(rng.split("temporal"), config),
    ...(config.skip && {
      skip: initLinear(rng.split("skip"), { inputs: features.length, outputs: config.hidden }),
    }),
    ...(config.linear && { linear: initLinearForecast(spec) }),
    peers: initPeers(rng.split("peers"), config),
    heads: initHeads(rng.split("heads"), config),
  };
}

/** Which of the optional blocks are in the graph: a training phase switches them on. */
export interface Blocks {
  readonly normalisation: boolean;
  readonly graph: boolean;
}

export const allBlocks: Blocks = { normalisation: true, graph: true };

/** A stretch of L sessions of S stocks whose last D sessions are forecast; N = D·S nodes, session-major. */
export interface AtftInput {
  /** (L, S, F), NaN where missing; L at least D + T - 1 plus the look-back of the trailing statistics. */
  readonly x: Tensor;
  /** (S, columns) int32 static codes; absent where the spec has no static column. */
  readonly statics: Tensor;
  /** Neighbour lists over the N nodes. */
  readonly hood: Neighbourhood;
}

export interface AtftOptions {
  /** Sessions forecast, D. */
  readonly count: number;
  readonly blocks?: Blocks;
  /** Seeds the dropout; absent: evaluation. */
  readonly rng?: Rng;
}

export interface AtftOutput {
  /** (N, K, Q), ascending along Q. */
  readonly quantiles: Tensor;
  /** Weights of the variable selection: (D + T - 1, S, F), or (T, N, F) where windows are normalised one by one. */
  readonly selection: Tensor;
  /** (T, N) weights of the past sessions. */
  readonly attention: Tensor;
  /** (N, k, A) weights of the neighbours; absent without the graph. */
  readonly peerWeights?: Tensor;
}

export function forwardAtft(
  params: AtftParams,
  spec: AtftSpec,
  input: AtftInput,
  { count, blocks = allBlocks, rng }: AtftOptions,
): AtftOutput {
  const { config } = spec;
  const drop = (name: string, rate = config.dropout): DropoutOptions => ({
    rate,
    rng: rng?.split(name),
  });
  const contexts = staticContexts(params.statics, input.statics);
  const series = normalised(params, spec, { x: input.x, count, contexts, blocks });
  const selected = variableSelection(params.selection, spec, {
    x: series.x,
    observed: series.observed,
    context: series.contexts.selection,
  });
  const decoded = temporal(
    params.temporal,
    { states: dropout(selected.states, drop("selection")), contexts: series.contexts },
    { time: config.time, count: series.count, heads: config.heads, drop: drop("temporal") },
  );
  const linearPart = skipped(params, config, series);
  const around = [series.removed, linearPart].filter((part) => part !== undefined);
  const own = around.reduce(add, decoded.state); // (N, H)
  const common = { selection: selected.weights, attention: decoded.weights };
  const shifted = (quantiles: Tensor): Tensor => {
    if (params.linear === undefined) return quantiles;
    const hood = blocks.graph ? input.hood : undefined;
    return add(quantiles, linearForecast(params.linear, { x: input.x, count, hood }));
  };
  if (!blocks.graph) {
    return { quantiles: shifted(forecast(params.heads, own, drop("heads"))), ...common };
  }
  const heard = { state: own, linearPart: linearPart ?? own };
  const said = peers(params.peers, heard, input.hood, drop("peers", config.graph.dropout));
  const quantiles = shifted(forecast(params.heads, said.state, drop("heads")));
  return { quantiles, ...common, peerWeights: said.weights };
}

/** (N, H): the last session of every window, times a matrix. */
function skipped(
  { skip }: AtftParams,
  { time, hidden }: AtftConfig,
  { x, count }: Series,
): Tensor | undefined {
  if (skip === undefined) return undefined;
  return reshape(linear(skip, slice(x, 0, time - 1, time - 1 + count)), [-1, hidden]);
}

interface Series {
  readonly x: Tensor;
  readonly observed: Tensor;
  readonly contexts: StaticContexts;
  /** Windows still to be cut: D where they share their sessions, 1 where they are cut already. */
  readonly count: number;
  readonly removed?: Tensor;
}

function normalised(
  { windowed, gate, sequence }: AtftParams,
  spec: AtftSpec,
  {
    x: raw,
    count,
    contexts,
    blocks,
  }: { x: Tensor; count: number; contexts: StaticContexts; blocks: Blocks },
): Series {
  const { config } = spec;
  const { time } = config;
  const missing = isNaN(raw);
  const filledIn = where(missing, 0, raw);
  const known = sub(1, cast(missing, "float32"));
  const isWindowed = blocks.normalisation && windowed !== undefined;
  const blended = isWindowed
    ? windowedNorm(windowed, config.normalisation.windows, { x: filledIn, observed: known })
    : filledIn;
  const recent = lastOf(blended, count + time - 1); // (D + T - 1, S, F)
  const x = gate === undefined ? recent : marketGate(gate, spec, recent);
  const observed = lastOf(known, count + time - 1);
  if (!blocks.normalisation || sequence === undefined) return { x, observed, contexts, count };
  const cut = { time, count };
  const own = { x: windows(x, cut), observed: windows(observed, cut) }; // (T, N, F)
  const { x: flat, removed } = sequenceNorm(sequence, config, own);
  return {
    x: flat,
    observed: own.observed,
    contexts: repeated(contexts, count),
    count: 1,
    removed,
  };
}

function repeated(contexts: StaticContexts, count: number): StaticContexts {
  return {
    selection: repeat(contexts.selection, count),
    hidden: repeat(contexts.hidden, count),
    cell: repeat(contexts.cell, count),
    enrichment: repeat(contexts.enrichment, count),
  };
}
