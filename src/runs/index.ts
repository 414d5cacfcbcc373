// Runs: what a model predicted out of sample, and the folder that keeps it.

export {
  dayOffsets,
  type HorizonPredictions,
  horizonOf,
  type Predictions,
  requirePredictions,
} from "./predictions.ts";
export {
  appendMetrics,
  listRuns,
  readRun,
  type RunFold,
  runFolder,
  runIdOf,
  type RunManifest,
  writeRun,
} from "./run.ts";
export { readPredictions, writePredictions } from "./store-predictions.ts";
export {
  type FeatureImportance,
  readChecks,
  readImportance,
  readReportHash,
  type RunCheck,
  writeChecks,
  writeImportance,
  writeReportHash,
} from "./extras.ts";
export {
  listModels,
  modelFolder,
  type ModelManifest,
  readModel,
  verifyModel,
  writeModel,
} from "./model-manifest.ts";
