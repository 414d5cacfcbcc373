// Kernels on typed arrays with pandas' semantics: one series at a time, or one day's values across stocks.

export { movingBlockBootstrap, type BootstrapOptions, type BootstrapResult } from "./bootstrap.ts";
export { cumMax, cumMin, cumProd, cumSum } from "./cumulative.ts";
export { diff } from "./diff.ts";
export { ewmMean } from "./ewm-mean.ts";
export type { EwmOptions } from "./ewm-options.ts";
export { ewmStd, ewmVar, type EwmVarOptions } from "./ewm-var.ts";
export { demeanByGroup, meanByGroup, rankByGroup, zscoreByGroup } from "./grouped.ts";
export { clusteringCoefficient } from "./graph/clustering.ts";
export { connectedComponents } from "./graph/components.ts";
export { coreNumber } from "./graph/core-number.ts";
export { createGraph, type Graph, type GraphOptions } from "./graph/graph.ts";
export { pageRank, type PageRankOptions } from "./graph/page-rank.ts";
export { kendall } from "./kendall.ts";
export {
  neweyWestCovariance,
  neweyWestErrors,
  neweyWestLags,
  neweyWestMean,
  type NeweyWestMean,
  type NeweyWestOptions,
} from "./newey-west.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export { ols, type OlsFit, type OlsOptions } from "./ols.ts";
export { orNull } from "./or-null.ts";
export { pctChange } from "./pct-change.ts";
export { pearson } from "./pearson.ts";
export { qcut, type QcutOptions } from "./qcut.ts";
export { median, quantile, quantiles } from "./quantile.ts";
export { rank, type RankOptions } from "./rank.ts";
export {
  inverseRealDft,
  realDft,
  realDftMatrices,
  type RealDftMatrices,
  type RealSpectrum,
} from "./real-dft.ts";
export type { RollingOptions } from "./arguments.ts";
export { cutAt } from "./rolling-block.ts";
export { rollingMax, rollingMin } from "./rolling-extremes.ts";
export {
  rollingStd,
  rollingVar,
  rollingZscore,
  type RollingVarOptions,
} from "./rolling-moments.ts";
export {
  rollingMedian,
  rollingQuantile,
  rollingRank,
  type RollingRankOptions,
} from "./rolling-order.ts";
export { rollingBeta, rollingCorr, rollingCov } from "./rolling-pair.ts";
export { rollingMean, rollingSum } from "./rolling-sum.ts";
export { shift } from "./shift.ts";
export { spearman } from "./spearman.ts";
export { studentTCdf, studentTQuantile } from "./student-t.ts";
export { demean, mean, std, variance, zscore, type ZscoreOptions } from "./standardize.ts";
export { clip, winsorize, type WinsorizeOptions } from "./winsorize.ts";
