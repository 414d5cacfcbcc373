// Training: losses, day blocks, the loop of a fold, checkpoints, runs, models.

export { CheckpointStore, checkpointFormat, type Identity } from "./checkpoint.ts";
export { explanationSections } from "./explanation-sections.ts";
export { Forecaster, weightsOf } from "./forecaster.ts";
export { featureColumns, specOf } from "./fold-data.ts";
export { featureAbi, loadModel, onnxOf, type TrainedModel } from "./model-file.ts";
export { datasetPeers } from "./peer-lists.ts";
export { predictDay, type StockForecast } from "./predict-day.ts";
export { type EpochRecord, type Progress } from "./progress.ts";
export { readRunState, type RunState } from "./run-state.ts";
export { trainingCost, type TrainingCost } from "./training-cost.ts";
export { type Samples } from "./samples.ts";
export { type FoldData, trainFold, type TrainFoldOptions } from "./train-fold.ts";
export { trainRun, trainRunId, type TrainRunOptions, type TrainRunResult } from "./train-run.ts";
