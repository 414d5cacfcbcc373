// Runs a plan on this thread: the reference that the parallel engine must equal bit for bit.

import type { Feature } from "./feature.ts";
import { domainOf } from "./feature.ts";
import { ColumnStore } from "./column-store.ts";
import { lowerBound } from "../panel/panel.ts";
import type { MarketData } from "./market-data.ts";
import type { FeaturePlan, Step } from "./plan.ts";
import { runPanel } from "./panel-step.ts";
import type { Registry } from "./registry.ts";
import { createTile, fillTile, listRows, moveTile, tileCodes } from "./row-tile.ts";
import { StockEvaluator } from "./stock-evaluator.ts";
import { planTail } from "./tail.ts";
import { firstSession, type EngineContext } from "./engine-context.ts";
import { runCrossSections, runEvent, runGroup, runMarket } from "./whole-steps.ts";

/** Takes a finished column. Stock columns hold a float32 a row, the others a float64 a session (group-major). */
export type EmitColumn = (
  feature: Feature,
  values: Float32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer>,
) => Promise<void> | void;

/**
 * Computes every selected column and hands each to `emit`, in the order of the plan's steps. With a `first` session, earlier rows
 * of a column hold whatever its memory held.
 */
export async function executePlan(
  registry: Registry,
  plan: FeaturePlan,
  data: MarketData,
  emit: EmitColumn,
  first = 0,
): Promise<void> {
  const columns = new ColumnStore(data);
  const tail = first === 0 ? undefined : planTail(registry, plan.selected, data, first);
  const context = { registry, data, columns, tail };
  const selected = new Set(plan.selected);
  for (const [index, step] of plan.steps.entries()) {
    runStep(context, step);
    for (const name of step.outputs) {
      if (selected.has(name)) await emit(registry.get(name), finished(context, name));
    }
    for (const name of plan.released[index]) columns.release(name);
  }
}

/** Makes room for a step's columns. */
export function prepareStep({ registry, columns }: EngineContext, step: Step): void {
  for (const name of step.outputs) {
    const domain = domainOf(registry.get(name));
    if (domain === "stock") columns.addRows(name);
    else columns.addSeries(name, domain);
  }
}

/** A finished column, whatever its domain. */
export function finished(
  { registry, columns }: EngineContext,
  name: string,
): Float32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer> {
  return domainOf(registry.get(name)) === "stock" ? columns.rows(name) : columns.series(name);
}

function runStep(context: EngineContext, step: Step): void {
  prepareStep(context, step);
  const { data } = context;
  if (step.kind === "stock") {
    runStockTiles(context, step.outputs, Array(tileCount(data)).keys());
    return;
  }
  const first = firstSession(context, step.outputs);
  runWhole(context, step.outputs, first, data.panel.dates.length);
}

/** Computes the columns of a step other than a stock one; cross-sections and aggregates for the sessions from `from` to before `to`. */
export function runWhole(
  context: EngineContext,
  outputs: readonly string[],
  from: number,
  to: number,
): void {
  const features = outputs.map((name) => context.registry.get(name));
  const [feature] = features;
  if (feature.kind === "crossSection") {
    const sections = features.filter((each) => each.kind === "crossSection");
    runCrossSections(context, sections, from, to);
  } else if (feature.kind === "group") runGroup(context, feature, from, to);
  else if (feature.kind === "panel") runPanel(context, feature.bundle, from, to);
  else if (feature.kind === "market") runMarket(context, feature);
  else if (feature.kind === "event") runEvent(context, feature);
}

/** Computes stock columns for the codes of each tile in `tiles`: tile t begins with code t × `tileCodes`. */
export function runStockTiles(
  context: EngineContext,
  outputs: readonly string[],
  tiles: Iterable<number>,
): void {
  const { data, columns } = context;
  const evaluator = new StockEvaluator(context, outputs);
  const firsts = outputs.map((name) => firstSession(context, [name]));
  const from = Math.min(...firsts);
  const targets = outputs.map((name) => columns.rows(name));
  const sources = outputs.map((name) => evaluator.values(name));
  const tile = createTile(data, outputs.length);
  const length = data.panel.dates.length;
  for (const index of tiles) {
    const first = index * tileCodes;
    const last = Math.min(first + tileCodes, data.panel.codes.length);
    listRows(data, tile, first, last, from);
    for (let code = first; code < last; code += 1) {
      const span = { from: 0, end: evaluator.evaluate(code) };
      const own = evaluator.sessions.subarray(0, span.end);
      for (let k = 0; k < sources.length; k += 1) {
        span.from = firsts[k] === 0 ? 0 : lowerBound(own, firsts[k]);
        fillTile(tile.columns[k], sources[k], evaluator.sessions, span, code - first, length);
      }
    }
    targets.forEach((target, k) => moveTile(tile, tile.columns[k], target, firsts[k]));
  }
}

/** How many tiles the codes make. */
export function tileCount({ panel }: MarketData): number {
  return Math.ceil(panel.codes.length / tileCodes);
}
