// How far a fold's training has come, as plain data: what a checkpoint holds beside the tensors.

import { z } from "zod";
import type { PhaseConfig, TrainConfig } from "../config/train.ts";
import type { PlateauState } from "../tensor/optim/index.ts";
import { initialPlateau, plateau } from "../tensor/optim/index.ts";

/** What one epoch measured. */
export interface EpochRecord {
  readonly fold: number;
  /** Counted over all phases, from 0. */
  readonly epoch: number;
  readonly phase: string;
  readonly step: number;
  readonly rate: number;
  readonly loss: number;
  readonly norm: number;
  readonly spread: number;
  /** Each term of the loss, unweighted. */
  readonly terms: Readonly<Record<string, number>>;
  /** Mean daily RankIC of the validation sessions by horizon; null where undefined. */
  readonly rankIc: readonly (number | null)[];
  /** Horizon-weighted mean of `rankIc`; null where undefined. */
  readonly score: number | null;
  readonly samples: number;
  readonly seconds: number;
  /** Share of the training time spent outside ONNX Runtime. */
  readonly outside: number;
}

export interface Progress {
  readonly fold: number;
  readonly phase: number;
  /** Epochs done in the phase. */
  readonly phaseEpoch: number;
  /** Epochs done in all. */
  readonly epoch: number;
  /** Updates done: the counter of the dropout masks. */
  readonly steps: number;
  readonly plateau: {
    readonly factor: number;
    readonly best: number | null;
    readonly waited: number;
  };
  /** Best validation score so far and the phase it came from. */
  readonly best: { readonly score: number; readonly epoch: number; readonly phase: number } | null;
  /** Epochs of this phase without a better score. */
  readonly waited: number;
  /** Best score within the phase. */
  readonly phaseBest: number | null;
  readonly isDone: boolean;
  readonly records: readonly EpochRecord[];
}

const nullable = z.number().nullable();

export const progressSchema: z.ZodType<Progress> = z.strictObject({
  fold: z.int(),
  phase: z.int(),
  phaseEpoch: z.int(),
  epoch: z.int(),
  steps: z.int(),
  plateau: z.strictObject({ factor: z.number(), best: nullable, waited: z.int() }),
  best: z.strictObject({ score: z.number(), epoch: z.int(), phase: z.int() }).nullable(),
  waited: z.int(),
  phaseBest: nullable,
  isDone: z.boolean(),
  records: z.array(
    z.strictObject({
      fold: z.int(),
      epoch: z.int(),
      phase: z.string(),
      step: z.int(),
      rate: z.number(),
      loss: z.number(),
      norm: z.number(),
      spread: z.number(),
      terms: z.record(z.string(), z.number()),
      rankIc: z.array(nullable),
      score: nullable,
      samples: z.int(),
      seconds: z.number(),
      outside: z.number(),
    }),
  ),
});

export function startOf(fold: number): Progress {
  return {
    fold,
    phase: 0,
    phaseEpoch: 0,
    epoch: 0,
    steps: 0,
    plateau: { factor: 1, best: null, waited: 0 },
    best: null,
    waited: 0,
    phaseBest: null,
    isDone: false,
    records: [],
  };
}

/** Progress after an epoch: plateau, best, patience; a phase that has ended hands over to the next. */
export function advance(
  progress: Progress,
  record: EpochRecord,
  {
    phases,
    patience,
    plateauPatience,
  }: Pick<TrainConfig, "phases" | "patience" | "plateauPatience">,
): Progress {
  const score = record.score ?? -Infinity;
  const isBest = record.score !== null && score > (progress.best?.score ?? -Infinity);
  const isPhaseBest = score > (progress.phaseBest ?? -Infinity);
  const waited = isPhaseBest ? 0 : progress.waited + 1;
  const phaseEpoch = progress.phaseEpoch + 1;
  const {
    factor,
    best,
    waited: plateauWaited,
  } = plateau(plateauOf(progress), score, {
    patience: plateauPatience,
  });
  const next: Progress = {
    ...progress,
    phaseEpoch,
    epoch: progress.epoch + 1,
    steps: record.step,
    plateau: { factor, best: Number.isFinite(best) ? best : null, waited: plateauWaited },
    best: isBest ? { score, epoch: record.epoch, phase: progress.phase } : progress.best,
    waited,
    phaseBest: isPhaseBest ? score : progress.phaseBest,
    records: [...progress.records, record],
  };
  const isOver = phaseEpoch >= phases[progress.phase].epochs || waited >= patience;
  if (!isOver) return next;
  const isLast = progress.phase + 1 >= phases.length;
  if (isLast) return { ...next, isDone: true };
  const { plateau: fresh, waited: none, phaseBest } = startOf(progress.fold);
  return {
    ...next,
    phase: progress.phase + 1,
    phaseEpoch: 0,
    plateau: fresh,
    waited: none,
    phaseBest,
  };
}

function plateauOf({ plateau: { factor, best, waited } }: Progress): PlateauState {
  return { ...initialPlateau, factor, waited, best: best ?? -Infinity };
}

export interface RateOptions {
  readonly warmUpSteps: number;
  /** The plateau's. */
  readonly factor: number;
  readonly schedule: TrainConfig["schedule"];
  /** Updates of the whole phase. */
  readonly steps: number;
}

/** Learning rate of an update: warm-up at the start of a phase, then the plateau's factor, or half a cosine down to 0. */
export function rateOf(
  { rate }: PhaseConfig,
  stepInPhase: number,
  { warmUpSteps, factor, schedule, steps }: RateOptions,
): number {
  const rise = warmUpSteps === 0 ? 1 : Math.min(1, (stepInPhase + 1) / warmUpSteps);
  const fall =
    schedule === "plateau" ? factor : (1 + Math.cos((Math.PI * stepInPhase) / steps)) / 2;
  return rate * rise * fall;
}
