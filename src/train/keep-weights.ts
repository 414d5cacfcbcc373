// Which weights of a training stay on disk: the best epoch's, the best few as snapshots, the average of the last epochs.

import type { TrainConfig } from "../config/train.ts";
import type { StateValue } from "../tensor/index.ts";
import type { CheckpointStore } from "./checkpoint.ts";
import type { EpochRecord, Progress } from "./progress.ts";

/** Saves the moving average as `best` when the epoch is the best so far, and as a snapshot while it is among the best n. */
export async function keepSnapshots(
  store: CheckpointStore,
  progress: Progress,
  record: EpochRecord,
  weights: readonly StateValue[],
  { phases, snapshots }: TrainConfig,
): Promise<void> {
  const notes = { phase: record.phase, epoch: String(record.epoch), score: String(record.score) };
  const isFirst = progress.records.length === 1;
  if (progress.best?.epoch === record.epoch || (progress.best === null && isFirst)) {
    await store.saveWeights("best", weights, notes);
  }
  const name = (epoch: number): string => `snapshot-${String(epoch).padStart(3, "0")}`;
  const last = phases[phases.length - 1].name;
  const ranked = progress.records
    .filter(({ score, phase }) => score !== null && phase === last)
    .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0));
  const kept = new Set(ranked.slice(0, snapshots).map(({ epoch }) => name(epoch)));
  if (kept.has(name(record.epoch))) await store.saveWeights(name(record.epoch), weights, notes);
  for (const old of await store.snapshots()) if (!kept.has(old)) await store.remove(old);
}

/** Adds the weights to the running mean during the last `swaEpochs` epochs of the last phase. */
export function averageIn(
  averaged: readonly StateValue[],
  weights: readonly StateValue[],
  { records }: Progress,
  { phases, swaEpochs }: TrainConfig,
): readonly StateValue[] {
  const { name, epochs } = phases[phases.length - 1];
  const done = records.filter(({ phase }) => phase === name).length;
  const count = done - Math.max(0, epochs - swaEpochs);
  if (count < 1 || swaEpochs === 0) return averaged;
  const means = new Map(averaged.map(({ path, data }) => [path, data]));
  return weights.map(({ path, shape, data }) => {
    const mean = means.get(path);
    const next = Float32Array.from(data, Number);
    if (mean !== undefined) {
      next.forEach((value, i) => {
        next[i] = Number(mean[i]) + (value - Number(mean[i])) / count;
      });
    }
    return { path, shape, data: next };
  });
}
