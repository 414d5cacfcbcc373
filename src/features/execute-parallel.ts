// Runs a plan on worker threads over shared memory: codes in blocks for stock columns, sessions in blocks for the others.
// Blocks write disjoint cells with the kernels of `execute.ts`, so the bits do not depend on the number of threads.

import { noProgress, type OnProgress } from "../progress.ts";
import { inTurns, type WorkerPool } from "../workers/index.ts";
import { ColumnStore } from "./column-store.ts";
import type { StepArgs } from "./engine.kernel.ts";
import { finished, prepareStep, runWhole, type EmitColumn } from "./execute.ts";
import { familiesRegistry } from "./families/registry.ts";
import type { Feature } from "./feature.ts";
import { domainOf } from "./feature.ts";
import type { MarketData } from "./market-data.ts";
import { storedInputs, type FeaturePlan, type Step } from "./plan.ts";
import { planTail } from "./tail.ts";
import type { EngineContext } from "./engine-context.ts";

/** A finished column of one step. */
export interface FinishedColumn {
  readonly feature: Feature;
  readonly values: Parameters<EmitColumn>[1];
}

export interface ParallelOptions {
  /** Made with `shared: shareMarket(data)`. */
  readonly pool: WorkerPool;
  /** Takes selected columns that are finished, before their memory is used again. */
  readonly emit: (columns: readonly FinishedColumn[]) => Promise<void>;
  /** As in `executePlan`. */
  readonly first?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** Finished stock columns that wait to be emitted together. */
const columnsAtOnce = 32;
const module = new URL(
  import.meta.url.endsWith(".ts") ? "./engine.kernel.ts" : "./engine.kernel.js",
  import.meta.url,
);

/** As `executePlan`, for the registry of all families. */
export async function executePlanParallel(
  plan: FeaturePlan,
  data: MarketData,
  { pool, emit, first = 0, signal, onProgress = noProgress }: ParallelOptions,
): Promise<void> {
  const registry = familiesRegistry();
  const columns = new ColumnStore(data);
  const tail = first === 0 ? undefined : planTail(registry, plan.selected, data, first);
  const context = { registry, data, columns, tail };
  const selected = new Set(plan.selected);
  let waiting: FinishedColumn[] = [];
  let dead: string[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) await emit(waiting);
    for (const name of dead) columns.release(name);
    for (const { feature } of waiting) {
      done += 1;
      onProgress({ stage: "features", done, total: plan.selected.length, note: feature.family });
    }
    [waiting, dead] = [[], []];
  };
  for (const [index, step] of plan.steps.entries()) {
    signal?.throwIfAborted();
    if (waiting.filter(isStockColumn).length + step.outputs.length > columnsAtOnce) await flush();
    prepareStep(context, step);
    await runStep(context, step, pool, signal);
    for (const name of step.outputs) {
      if (selected.has(name)) {
        waiting.push({ feature: registry.get(name), values: finished(context, name) });
      }
    }
    dead.push(...plan.released[index]);
  }
  await flush();
}

function isStockColumn({ feature }: FinishedColumn): boolean {
  return domainOf(feature) === "stock";
}

async function runStep(
  context: EngineContext,
  step: Step,
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (step.kind === "market" || step.kind === "event") {
    runWhole(context, step.outputs, 0, context.data.panel.dates.length);
    return;
  }
  await inTurns(pool, {
    module,
    kernel: step.kind === "stock" ? "stockStep" : "wholeStep",
    args: argsOf(context, step),
    ...(signal === undefined ? {} : { signal }),
  });
}

function argsOf({ registry, columns, tail }: EngineContext, step: Step): Omit<StepArgs, "turn"> {
  const rows = new Map<string, Float32Array<SharedArrayBuffer>>();
  const series = new Map<string, Float64Array<SharedArrayBuffer>>();
  for (const name of [...step.outputs, ...storedInputs(registry, step)]) {
    if (domainOf(registry.get(name)) === "stock") rows.set(name, columns.rows(name));
    else series.set(name, columns.series(name));
  }
  return {
    outputs: step.outputs,
    rows: [...rows],
    series: [...series],
    tail: tail && { sessions: [...tail.sessions], needs: [...tail.needs] },
  };
}
