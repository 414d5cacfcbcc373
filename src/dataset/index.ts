// Datasets: labels, assembly, checks, and the reader that training and evaluation build on.

export { auditFeatures, type AuditOptions, type AuditReport, type Leak } from "./audit.ts";
export { buildDataset, type BuildOptions, type BuildResult } from "./build.ts";
export {
  clusterBound,
  describeDataset,
  stabilityIndex,
  type ColumnProfile,
  type DatasetDescription,
} from "./describe.ts";
export { describeHtml } from "./describe-page.ts";
export {
  computeLabels,
  labelSpecs,
  reachOf,
  type LabelKind,
  type LabelOptions,
  type Labels,
  type LabelSpec,
} from "./labels.ts";
export {
  abiHash,
  codeVersion,
  datasetFolder,
  datasetHash,
  type DatasetManifest,
  type ManifestFeature,
  readDatasetManifest,
} from "./manifest.ts";
export { monthFileName } from "./month-store.ts";
export { readQuality } from "./quality-file.ts";
export { openDataset, FeatureTable, LabelTable, type Dataset, type DatasetRows } from "./open.ts";
