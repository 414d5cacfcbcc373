// A network on a planted market beside LightGBM on the same folds and columns, and both beside the oracle.

import type { Config } from "../config.ts";
import type { Dataset } from "../dataset/index.ts";
import { ConfigError, PipelineError } from "../errors.ts";
import {
  compareRuns,
  dailyIc,
  type EvaluatedRun,
  evaluateRun,
  type MeanSummary,
  summarizeMean,
} from "../evaluate/index.ts";
import type { OnProgress } from "../progress.ts";
import { createRng, type Rng } from "../rng.ts";
import type { Predictions, RunManifest } from "../runs/index.ts";
import type { Market } from "../simulator/market/index.ts";
import { featureColumns } from "../train/index.ts";
import { runBaseline } from "./baseline/index.ts";
import { type ControlHorizon, foundSignal } from "./controls.ts";
import { oracleColumn, oracleScores, type OracleScore } from "./oracle-score.ts";
import { plantedParts, type PlantedPart } from "./planted-parts.ts";

export interface ComparedHorizon extends ControlHorizon {
  /** Mean daily rank correlation of the scores with the oracle's expectations: what of RankIC is not luck. */
  readonly likeOracle: MeanSummary;
  readonly lightgbm: {
    readonly rankIc: MeanSummary;
    readonly recovered: number | null;
    readonly likeOracle: MeanSummary;
  };
  /** RankIC of the network less LightGBM's, by session. */
  readonly difference: MeanSummary;
}

export interface PlantedComparison {
  readonly horizons: readonly ComparedHorizon[];
  readonly lightgbm: { readonly run: string; readonly report: string };
  readonly parts: {
    readonly network: readonly PlantedPart[];
    readonly lightgbm: readonly PlantedPart[];
  };
}

export interface PlantedComparisonOptions {
  /** Where the network's run is. */
  readonly home: string;
  readonly dataset: Dataset;
  readonly market?: Market | undefined;
  readonly network: { readonly config: Config };
  readonly library?: string | undefined;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
}

/** Runs LightGBM as the network was run and compares them. Throws PipelineError where their folds differ. */
export async function plantedComparison(
  network: EvaluatedRun,
  options: PlantedComparisonOptions,
): Promise<PlantedComparison> {
  const { home, dataset, market, library } = options;
  if (market === undefined || library === undefined) {
    throw new ConfigError("control planted: it needs a simulated market and LightGBM's library");
  }
  const baseline = await runBaseline({ ...baselineLike(options), library });
  requireSameFolds(network.manifest, baseline.run);
  const trees = await evaluateRun(home, baseline.run.id);
  const rng = createRng(network.manifest.id);
  const [own, other] = [network, trees].map(({ predictions }) => ({
    scores: oracleScores(predictions, market, rng.split("oracle")),
    like: likeOracle(predictions, market, rng.split("like oracle")),
  }));
  const horizons = network.evaluation.horizons.map((evaluation, k): ComparedHorizon => {
    const { horizon, rankIc } = evaluation;
    const score = scoreOf(own.scores, horizon);
    const recovered = score?.shareRecovered ?? null;
    const beside = trees.evaluation.horizons[k];
    return {
      horizon,
      rankIc,
      oracle: score?.oracle ?? null,
      recovered,
      passed: foundSignal(horizon, recovered),
      likeOracle: own.like[k],
      lightgbm: {
        rankIc: beside.rankIc,
        recovered: scoreOf(other.scores, horizon)?.shareRecovered ?? null,
        likeOracle: other.like[k],
      },
      difference: compareRuns(evaluation, beside, rng.split(`difference/${horizon}`)).difference,
    };
  });
  const partsOf = ({ predictions }: EvaluatedRun): readonly PlantedPart[] =>
    plantedParts(predictions, { dataset, market, rng: rng.split("parts") });
  return {
    horizons,
    lightgbm: { run: baseline.run.id, report: baseline.report },
    parts: { network: partsOf(network), lightgbm: partsOf(trees) },
  };
}

/** The baseline's options that give it the network's rows, columns, labels and folds. */
function baselineLike({ home, dataset, network, onProgress, signal }: PlantedComparisonOptions) {
  const { model, train, seed } = network.config;
  const { nSplits, trainSize, testSize, purgeDays, embargoDays, expandTrain, validationSize } =
    train.folds;
  return {
    home,
    dataset,
    horizons: model.horizons,
    features: featureColumns(dataset, train).map(({ name }) => name),
    label: train.label,
    target: train.target,
    nSplits,
    trainSize,
    testSize,
    purgeDays,
    embargoDays,
    expandTrain,
    validationSize,
    importance: [],
    seed,
    // The control judges the result itself, implausible ones too.
    acceptImplausible: true,
    onProgress,
    signal,
  };
}

function requireSameFolds(network: RunManifest, baseline: RunManifest): void {
  const spans = ({ folds }: RunManifest): string =>
    folds
      .map(({ trainFrom, testFrom, testTo }) => `${trainFrom}, ${testFrom} to ${testTo}`)
      .join("; ");
  if (spans(network) === spans(baseline)) return;
  throw new PipelineError(
    `control planted: the network was tested on ${spans(network)}, LightGBM on ${spans(baseline)}; leave out train.folds.only`,
  );
}

function likeOracle(predictions: Predictions, market: Market, rng: Rng): readonly MeanSummary[] {
  return predictions.horizons.map(({ horizon, score }) => {
    const expected = oracleColumn(predictions, market, horizon);
    const { rankIc } = dailyIc(predictions.dates, score, expected);
    return summarizeMean(rankIc, { horizon, rng: rng.split(horizon) });
  });
}

function scoreOf(scores: readonly OracleScore[], horizon: number): OracleScore | undefined {
  return scores.find((entry) => entry.horizon === horizon);
}
