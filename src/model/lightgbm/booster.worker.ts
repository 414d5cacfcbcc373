// The worker that holds LightGBM: datasets by number, training round by round with early stopping, prediction.

import { parentPort, workerData } from "node:worker_threads";
import { PipelineError } from "../../errors.ts";
import { openCApi, type CApi, type Handle } from "./c-api.ts";
import type {
  DatasetRequest,
  PermutationRequest,
  PredictRequest,
  RankIcPoint,
  Reply,
  Request,
  Target,
  TrainedBooster,
  TrainRequest,
  ValidationTarget,
} from "./messages.ts";
import { createRng } from "../../rng.ts";
import { meanRankIc, type RankedLabels, rankLabels } from "./rank-ic.ts";

const port = parentPort;
if (port === null) throw new PipelineError("booster.worker.ts runs in a worker thread only");

const library: unknown = workerData;
const api: CApi = openCApi(String(library));
const datasets = new Map<number, Handle>();
let nextDataset = 1;

port.on("message", (request: Request) => {
  port.postMessage(answer(request));
});

const ready: Reply = { kind: "ready" };
port.postMessage(ready);

function answer(request: Request): Reply {
  try {
    return { kind: "answer", value: handle(request) };
  } catch (error) {
    return { kind: "failure", message: error instanceof Error ? error.message : String(error) };
  }
}

function handle(request: Request): TrainedBooster | Float64Array | number | null {
  switch (request.op) {
    case "dataset":
      return createDataset(request);
    case "train":
      return train(request);
    case "predict":
      return predict(request);
    case "permutation":
      return permutation(request);
    case "free":
      api.freeDataset(dataset(request.dataset));
      datasets.delete(request.dataset);
      return null;
  }
}

function dataset(id: number): Handle {
  const found = datasets.get(id);
  if (found === undefined) throw new PipelineError(`lightgbm: there is no dataset ${id}`);
  return found;
}

function createDataset({ matrix, rows, names, parameters, reference }: DatasetRequest): number {
  const base = reference === null ? null : dataset(reference);
  const handle = api.createDataset(matrix, { rows, features: names.length }, parameters, base);
  if (base === null) api.setFeatureNames(handle, names);
  const id = nextDataset;
  nextDataset += 1;
  datasets.set(id, handle);
  return id;
}

function train(request: TrainRequest): TrainedBooster {
  const { parameters, target, validation } = request;
  const owned: Handle[] = [];
  const use = (id: number, of: Target): Handle => {
    const whole = dataset(id);
    const used = of.rows === null ? whole : api.subset(whole, of.rows, parameters);
    if (of.rows !== null) owned.push(used);
    api.setField(used, "label", of.label);
    if (of.group !== null) api.setField(used, "group", of.group);
    return used;
  };
  const booster = api.createBooster(use(request.dataset, target), parameters);
  try {
    if (validation !== null) api.addValidation(booster, use(validation.dataset, validation));
    return boost(booster, request);
  } finally {
    api.freeBooster(booster);
    for (const held of owned) api.freeDataset(held);
  }
}

function boost(booster: Handle, request: TrainRequest): TrainedBooster {
  const { rounds, patience, validation } = request;
  const watch = validation === null ? null : watchOf(validation);
  const history: RankIcPoint[] = [];
  let best = { round: 0, rankIc: Number.NEGATIVE_INFINITY };
  let done = 0;
  while (done < rounds) {
    if (api.update(booster)) break;
    done += 1;
    if (watch === null) {
      report(done, Number.NaN);
      continue;
    }
    api.scores(booster, 1, watch.scores);
    const rankIc = meanRankIc(watch.scores, watch.labels);
    history.push({ round: done, rankIc });
    const smoothed = trailingMean(history);
    if (smoothed > best.rankIc) best = { round: done, rankIc: smoothed };
    report(done, rankIc);
    if (done - Math.max(best.round, smoothing) >= patience) break;
  }
  if (done === 0) {
    throw new PipelineError(
      "lightgbm: degenerate training: no split gains anything in the first round; lower minDataInLeaf or look at the labels",
    );
  }
  const kept = watch === null || best.round === 0 ? done : best.round;
  const modelText = api.modelText(booster, kept);
  return { modelText, rounds: kept, history, gains: gainsOf(modelText) };
}

/** From the text, as the Python package counts them: the format keeps six digits of a split's gain. */
function gainsOf(modelText: string): Float64Array {
  const booster = api.loadBooster(modelText);
  try {
    return api.gains(booster, 0, featureCount(modelText));
  } finally {
    api.freeBooster(booster);
  }
}

/** Rounds whose RankIC is averaged before rounds are compared: a single round's rise is mostly noise. */
const smoothing = 10;

/** Mean RankIC of the last rounds; NaN until there are enough of them. */
function trailingMean(history: readonly RankIcPoint[]): number {
  if (history.length < smoothing) return Number.NaN;
  return history.slice(-smoothing).reduce((sum, { rankIc }) => sum + rankIc, 0) / smoothing;
}

interface Watch {
  readonly labels: RankedLabels;
  readonly scores: Float64Array;
}

function watchOf({ outcome, offsets }: ValidationTarget): Watch {
  return { labels: rankLabels(outcome, offsets), scores: new Float64Array(outcome.length) };
}

function report(round: number, rankIc: number): void {
  const reply: Reply = { kind: "progress", round, rankIc };
  port?.postMessage(reply);
}

function featureCount(modelText: string): number {
  return Number(/^max_feature_idx=(\d+)$/mu.exec(modelText)?.[1] ?? -1) + 1;
}

function predict(request: PredictRequest): Float64Array {
  const { modelText, matrix, rows, features, kind, parameters } = request;
  const booster = api.loadBooster(modelText);
  try {
    return api.predict(booster, matrix, { rows, features, kind, parameters, iterations: 0 });
  } finally {
    api.freeBooster(booster);
  }
}

function permutation(request: PermutationRequest): Float64Array {
  const { modelText, matrix, rows, features, parameters, columns, outcome, offsets } = request;
  const rng = createRng(request.seed);
  const ranked = rankLabels(outcome, offsets);
  const booster = api.loadBooster(modelText);
  try {
    const options = { rows, features, kind: "normal", parameters, iterations: 0 } as const;
    const score = (): number => meanRankIc(api.predict(booster, matrix, options), ranked);
    const base = score();
    return Float64Array.from(columns, (column) => {
      const held = Float32Array.from(outcome, (_, row) => matrix[row * features + column]);
      const shuffled = held.slice();
      for (let day = 0; day + 1 < offsets.length; day += 1) {
        rng.shuffle(shuffled.subarray(offsets[day], offsets[day + 1]));
      }
      for (let row = 0; row < rows; row += 1) matrix[row * features + column] = shuffled[row];
      const fall = base - score();
      for (let row = 0; row < rows; row += 1) matrix[row * features + column] = held[row];
      return fall;
    });
  } finally {
    api.freeBooster(booster);
  }
}
