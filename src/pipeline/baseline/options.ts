// What can be asked of the baseline, with its defaults, and the configuration that goes into the run's hash.

import { ConfigError } from "../../errors.ts";
import { type Dataset, datasetHash, reachOf } from "../../dataset/index.ts";
import { type Splitter, walkForward } from "../../dataset/splits/index.ts";
import type { TargetKind } from "../../dataset/transforms/index.ts";
import { hashValue } from "../../hash.ts";
import { type LightGbmOptions, resolveOptions } from "../../model/lightgbm/index.ts";
import { type OnProgress } from "../../progress.ts";
import { runIdOf } from "../../runs/index.ts";

export type LabelVariant = "price" | "open" | "excess" | "total";

/** How features are judged beside gain, which costs nothing: on a sample of the test rows. */
export type ImportanceKind = "permutation" | "shap";

export interface BaselineOptions {
  readonly home: string;
  readonly dataset: Dataset;
  /** Path of LightGBM's native library. */
  readonly library: string;
  /** Sessions ahead; default all that the dataset has. */
  readonly horizons?: readonly number[] | undefined;
  /** Feature columns; default all. */
  readonly features?: readonly string[] | undefined;
  readonly categorical?: readonly string[] | undefined;
  /** Which return is predicted: close to close by default. */
  readonly label?: LabelVariant | undefined;
  readonly nSplits?: number | undefined;
  readonly trainSize?: number | undefined;
  readonly testSize?: number | undefined;
  /** Default the furthest that a label reaches: one more than the longest horizon for labels from the next open. */
  readonly purgeDays?: number | undefined;
  readonly embargoDays?: number | undefined;
  readonly expandTrain?: boolean | undefined;
  /** Sessions at the end of the training window for early stopping; default 15 % of it, 20 to 126; 0 for none. */
  readonly validationSize?: number | undefined;
  readonly target?: TargetKind | undefined;
  /** Beside gain; default both. */
  readonly importance?: readonly ImportanceKind[] | undefined;
  readonly lightgbm?: LightGbmOptions | undefined;
  /** GiB of memory that the process may take; default 6. */
  readonly memoryLimit?: number | undefined;
  readonly seed?: number | undefined;
  /** Shuffle labels within each session before anything reads them: the control that must find nothing. */
  readonly shuffleLabels?: boolean | undefined;
  /** Train although the run is there already, whole or in part. */
  readonly again?: boolean | undefined;
  /** Hand out a result although its RankIC is beyond what daily equities can give. */
  readonly acceptImplausible?: boolean | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BaselinePlan {
  /** Id of the run: a hash of configuration and data. */
  readonly runId: string;
  readonly configHash: string;
  readonly datasetHash: string;
  readonly importance: readonly ImportanceKind[];
  readonly horizons: readonly number[];
  readonly features: readonly string[];
  /** Label column by horizon. */
  readonly labels: ReadonlyMap<number, string>;
  readonly label: LabelVariant;
  /** Sessions that the furthest label reaches. */
  readonly reach: number;
  readonly splitter: Splitter;
  readonly memoryLimitBytes: number;
  readonly seed: number;
  /** Plain values for the run's manifest and hash. */
  readonly config: Readonly<Record<string, unknown>>;
}

const suffixes: Readonly<Record<LabelVariant, string>> = {
  price: "",
  open: "_open",
  excess: "_excess",
  total: "_total",
};

/** Resolves the options against the dataset. Throws ConfigError for horizons, labels or features that it does not have. */
export function planBaseline(options: BaselineOptions): BaselinePlan {
  const { dataset, label = "price", memoryLimit = 6, seed = 7 } = options;
  const { manifest } = dataset;
  const known = [...new Set(manifest.labels.map(({ horizon }) => horizon))];
  const horizons = [...(options.horizons ?? known)].sort((a, b) => a - b);
  const labels = new Map(horizons.map((horizon) => [horizon, labelName(dataset, horizon, label)]));
  const features = options.features ?? dataset.featureNames;
  const missing = features.filter((name) => !dataset.featureNames.includes(name));
  if (missing.length > 0 || features.length === 0) {
    throw new ConfigError(
      `baseline: dataset ${dataset.id} has no feature ${missing.join(", ") || "at all"}`,
    );
  }
  const reach = reachOf({ kind: label, horizon: Math.max(...horizons) });
  const splitter = splitterOf(options, reach);
  const resolved = { dataset: dataset.id, horizons, features, label, seed };
  const config = { ...resolved, ...learningConfig(options, seed), split: splitConfig(splitter) };
  const configHash = hashValue(config);
  const dataHash = datasetHash(manifest);
  return {
    runId: runIdOf("lightgbm", configHash, dataHash),
    configHash,
    datasetHash: dataHash,
    importance: importanceOf(options),
    horizons,
    features,
    labels,
    label,
    reach,
    splitter,
    memoryLimitBytes: memoryLimit * 2 ** 30,
    seed,
    config,
  };
}

function splitterOf(options: BaselineOptions, reach: number): Splitter {
  const { nSplits = 5, purgeDays = reach, embargoDays = 0, expandTrain = true } = options;
  return walkForward({
    nSplits,
    purgeDays,
    embargoDays,
    expandTrain,
    ...(options.trainSize === undefined ? {} : { trainSize: options.trainSize }),
    ...(options.testSize === undefined ? {} : { testSize: options.testSize }),
  });
}

function splitConfig({ name, options }: Splitter): Readonly<Record<string, unknown>> {
  return { name, ...options };
}

function importanceOf({ importance }: BaselineOptions): readonly ImportanceKind[] {
  const wanted = new Set(importance ?? ["permutation", "shap"]);
  return (["permutation", "shap"] as const).filter((kind) => wanted.has(kind));
}

function learningConfig(options: BaselineOptions, seed: number): Readonly<Record<string, unknown>> {
  const {
    categorical = [],
    validationSize,
    target = "gaussian",
    lightgbm,
    shuffleLabels = false,
  } = options;
  const { threads: _threads, ...parameters } = resolveOptions({ ...lightgbm, seed });
  return {
    categorical,
    validationSize: validationSize ?? null,
    target,
    importance: importanceOf(options),
    lightgbm: parameters,
    shuffleLabels,
  };
}

function labelName(dataset: Dataset, horizon: number, label: LabelVariant): string {
  const name = `label_${horizon}d${suffixes[label]}`;
  if (dataset.labelNames.includes(name)) return name;
  throw new ConfigError(
    `baseline: dataset ${dataset.id} has no ${name}; it has ${dataset.labelNames.join(", ")}`,
  );
}
