// LightGBM: the native library and where it comes from, training and prediction in a worker, models as text and as ONNX.

export { LightGbm, openLightGbm } from "./engine.ts";
export {
  createFoldData,
  type FittedLightGbm,
  fitLightGbm,
  type FitOptions,
  type FoldData,
  type FoldDataOptions,
  type FoldMatrices,
  freeFoldData,
  predictLightGbm,
} from "./fit.ts";
export { type ImportanceOptions, permutationImportance, shapImportance } from "./importance.ts";
export {
  cachedLibrary,
  findLibrary,
  type Library,
  libraryName,
  type LibraryOptions,
  type LibraryOrigin,
  lightgbmVersion,
  requireLibrary,
} from "./library.ts";
export { columnBlock, emptyMatrices, matrixBytes, rowMatrices } from "./matrix.ts";
export { meanRankIc, offsetsOf, type RankedLabels, rankLabels } from "./rank-ic.ts";
export type { RankIcPoint, TrainedBooster } from "./messages.ts";
export {
  lightGbmDefaults,
  type LightGbmOptions,
  type Objective,
  type ResolvedOptions,
  resolveOptions,
} from "./parameters.ts";
export { parseModelText, type Tree, type TreeModel, type TreeSplit } from "./model-text.ts";
export { exportOnnx, type OnnxExportOptions } from "./onnx.ts";
export { provisionLibrary, type ProvisionOptions, type ProvisionSource } from "./provision.ts";
