// Evaluation: what predictions were worth, out of sample, with an interval for every figure.

export { type Calibration, type Coverage, type QuantileCoverage } from "./calibration.ts";
export { compareRuns, dieboldMariano, type DieboldMariano, type RunComparison } from "./compare.ts";
export { dailyIc, type DailyIc } from "./daily.ts";
export {
  type Evaluation,
  evaluatePredictions,
  type GroupMetrics,
  type HorizonEvaluation,
  plausibilityCeiling,
  type RowGroups,
} from "./evaluate.ts";
export {
  compareEvaluated,
  type EvaluatedRun,
  evaluateRun,
  type EvaluateRunOptions,
  publishReport,
} from "./evaluate-run.ts";
export { datasetRows, groupsOfDataset } from "./dataset-groups.ts";
export { evaluateFactor, type FactorOptions, type FactorReport } from "./factor.ts";
export { type QuantileReturns, quantileReturns } from "./quantile-returns.ts";
export { renderFactorReport } from "./report/factor-report.ts";
export { modelName, renderReport } from "./report/report.ts";
export { comparisonText, evaluationText } from "./report/summary-text.ts";
export { withInterval } from "./report/with-interval.ts";
export { type MeanSummary, summarizeMean } from "./significance.ts";
