// The training loop of one fold: phases, epochs, batches, validation, checkpoints. All of it is in `trainFold`.

import type { TrainConfig } from "../config/train.ts";
import type { AtftParams } from "../model/atft/index.ts";
import { initAtft } from "../model/atft/index.ts";
import type { Rng } from "../rng.ts";
import { orNull } from "../stats/index.ts";
import type { Outputs, StateValue } from "../tensor/index.ts";
import { leavesOf } from "../tensor/index.ts";
import type { Block, SessionSpan } from "./blocks.ts";
import { padSizes, shuffledBlocks, stockCounts } from "./blocks.ts";
import type { CheckpointStore, Resumed } from "./checkpoint.ts";
import { fittedLinear } from "./fitted-linear.ts";
import type { PeersOn } from "./feed.ts";
import { Forecaster, weightsOf } from "./forecaster.ts";
import type { EpochMeans } from "./guards.ts";
import { checkEpoch } from "./guards.ts";
import type { EpochRecord, Progress } from "./progress.ts";
import { advance, rateOf, startOf } from "./progress.ts";
import { calmness, drawWeighted } from "./sampling.ts";
import { type Samples, withTime } from "./samples.ts";
import { initialState } from "./step.ts";
import { averageIn, keepSnapshots } from "./keep-weights.ts";
import { copied, TrainingSession } from "./training-session.ts";
import { validationRankIc } from "./validate.ts";
import { whitenedSkip } from "./whitened-skip.ts";

/** What a fold may see: training targets, and labels of the validation sessions. */
export interface FoldData {
  readonly fold: number;
  readonly samples: Samples;
  /** One array a horizon: (rows) realised returns, for validation. */
  readonly labels: readonly Float32Array[];
  readonly train: readonly SessionSpan[];
  readonly validation: readonly SessionSpan[];
  readonly peersOn?: PeersOn | undefined;
}

export interface TrainFoldOptions {
  readonly config: TrainConfig;
  readonly rng: Rng;
  readonly threads: number;
  readonly store: CheckpointStore;
  /** Told after each update. */
  readonly onStep?: (step: StepNews) => void;
  /** Told after each epoch, when its checkpoint is on disk. */
  readonly onEpoch?: (record: EpochRecord, progress: Progress) => Promise<void> | void;
  /** Told the sessions run at once where memory does not suffice for more; updates and forecasts back off one by one. */
  readonly onBackOff?: (days: number) => void;
  /** Stops after the update that runs; the fold resumes from its last checkpoint. */
  readonly signal?: AbortSignal;
}

export interface StepNews {
  readonly done: number;
  readonly total: number;
  readonly loss: number;
}

/** Trains a fold to its end, or from where its last checkpoint is. Returns its progress; weights are in the store. */
export async function trainFold(data: FoldData, options: TrainFoldOptions): Promise<Progress> {
  const { config, store, rng } = options;
  const params = initAtft(rng.split("init"), data.samples.spec);
  let { progress, state, averaged } =
    (await resumed(params, store)) ?? start(data, params, rng.split("whitened"));
  while (!progress.isDone && options.signal?.aborted !== true) {
    const phaseIndex = progress.phase;
    const tools = openPhase(data, params, progress, options);
    tools.session.load(state, progress.steps);
    while (!progress.isDone && progress.phase === phaseIndex) {
      const record = await runEpoch(data, tools, progress, options);
      if (record === undefined) break;
      progress = advance(progress, record, config);
      state = tools.session.state();
      averaged = averageIn(averaged, weightsOf(state, params, "params"), progress, config);
      await keepSnapshots(store, progress, record, weightsOf(state, params), config);
      await store.saveLast({ progress, state, averaged });
      await options.onEpoch?.(record, progress);
    }
    state = tools.session.state().map(copied);
    await tools.close();
  }
  if (progress.isDone && averaged.length > 0) await store.saveWeights("swa", averaged, {});
  return progress;
}

async function resumed(params: AtftParams, store: CheckpointStore): Promise<Resumed | undefined> {
  const leaves = leavesOf(initialState(params));
  return store.resume(leaves.map(({ path, tensor }) => ({ path, shape: tensor.shape })));
}

/** A fold that has not begun: what can be solved from the training rows is not left to the updates. */
function start(data: FoldData, params: AtftParams, rng: Rng): Resumed {
  const { fold, samples, train } = data;
  const whitened = whitenedSkip(params, samples, { train, rng });
  const solved = fittedLinear(whitened, samples, data);
  return { progress: startOf(fold), state: valuesOf(initialState(solved)), averaged: [] };
}

interface PhaseTools {
  readonly params: AtftParams;
  readonly session: TrainingSession;
  readonly forecaster: Forecaster;
  readonly close: () => Promise<void>;
}

function openPhase(
  data: FoldData,
  params: AtftParams,
  { phase: index }: Progress,
  { config, rng, threads, onBackOff }: TrainFoldOptions,
): PhaseTools {
  const phase = config.phases[index];
  const samples = withTime(data.samples, phase.time);
  const counts = stockCounts(samples, data.train, config.batchDays);
  const session = new TrainingSession(samples, {
    config,
    phase,
    params,
    threads,
    sizes: padSizes(counts),
    rng: rng.split(`dropout/${phase.name}`),
    peersOn: data.peersOn,
    ...(onBackOff && { onBackOff }),
  });
  const forecaster = new Forecaster(samples, {
    params,
    blocks: phase,
    days: config.batchDays,
    threads,
    device: config.device,
    peersOn: data.peersOn,
    ...(onBackOff && { onBackOff }),
  });
  return {
    params,
    session,
    forecaster,
    close: async () => {
      await session.close();
      await forecaster.close();
    },
  };
}

function epochBlocks(data: FoldData, config: TrainConfig, rng: Rng): readonly Block[] {
  const { batchDays, epochBatches, sampling } = config;
  const blocks = shuffledBlocks(data.samples, data.train, { days: batchDays, rng });
  const count = epochBatches === 0 ? blocks.length : Math.min(epochBatches, blocks.length);
  if (sampling === "uniform") return blocks.slice(0, count);
  const weights = calmness(data.samples, data.labels[0], { blocks, days: batchDays });
  return drawWeighted(blocks, weights, { count, rng: rng.split("sampling") });
}

/** One epoch and its validation; undefined where it was stopped. */
async function runEpoch(
  data: FoldData,
  { session, forecaster, params }: PhaseTools,
  progress: Progress,
  { config, rng, signal, onStep }: TrainFoldOptions,
): Promise<EpochRecord | undefined> {
  const phase = config.phases[progress.phase];
  const own = rng.split(`epoch/${progress.epoch}`);
  const blocks = epochBlocks(data, config, own);
  const started = performance.now();
  const insideBefore = session.insideMs;
  const sums = new Map<string, number>();
  let samples = 0;
  let rate = 0;
  for (const [i, block] of blocks.entries()) {
    if (signal?.aborted === true) return undefined;
    rate = rateOf(phase, progress.phaseEpoch * blocks.length + i, {
      ...config,
      factor: progress.plateau.factor,
      steps: phase.epochs * blocks.length,
    });
    const stocks = own.split(i).shuffle(block.stocks);
    const outputs = await session.update({ ...block, stocks }, rate);
    addScalars(sums, outputs);
    samples += block.stocks.length * config.batchDays;
    onStep?.({ done: i + 1, total: blocks.length, loss: Number(outputs["loss"][0]) });
  }
  const totalMs = performance.now() - started;
  const means = meansOf(sums, blocks.length);
  checkEpoch(progress.epoch, means, progress.records[0]);
  forecaster.load(weightsOf(session.state(), params));
  const quantiles = await forecaster.quantiles(data.validation);
  const rankIc = validationRankIc(data.samples, quantiles, data.labels, data.validation);
  return {
    fold: data.fold,
    epoch: progress.epoch,
    phase: phase.name,
    step: session.steps,
    rate,
    ...means,
    rankIc: rankIc.map(orNull),
    score: orNull(weightedMean(rankIc, config.horizonWeights)),
    samples,
    seconds: totalMs / 1000,
    outside: 1 - (session.insideMs - insideBefore) / totalMs,
  };
}

function addScalars(sums: Map<string, number>, outputs: Outputs): void {
  for (const [name, data] of Object.entries(outputs)) {
    sums.set(name, (sums.get(name) ?? 0) + Number(data[0]));
  }
}

function meansOf(
  sums: ReadonlyMap<string, number>,
  count: number,
): EpochMeans & { readonly terms: Record<string, number> } {
  const means = new Map([...sums].map(([name, sum]) => [name, sum / count]));
  const take = (name: string): number => {
    const value = means.get(name) ?? 0;
    means.delete(name);
    return value;
  };
  const [loss, norm, spread] = [take("loss"), take("norm"), take("spread")];
  return { loss, norm, spread, terms: Object.fromEntries(means) };
}

function weightedMean(values: readonly number[], weights: readonly number[]): number {
  let [sum, total] = [0, 0];
  values.forEach((value, k) => {
    const weight = weights[Math.min(k, weights.length - 1)] ?? 1;
    if (!Number.isFinite(value)) return;
    sum += value * weight;
    total += weight;
  });
  return sum / total;
}

function valuesOf(tree: unknown): StateValue[] {
  return leavesOf(tree).map(({ path, tensor }) => ({
    path,
    shape: tensor.shape,
    data: tensor.node.data?.slice() ?? new Float32Array(tensor.size),
  }));
}
