// A rank ensemble of runs: the mean of their within-session percentile ranks, on the rows that all of them predicted.

import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { hashValue } from "../hash.ts";
import {
  dayOffsets,
  type HorizonPredictions,
  horizonOf,
  type Predictions,
  readPredictions,
  readRun,
  type RunCheck,
  readChecks,
  runFolder,
  runIdOf,
  type RunManifest,
  writeChecks,
  writePredictions,
  writeRun,
} from "../runs/index.ts";
import { rank } from "../stats/index.ts";

/**
 * Publishes the ensemble of `ids` as a run of its own. Throws ConfigError for fewer than two runs, runs of different datasets
 * or labels, and runs that share no row or horizon.
 */
export async function ensembleRuns(home: string, ids: readonly string[]): Promise<RunManifest> {
  const members = await Promise.all(ids.map((id) => readRun(home, id)));
  requireAlike(members);
  const predictions = rankEnsemble(
    await Promise.all(ids.map((id) => readPredictions(runFolder(home, id)))),
  );
  const [first] = members;
  const config = { members: [...ids].sort() };
  const configHash = hashValue(config);
  const id = runIdOf("ensemble", configHash, first.datasetHash);
  const folder = runFolder(home, id);
  await writePredictions(folder, predictions);
  await writeChecks(folder, checksOf(home, ids));
  const manifest: RunManifest = {
    ...first,
    id,
    kind: "ensemble",
    config,
    configHash,
    horizons: predictions.horizons.map(({ horizon }) => horizon),
    features: [...new Set(members.flatMap(({ features }) => features))],
    details: { members: ids },
  };
  await writeRun(home, manifest);
  return manifest;
}

/** Mean percentile rank of the members' scores, session by session; labels are the first member's. */
export function rankEnsemble(members: readonly Predictions[]): Predictions {
  if (members.length < 2) {
    throw new ConfigError(`ensemble: expected at least two runs, found ${members.length}`);
  }
  const common = commonRows(members);
  const [first] = members;
  const rows = common[0];
  const horizons = first.horizons
    .map(({ horizon }) => horizon)
    .filter((horizon) =>
      members.every((m) => m.horizons.some((entry) => entry.horizon === horizon)),
    );
  if (rows.length === 0 || horizons.length === 0) {
    throw new ConfigError(
      `ensemble: expected runs with rows and horizons in common, found ${rows.length} rows and ${horizons.length} horizons`,
    );
  }
  const dates = Int32Array.from(rows, (row) => first.dates[row]);
  return {
    dates,
    codes: Int32Array.from(rows, (row) => first.codes[row]),
    codeNames: first.codeNames,
    folds: Int32Array.from(rows, (row) => first.folds[row]),
    horizons: horizons.map((horizon): HorizonPredictions => {
      const { label } = horizonOf(first, horizon);
      const scores = members.map((member, k) => {
        const { score } = horizonOf(member, horizon);
        return Float64Array.from(common[k], (row) => score[row]);
      });
      return {
        horizon,
        score: meanRanks(dates, scores),
        label: Float64Array.from(rows, (row) => label[row]),
        quantiles: [],
      };
    }),
    quantileLevels: [],
  };
}

/** For each member, its rows that all members have, in the same order. */
function commonRows(members: readonly Predictions[]): number[][] {
  const indexes = members.map(
    ({ dates, codes, codeNames }) =>
      new Map(Array.from(dates, (day, row) => [`${day} ${codeNames[codes[row]]}`, row])),
  );
  const keys = [...indexes[0].keys()].filter((key) => indexes.every((index) => index.has(key)));
  return indexes.map((index) => keys.map((key) => index.get(key) ?? -1));
}

function meanRanks(dates: Int32Array, scores: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(dates.length);
  const offsets = dayOffsets(dates);
  for (let day = 0; day + 1 < offsets.length; day += 1) {
    const today = scores.map((score) => {
      return rank(score.slice(offsets[day], offsets[day + 1]), undefined, { pct: true });
    });
    for (let i = offsets[day]; i < offsets[day + 1]; i += 1) {
      for (const ranks of today) sum[i] += ranks[i - offsets[day]] / scores.length;
    }
  }
  return sum;
}

function requireAlike(members: readonly RunManifest[]): void {
  const [first] = members;
  for (const { id, datasetHash, labels } of members) {
    const shared = Object.keys(labels).filter((horizon) => first.labels[horizon] !== undefined);
    const isAlike = shared.every((horizon) => labels[horizon] === first.labels[horizon]);
    if (datasetHash === first.datasetHash && isAlike) continue;
    throw new ConfigError(
      `ensemble: ${id} and ${first.id} were made from different datasets or labels; train both on one dataset`,
    );
  }
}

/** The members' checks, each under its run's id. */
function checksOf(home: string, ids: readonly string[]): RunCheck[] {
  return ids.flatMap((id) =>
    readChecks(join(runFolder(home, id))).map((check) => ({
      ...check,
      name: `${id}: ${check.name}`,
    })),
  );
}
