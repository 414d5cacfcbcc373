// Plan, then execute: in which order columns are computed, which are kept for whom, when each buffer dies, and what it costs.

import type { Feature } from "./feature.ts";
import { domainOf } from "./feature.ts";
import type { Registry } from "./registry.ts";

/** Computed per code, in one pass over the code's own sessions; not stored unless somebody else needs them. */
export interface StockStep {
  readonly kind: "stock";
  /** Columns that this step stores. */
  readonly outputs: readonly string[];
}

/** Computed for all stocks, groups or the market at once, and stored. */
export interface WholeStep {
  readonly kind: "crossSection" | "group" | "panel" | "market" | "event";
  /** One column, all those of a bundle, or cross-sections within the same groups. */
  readonly outputs: readonly string[];
}

export type Step = StockStep | WholeStep;

export interface FeaturePlan {
  readonly selected: readonly string[];
  readonly steps: readonly Step[];
  /** Columns that nobody reads after step i. */
  readonly released: readonly (readonly string[])[];
  /** Sessions before the first row that some finite column needs; recursive columns read from the first session on. */
  readonly warmUp: number;
  /** Names of the selected or needed columns without finite lookback. */
  readonly recursive: readonly string[];
}

export interface PlanOptions {
  /** How many stock columns one step may store; default 32. */
  readonly batch?: number | undefined;
}

/** Orders the closure of `selected` into steps. */
export function planFeatures(
  registry: Registry,
  selected: readonly string[],
  { batch = 32 }: PlanOptions = {},
): FeaturePlan {
  const closure = registry.closure(selected);
  const levels = levelsOf(registry, closure);
  const stored = storedStocks(registry, closure, selected);
  const steps: Step[] = [];
  const last = Math.max(0, ...levels.values());
  for (let level = 0; level <= last; level += 1) {
    const here = closure.filter((feature) => levels.get(feature.name) === level);
    steps.push(...wholeSteps(registry, here, levels, batch));
    const outputs = here.filter(isPerStock).map((feature) => feature.name);
    const kept = outputs.filter((name) => stored.has(name));
    for (let i = 0; i < kept.length; i += batch) {
      steps.push({ kind: "stock", outputs: kept.slice(i, i + batch) });
    }
  }
  return {
    selected,
    steps,
    released: releases(registry, steps),
    warmUp: warmUpOf(closure),
    recursive: closure.filter(({ lookback }) => lookback === Infinity).map(({ name }) => name),
  };
}

/** True for what the per-code pass computes: stock features and records keyed by code. */
export function isPerStock(feature: Feature): boolean {
  return feature.kind === "stock" || (feature.kind === "event" && feature.by === "stock");
}

/** Per-code features that the pass for `outputs` computes, inputs first. */
export function perStockClosure(
  registry: Registry,
  outputs: readonly string[],
): readonly Feature[] {
  const ordered = new Map<string, Feature>();
  const visit = (name: string): void => {
    if (ordered.has(name) || !registry.has(name)) return;
    const feature = registry.get(name);
    if (!isPerStock(feature)) return;
    for (const input of feature.inputs) visit(input);
    ordered.set(name, feature);
  };
  for (const name of outputs) visit(name);
  return [...ordered.values()];
}

/** A short text of the plan: steps, stored columns alive at each, bytes for `rows` rows. */
export function describePlan(plan: FeaturePlan, registry: Registry, rows: number): string {
  let alive = 0;
  let peak = 0;
  const lines = plan.steps.map((step, index) => {
    alive += storedColumns(registry, step.outputs);
    peak = Math.max(peak, alive);
    const line = `${String(index + 1).padStart(3)} ${step.kind.padEnd(12)} ${step.outputs.length} columns, ${alive} in memory: ${step.outputs.slice(0, 4).join(" ")}${step.outputs.length > 4 ? " ..." : ""}`;
    alive -= storedColumns(registry, plan.released[index]);
    return line;
  });
  const mebibytes = ((peak * rows * 4) / 2 ** 20).toFixed(0);
  return [
    `${plan.selected.length} columns in ${plan.steps.length} steps; warm-up ${plan.warmUp} sessions, ${plan.recursive.length} recursive columns; column buffers at most ${mebibytes} MiB`,
    ...lines,
  ].join("\n");
}

function storedColumns(registry: Registry, names: readonly string[]): number {
  return names.filter((name) => domainOf(registry.get(name)) === "stock").length;
}

/**
 * Steps of one level for what is not computed per code. Cross-sections within the same groups that read lower levels only share
 * a step, where the first of them stands.
 */
function wholeSteps(
  registry: Registry,
  here: readonly Feature[],
  levels: ReadonlyMap<string, number>,
  batch: number,
): readonly WholeStep[] {
  const steps: { kind: WholeStep["kind"]; outputs: string[]; within: string | undefined }[] = [];
  const made = new Set<string>();
  for (const feature of here) {
    if (feature.kind === "stock" || isPerStock(feature) || made.has(feature.name)) continue;
    const isFree = feature.inputs.every(
      (input) => !registry.has(input) || levels.get(input) !== levels.get(feature.name),
    );
    const within = feature.kind === "crossSection" && isFree ? `${feature.within}` : undefined;
    const open = steps.find(
      (step) => within !== undefined && step.within === within && step.outputs.length < batch,
    );
    const outputs = feature.kind === "panel" ? feature.bundle.outputs : [feature.name];
    if (open === undefined) steps.push({ kind: feature.kind, outputs: [...outputs], within });
    else open.outputs.push(...outputs);
    for (const name of outputs) made.add(name);
  }
  return steps.map(({ kind, outputs }) => ({ kind, outputs }));
}

/** A level is computed after all lower ones; within a level the whole-market columns come before the per-code pass. */
function levelsOf(registry: Registry, closure: readonly Feature[]): Map<string, number> {
  const levels = new Map<string, number>();
  for (const feature of closure) {
    let level = 0;
    for (const input of feature.inputs) {
      const below = levels.get(input);
      if (below === undefined) continue;
      const waits = !isPerStock(feature) && isPerStock(registry.get(input));
      level = Math.max(level, below + (waits ? 1 : 0));
    }
    levels.set(feature.name, level);
  }
  return levels;
}

/** Per-code columns to store: the selected ones and those that a whole-market column reads. */
function storedStocks(
  registry: Registry,
  closure: readonly Feature[],
  selected: readonly string[],
): Set<string> {
  const stored = new Set(selected);
  for (const feature of closure) {
    if (isPerStock(feature)) continue;
    for (const input of feature.inputs) if (registry.has(input)) stored.add(input);
  }
  return stored;
}

/** For each step, the stored columns whose last reader it is. */
function releases(registry: Registry, steps: readonly Step[]): string[][] {
  const lastUse = new Map<string, number>();
  steps.forEach((step, index) => {
    for (const name of step.outputs) lastUse.set(name, index);
    for (const input of storedInputs(registry, step)) lastUse.set(input, index);
  });
  const released: string[][] = steps.map(() => []);
  for (const [name, index] of lastUse) released[index].push(name);
  return released;
}

/** Stored columns that a step reads. */
export function storedInputs(registry: Registry, step: Step): readonly string[] {
  const features =
    step.kind === "stock"
      ? perStockClosure(registry, step.outputs)
      : step.outputs.map((name) => registry.get(name));
  const inputs = features.flatMap((feature) =>
    feature.kind === "event" ? [] : feature.inputs.filter((input) => registry.has(input)),
  );
  return [...new Set(inputs)].filter(
    (input) => step.kind !== "stock" || !isPerStock(registry.get(input)),
  );
}

function warmUpOf(closure: readonly Feature[]): number {
  const depth = new Map<string, number>();
  for (const { name, inputs, lookback, lag } of closure) {
    const below = Math.max(0, ...inputs.map((input) => depth.get(input) ?? 0));
    depth.set(name, below + (lookback === Infinity ? 0 : lookback - 1) + lag);
  }
  return Math.max(0, ...depth.values());
}
