// The configuration of training: data, folds, phases, optimiser, stopping.

import { z } from "zod";

/** Weight of each term of the loss; absent or 0: left out. */
export interface LossWeights {
  readonly quantile?: number | undefined;
  readonly huber?: number | undefined;
  readonly rank?: number | undefined;
  readonly ic?: number | undefined;
  readonly sharpe?: number | undefined;
  readonly rankNet?: number | undefined;
  readonly listNet?: number | undefined;
  readonly turnover?: number | undefined;
  readonly varianceFloor?: number | undefined;
  readonly direction?: number | undefined;
  readonly student?: number | undefined;
}

export interface AugmentationConfig {
  /** Deviation of normal noise added to known features. */
  readonly noise: number;
  /** Share of neighbours dropped. */
  readonly edgeDropout: number;
  /** Both parameters of the Beta distribution that mixes each stock with another of its block; 0: none. */
  readonly mixup: number;
  /** Share of the block's series that lose one frequency over time. */
  readonly frequencyDropout: number;
}

export interface PhaseConfig {
  readonly name: string;
  readonly epochs: number;
  /** Learning rate. */
  readonly rate: number;
  /** Adaptive normalisation is in the network. */
  readonly normalisation: boolean;
  /** Graph attention is in the network. */
  readonly graph: boolean;
  /** Sessions of a sequence in this phase, at most the model's: a curriculum. The model's where absent. */
  readonly time?: number | undefined;
  readonly weights: LossWeights;
  /** One a horizon; the first counts most. */
  readonly horizonWeights?: readonly number[] | undefined;
  readonly clipNorm: number;
  readonly augmentation: AugmentationConfig;
}

export interface FoldsConfig {
  readonly nSplits: number;
  /** Sessions. */
  readonly trainSize?: number | undefined;
  readonly testSize?: number | undefined;
  readonly purgeDays: number;
  readonly embargoDays: number;
  readonly expandTrain: boolean;
  /** Sessions at the end of each training window that decide when to stop. */
  readonly validationSize: number;
  /** Folds to run; all where absent. */
  readonly only?: readonly number[] | undefined;
}

export interface TrainConfig {
  /** Id of a dataset. */
  readonly dataset: string;
  /** Feature columns; all where absent. */
  readonly features?: readonly string[] | undefined;
  /** Feature columns left out. */
  readonly without?: readonly string[] | undefined;
  /** Suffix of the label columns: "", "_open", "_excess", "_total". */
  readonly label: "price" | "open" | "excess" | "total";
  /** How labels are standardised within the day. */
  readonly target: "z" | "rank" | "gaussian";
  readonly folds: FoldsConfig;
  readonly phases: readonly PhaseConfig[];
  /** Sessions a batch. */
  readonly batchDays: number;
  /** Batches an epoch at most; 0: all. */
  readonly epochBatches: number;
  /** Each day as often as another, or days drawn with chances inverse to the deviation of their labels. */
  readonly sampling: "uniform" | "inverse_volatility";
  /** Stocks that pairwise losses compare. */
  readonly pairSample: number;
  readonly horizonWeights: readonly number[];
  readonly weightDecay: number;
  readonly emaDecay: number;
  /** Steps over which the rate rises at the start of each phase. */
  readonly warmUpSteps: number;
  /** After the warm-up: the rate is halved when the validation score stands still, or falls to 0 along a cosine over the phase. */
  readonly schedule: "plateau" | "cosine";
  /** Epochs without a better validation score before a phase ends. */
  readonly patience: number;
  /** Epochs without a better score before the rate is halved. */
  readonly plateauPatience: number;
  /** Epochs averaged (SWA) at the end; 0: none. */
  readonly swaEpochs: number;
  /** Checkpoints kept for a snapshot ensemble; the best epochs. 0: none. */
  readonly snapshots: number;
  /** Weights that forecast: the best epoch's, the mean of the last epochs (SWA), or the mean of the snapshots' forecasts. */
  readonly forecast: "best" | "swa" | "snapshots";
  /** One thread and fixed order: the same losses to the last bit. */
  readonly safe: boolean;
  readonly device: "cpu" | "webgpu" | "cuda";
}

const weights: z.ZodType<LossWeights> = z.strictObject({
  quantile: z.number().min(0).optional(),
  huber: z.number().min(0).optional(),
  rank: z.number().min(0).optional(),
  ic: z.number().min(0).optional(),
  sharpe: z.number().min(0).optional(),
  rankNet: z.number().min(0).optional(),
  listNet: z.number().min(0).optional(),
  turnover: z.number().min(0).optional(),
  varianceFloor: z.number().min(0).optional(),
  direction: z.number().min(0).optional(),
  student: z.number().min(0).optional(),
});

const phase: z.ZodType<PhaseConfig> = z.strictObject({
  name: z.string().regex(/^[a-z_]+$/u),
  epochs: z.int().min(1),
  rate: z.number().gt(0),
  normalisation: z.boolean(),
  graph: z.boolean(),
  time: z.int().min(2).max(250).optional(),
  weights,
  horizonWeights: z.array(z.number().min(0)).optional(),
  clipNorm: z.number().gt(0).default(1),
  augmentation: z
    .strictObject({
      noise: z.number().min(0).default(0),
      edgeDropout: z.number().min(0).lt(1).default(0),
      mixup: z.number().min(0).default(0),
      frequencyDropout: z.number().min(0).max(1).default(0),
    })
    .prefault({}),
});

const folds: z.ZodType<FoldsConfig> = z.strictObject({
  nSplits: z.int().min(1).default(5),
  trainSize: z.int().min(1).optional(),
  testSize: z.int().min(1).optional(),
  purgeDays: z.int().min(0).default(20),
  embargoDays: z.int().min(0).default(0),
  expandTrain: z.boolean().default(true),
  validationSize: z.int().min(1).default(60),
  only: z.array(z.int().min(0)).optional(),
});

const standardPhases = [
  {
    name: "baseline",
    epochs: 5,
    rate: 5e-4,
    normalisation: false,
    graph: false,
    weights: { quantile: 1 },
    horizonWeights: [2, 0.8, 0.6, 0.4],
  },
  {
    name: "adaptive_norm",
    epochs: 10,
    rate: 5e-4,
    normalisation: true,
    graph: false,
    weights: { quantile: 1, rank: 0.1, ic: 0.05 },
  },
  {
    name: "gat",
    epochs: 8,
    rate: 1e-4,
    normalisation: true,
    graph: true,
    weights: { quantile: 0.7, rank: 0.2, ic: 0.15, sharpe: 0.1 },
  },
  {
    name: "finetune",
    epochs: 6,
    rate: 5e-5,
    normalisation: true,
    graph: true,
    weights: { quantile: 0.5, rank: 0.2, ic: 0.15, sharpe: 0.3 },
    clipNorm: 0.5,
  },
];

/** The `train` section of a configuration. */
export const trainConfig: z.ZodType<TrainConfig> = z.strictObject({
  dataset: z.string().min(1).default("latest"),
  features: z.array(z.string()).min(1).optional(),
  without: z.array(z.string()).min(1).optional(),
  label: z.enum(["price", "open", "excess", "total"]).default("price"),
  target: z.enum(["z", "rank", "gaussian"]).default("gaussian"),
  folds: folds.prefault({}),
  phases: z.array(phase).min(1).prefault(standardPhases),
  batchDays: z.int().min(1).max(64).default(8),
  epochBatches: z.int().min(0).default(0),
  sampling: z.enum(["uniform", "inverse_volatility"]).default("uniform"),
  pairSample: z.int().min(2).default(256),
  horizonWeights: z.array(z.number().min(0)).default([1, 0.8, 0.6, 0.4]),
  weightDecay: z.number().min(0).default(0.01),
  emaDecay: z.number().min(0).lt(1).default(0.999),
  warmUpSteps: z.int().min(0).default(50),
  schedule: z.enum(["plateau", "cosine"]).default("plateau"),
  patience: z.int().min(1).default(9),
  plateauPatience: z.int().min(1).default(3),
  swaEpochs: z.int().min(0).default(0),
  snapshots: z.int().min(0).default(3),
  forecast: z.enum(["best", "swa", "snapshots"]).default("best"),
  safe: z.boolean().default(false),
  device: z.enum(["cpu", "webgpu", "cuda"]).default("cpu"),
});
