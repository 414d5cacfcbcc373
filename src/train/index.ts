// Training: losses, day blocks, the loop of a fold, checkpoints, ensembles.

export { CheckpointStore, checkpointFormat, type Identity } from "./checkpoint.ts";
export { Forecaster, weightsOf } from "./forecaster.ts";
export { DegenerateTrainingError } from "./guards.ts";
export { type EpochRecord, type Progress } from "./progress.ts";
export { type Samples } from "./samples.ts";
export { type FoldData, trainFold, type TrainFoldOptions } from "./train-fold.ts";
