// Runs a plan on worker threads over shared memory: codes in blocks for stock columns, sessions in blocks for the others.
// Blocks write disjoint cells with the kernels of `execute.ts`, so the bits do not depend on the number of threads.

import { noProgress, type OnProgress } from "../progress.ts";
import { splitBlocks, type WorkerPool } from "../workers/index.ts";
import { ColumnStore } from "./column-store.ts";
import type { StepArgs } from "./engine.kernel.ts";
import { finished, prepareStep, runWhole, type EmitColumn } from "./execute.ts";
import { familiesRegistry } from "./families/registry.ts";
import type { Feature } from "./feature.ts";
import { domainOf } from "./feature.ts";
import type { MarketData } from "./market-data.ts";
import { storedInputs, type FeaturePlan, type Step } from "./plan.ts";
import { shareMarket, type SharedMarket } from "./shared-market.ts";
import type { WholeContext } from "./whole-steps.ts";

/** A finished column of one step. */
export interface FinishedColumn {
  readonly feature: Feature;
  readonly values: Parameters<EmitColumn>[1];
}

export interface ParallelOptions {
  readonly pool: WorkerPool;
  /** Takes the selected columns that a step finished, before their memory is used again. */
  readonly emit: (columns: readonly FinishedColumn[], market: SharedMarket) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

const codesABlock = 128;
const sessionsABlock = 256;
const module = new URL(
  import.meta.url.endsWith(".ts") ? "./engine.kernel.ts" : "./engine.kernel.js",
  import.meta.url,
);

/** As `executePlan`, for the registry of all families. */
export async function executePlanParallel(
  plan: FeaturePlan,
  data: MarketData,
  { pool, emit, signal, onProgress = noProgress }: ParallelOptions,
): Promise<void> {
  const registry = familiesRegistry();
  const columns = new ColumnStore(data);
  const context = { registry, data, columns };
  const market = shareMarket(data);
  const selected = new Set(plan.selected);
  let done = 0;
  for (const [index, step] of plan.steps.entries()) {
    signal?.throwIfAborted();
    prepareStep(context, step);
    await runStep(context, market, step, pool, signal);
    const ready = step.outputs
      .filter((name) => selected.has(name))
      .map((name) => ({ feature: registry.get(name), values: finished(context, name) }));
    if (ready.length > 0) await emit(ready, market);
    for (const name of plan.released[index]) columns.release(name);
    for (const { feature } of ready) {
      done += 1;
      onProgress({ stage: "features", done, total: plan.selected.length, note: feature.family });
    }
  }
}

async function runStep(
  context: WholeContext,
  market: SharedMarket,
  step: Step,
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { data } = context;
  if (step.kind === "market" || step.kind === "event") {
    runWhole(context, step.outputs[0], 0, data.panel.dates.length);
    return;
  }
  const isStock = step.kind === "stock";
  await pool.mapBlocks({
    module,
    kernel: isStock ? "stockStep" : "wholeStep",
    blocks: isStock
      ? splitBlocks(data.panel.codes.length, codesABlock)
      : splitBlocks(data.panel.dates.length, sessionsABlock),
    args: { ...argsOf(context, market, step) },
    ...(signal === undefined ? {} : { signal }),
  });
}

function argsOf({ registry, columns }: WholeContext, market: SharedMarket, step: Step): StepArgs {
  const rows = new Map<string, Float32Array<SharedArrayBuffer>>();
  const series = new Map<string, Float64Array<SharedArrayBuffer>>();
  for (const name of [...step.outputs, ...storedInputs(registry, step)]) {
    if (domainOf(registry.get(name)) === "stock") rows.set(name, columns.rows(name));
    else series.set(name, columns.series(name));
  }
  return { market, outputs: step.outputs, rows: [...rows], series: [...series] };
}
