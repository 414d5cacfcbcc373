// One small training of a planted panel, as tests and child processes start it.

import { type TrainConfig, trainConfig } from "../../src/config/train.ts";
import { initAtft } from "../../src/model/atft/index.ts";
import { createRng } from "../../src/rng.ts";
import type { PeersOn } from "../../src/train/feed.ts";
import type { Identity, Progress, Samples } from "../../src/train/index.ts";
import { CheckpointStore, trainFold } from "../../src/train/index.ts";
import { TrainingSession } from "../../src/train/training-session.ts";
import { nextStocks, plantedSamples } from "./planted.ts";

export const identity: Identity = {
  format: "test",
  abi: "abi",
  horizons: "1",
  config: "config",
  data: "data",
};

export function twoPhases(first: number, second: number, rate = 1e-2): readonly object[] {
  const weights = { quantile: 1, ic: 0.3 };
  return [
    { name: "baseline", epochs: first, rate, normalisation: false, graph: false, weights },
    { name: "gat", epochs: second, rate, normalisation: true, graph: true, weights },
  ];
}

/** The first phase of `config` on 24 stocks, `days` sessions of a batch at once. */
export function smallSession(samples: Samples, config: TrainConfig, days: number): TrainingSession {
  return new TrainingSession(samples, {
    config,
    phase: config.phases[0],
    sizes: [24],
    params: initAtft(createRng(1), samples.spec),
    rng: createRng(1),
    threads: 1,
    days,
    peersOn: nextStocks(samples),
  });
}

export interface SmallTraining {
  readonly samples?: Samples;
  readonly peersOn?: PeersOn;
  readonly config: Readonly<Record<string, unknown>>;
  readonly dropout?: number;
  readonly seed?: number;
  /** Updates after which the run is stopped. */
  readonly stopAfter?: number;
  readonly onEpoch?: (progress: Progress) => void;
  readonly onStep?: () => void;
  readonly onBackOff?: (days: number) => void;
}

export async function smallTraining(
  folder: string,
  {
    config,
    dropout = 0,
    seed = 1,
    stopAfter = Infinity,
    onEpoch,
    onStep,
    onBackOff,
    ...given
  }: SmallTraining,
): Promise<{ readonly progress: Progress; readonly store: CheckpointStore }> {
  const samples = given.samples ?? plantedSamples({ sessions: 80, config: { dropout } });
  const store = new CheckpointStore(folder, identity);
  const controller = new AbortController();
  let steps = 0;
  const sessions = samples.dates.length;
  const border = Math.floor(sessions * 0.7);
  const progress = await trainFold(
    {
      fold: 0,
      samples,
      labels: samples.targets,
      train: [{ start: 10, end: border }],
      validation: [{ start: border + 1, end: sessions }],
      peersOn: given.peersOn ?? nextStocks(samples),
    },
    {
      config: trainConfig.parse({ batchDays: 4, warmUpSteps: 5, emaDecay: 0.9, ...config }),
      rng: createRng(seed),
      threads: 1,
      store,
      signal: controller.signal,
      onStep: () => {
        steps += 1;
        onStep?.();
        if (steps >= stopAfter) controller.abort();
      },
      onEpoch: (_, now) => onEpoch?.(now),
      ...(onBackOff && { onBackOff }),
    },
  );
  return { progress, store };
}
