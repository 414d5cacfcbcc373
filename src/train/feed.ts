// Fills the inputs of a compiled step from a block: gathers rows into fixed buffers, so that nothing is copied twice.

import { ShapeError } from "../errors.ts";
import { edgeAttributeCount, lookbackOf } from "../model/atft/index.ts";
import type { Block } from "./blocks.ts";
import type { Samples } from "./samples.ts";

/** Static shape of a batch: D sessions forecast of S stocks. */
export interface BatchShape {
  readonly days: number;
  readonly stocks: number;
}

/** Peers of every stock as of a session. */
export interface PeerLists {
  /** (codes · k) positions of codes, -1 where the list is shorter. */
  readonly neighbours: Int32Array;
  /** (codes · k · 3) correlation, same sector, same section. */
  readonly attributes: Float32Array;
}

/** Peers as of the close of `session`: it may read nothing later. */
export type PeersOn = (session: number) => PeerLists;

/** Inputs of a step by name. */
export type Feed = {
  readonly x: Float32Array;
  readonly statics: Int32Array;
  readonly neighbours: Int32Array;
  readonly present: Float32Array;
  readonly edges: Float32Array;
  readonly labels: Float32Array;
  readonly known: Float32Array;
};

/** Sessions that a block of `days` reads: windows and what the trailing statistics look back on. */
export function blockLength({ spec }: Samples, days: number): number {
  return days + spec.config.time - 1 + lookbackOf(spec.config);
}

/** Zeroed buffers for batches of one shape. */
export function allocateFeed(samples: Samples, { days, stocks }: BatchShape): Feed {
  const { config, features, statics } = samples.spec;
  const nodes = days * stocks;
  const { neighbours } = config.graph;
  return {
    x: new Float32Array(blockLength(samples, days) * stocks * features.length),
    statics: new Int32Array(stocks * Math.max(1, statics.length)),
    neighbours: new Int32Array(nodes * neighbours),
    present: new Float32Array(nodes * neighbours),
    edges: new Float32Array(nodes * neighbours * edgeAttributeCount),
    labels: new Float32Array(nodes * config.horizons.length),
    known: new Float32Array(nodes * config.horizons.length),
  };
}

export interface FillOptions {
  readonly shape: BatchShape;
  /** Absent: no stock has neighbours. */
  readonly peersOn?: PeersOn | undefined;
}

/** Fills `feed` with a block. Throws ShapeError when the block has more stocks than the shape. */
export function fillFeed(
  samples: Samples,
  block: Block,
  feed: Feed,
  { shape, peersOn }: FillOptions,
): void {
  if (block.stocks.length > shape.stocks) {
    throw new ShapeError(
      `fillFeed: the batch holds ${shape.stocks} stocks, the block has ${block.stocks.length}`,
    );
  }
  fillFeatures(samples, block, feed.x, shape);
  fillStatics(samples, block, feed.statics);
  fillLabels(samples, block, feed, shape);
  fillPeers(samples, block, feed, { shape, peersOn });
}

function fillFeatures(
  samples: Samples,
  { start, stocks }: Block,
  x: Float32Array,
  shape: BatchShape,
): void {
  const { rowOf, values, codeNames, spec } = samples;
  const width = spec.features.length;
  const length = blockLength(samples, shape.days);
  const first = start + shape.days - length;
  x.fill(Number.NaN);
  for (let step = 0; step < length; step += 1) {
    const session = first + step;
    if (session < 0 || session >= samples.dates.length) continue;
    for (let slot = 0; slot < stocks.length; slot += 1) {
      const row = rowOf[session * codeNames.length + stocks[slot]];
      if (row < 0) continue;
      const at = (step * shape.stocks + slot) * width;
      x.set(values.subarray(row * width, (row + 1) * width), at);
    }
  }
}

/** The static codes of a stock's last row up to the first session forecast, else of its next one. */
function fillStatics(samples: Samples, { start, stocks }: Block, statics: Int32Array): void {
  const width = samples.spec.statics.length;
  statics.fill(0);
  for (let slot = 0; slot < stocks.length && width > 0; slot += 1) {
    const row = nearestRow(samples, start, stocks[slot]);
    for (let i = 0; i < width; i += 1) statics[slot * width + i] = samples.statics[row * width + i];
  }
}

function nearestRow({ rowOf, codeNames, dates }: Samples, start: number, code: number): number {
  const codes = codeNames.length;
  for (let session = start; session >= 0 && session > start - 250; session -= 1) {
    if (rowOf[session * codes + code] >= 0) return rowOf[session * codes + code];
  }
  let session = start;
  while (session < dates.length && rowOf[session * codes + code] < 0) session += 1;
  return rowOf[session * codes + code];
}

function fillLabels(
  { rowOf, codeNames, targets, dates }: Samples,
  { start, stocks }: Block,
  { labels, known }: Feed,
  shape: BatchShape,
): void {
  const horizons = targets.length;
  labels.fill(0);
  known.fill(0);
  for (let day = 0; day < shape.days && start + day < dates.length; day += 1) {
    for (let slot = 0; slot < stocks.length; slot += 1) {
      const row = rowOf[(start + day) * codeNames.length + stocks[slot]];
      if (row < 0) continue;
      const at = (day * shape.stocks + slot) * horizons;
      for (let k = 0; k < horizons; k += 1) {
        const value = targets[k][row];
        if (value !== value) continue;
        labels[at + k] = value;
        known[at + k] = 1;
      }
    }
  }
}

function fillPeers(
  samples: Samples,
  { start, stocks }: Block,
  { neighbours, present, edges }: Feed,
  { shape, peersOn }: FillOptions,
): void {
  const count = samples.spec.config.graph.neighbours;
  present.fill(0);
  neighbours.fill(0);
  edges.fill(0);
  if (peersOn === undefined) return;
  const slotOf = new Int32Array(samples.codeNames.length).fill(-1);
  stocks.forEach((code, slot) => (slotOf[code] = slot));
  for (let day = 0; day < shape.days && start + day < samples.dates.length; day += 1) {
    const lists = peersOn(start + day);
    const target = { neighbours, present, edges, offset: day * shape.stocks, count };
    fillDay(lists, stocks, slotOf, target);
  }
}

interface DayTarget {
  readonly neighbours: Int32Array;
  readonly present: Float32Array;
  readonly edges: Float32Array;
  readonly offset: number;
  readonly count: number;
}

function fillDay(
  lists: PeerLists,
  stocks: Int32Array,
  slotOf: Int32Array,
  { neighbours, present, edges, offset, count }: DayTarget,
): void {
  for (let slot = 0; slot < stocks.length; slot += 1) {
    for (let i = 0; i < count; i += 1) {
      const from = stocks[slot] * count + i;
      const peer = lists.neighbours[from];
      if (peer < 0 || slotOf[peer] < 0) continue;
      const edge = (offset + slot) * count + i;
      neighbours[edge] = offset + slotOf[peer];
      present[edge] = 1;
      for (let j = 0; j < edgeAttributeCount; j += 1) {
        edges[edge * edgeAttributeCount + j] = lists.attributes[from * edgeAttributeCount + j];
      }
    }
  }
}
