// What the main thread asks of the LightGBM worker and what it answers. All arrays lie in shared memory or are small.

import type { PredictKind } from "./c-api.ts";

export interface DatasetRequest {
  readonly op: "dataset";
  /** (rows, features) row-major. */
  readonly matrix: Float32Array;
  readonly rows: number;
  readonly names: readonly string[];
  /** The library's parameter string; `categorical_feature=0,3` belongs in it. */
  readonly parameters: string;
  /** Dataset whose bins to use, as validation data must. */
  readonly reference: number | null;
}

export interface Target {
  /** Rows of the dataset to use, ascending; null for all. */
  readonly rows: Int32Array | null;
  /** One value a used row. */
  readonly label: Float32Array;
  /** Rows of each query (session), for lambdarank. */
  readonly group: Int32Array | null;
}

export interface ValidationTarget extends Target {
  readonly dataset: number;
  /** (used rows) what the score is ranked against. */
  readonly outcome: Float32Array;
  /** (sessions + 1) start of each session among the used rows. */
  readonly offsets: Int32Array;
}

export interface TrainRequest {
  readonly op: "train";
  readonly dataset: number;
  readonly target: Target;
  readonly validation: ValidationTarget | null;
  readonly parameters: string;
  readonly rounds: number;
  readonly patience: number;
}

export interface PredictRequest {
  readonly op: "predict";
  readonly modelText: string;
  /** (rows, features) row-major. */
  readonly matrix: Float32Array;
  readonly rows: number;
  readonly features: number;
  readonly kind: PredictKind;
  readonly parameters: string;
}

export interface PermutationRequest extends Omit<PredictRequest, "op" | "kind"> {
  readonly op: "permutation";
  /** Columns to shuffle, one after the other. */
  readonly columns: Int32Array;
  /** (rows) what the score is ranked against, NaN where unknown. */
  readonly outcome: Float64Array;
  /** (sessions + 1) start of each session. */
  readonly offsets: Int32Array;
  readonly seed: string;
}

export interface FreeRequest {
  readonly op: "free";
  readonly dataset: number;
}

export type Request =
  DatasetRequest | TrainRequest | PredictRequest | PermutationRequest | FreeRequest;

export interface RankIcPoint {
  readonly round: number;
  readonly rankIc: number;
}

/** A trained model in LightGBM's own text format. */
export interface TrainedBooster {
  readonly modelText: string;
  /** Rounds kept: those with the best mean validation RankIC over the last ten, else all. */
  readonly rounds: number;
  /** Validation RankIC after each round; empty without validation. */
  readonly history: readonly RankIcPoint[];
  /** (features) total gain of the splits on each feature. */
  readonly gains: Float64Array;
}

export interface Answers {
  readonly dataset: number;
  readonly train: TrainedBooster;
  readonly predict: Float64Array;
  readonly permutation: Float64Array;
  readonly free: null;
}

export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly round: number; readonly rankIc: number }
  | { readonly kind: "answer"; readonly value: Answers[keyof Answers] }
  | { readonly kind: "failure"; readonly message: string };
