// Splits: which rows may train, which are tested, and the proof that they do not meet.

export {
  combinatorialPaths,
  combinatorialPurged,
  type CombinatorialPurgedOptions,
} from "./combinatorial-purged.ts";
export type { SessionFold, SessionRange } from "./fold.ts";
export { foldPicture, type FoldPictureOptions } from "./fold-picture.ts";
export { type HeldOut, holdOutLast, type HoldOutOptions } from "./hold-out.ts";
export { requireUnseen } from "./proof.ts";
export { purgedKFold, type PurgedKFoldOptions } from "./purged-k-fold.ts";
export type { LabelledRows, TestRows, TrainRows, ValidationRows } from "./rows.ts";
export { receiveTrainRows, sharedInts, type SharedTrainRows, shareTrainRows } from "./share.ts";
export type { Split, Splitter } from "./splitter.ts";
export { walkForward, type WalkForwardOptions } from "./walk-forward.ts";
