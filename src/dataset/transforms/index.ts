// Transforms: fitted on training rows, applied to all; and the cross-sectional ones that learn nothing.

export { chain } from "./chain.ts";
export {
  crossSectionalRank,
  crossSectionalZ,
  type CrossSectionalZOptions,
  type CrossSectionOptions,
} from "./cross-section.ts";
export { impute } from "./impute.ts";
export {
  loadTransform,
  type NormalisationClass,
  normalise,
  type NormalisedColumn,
  type NormaliseOptions,
} from "./normalise.ts";
export { robustScale } from "./robust-scale.ts";
export {
  derivedTable,
  type RowIndex,
  type RowTable,
  rowTable,
  sessionOffsets,
  type StockRows,
  stockRows,
} from "./row-table.ts";
export { signedLog } from "./signed-log.ts";
export { target, type TargetBounds, targetBounds, type TargetKind } from "./target.ts";
export { trailingZ, type TrailingZOptions } from "./trailing-z.ts";
export {
  type ColumnState,
  type FittedTransform,
  parseState,
  type Transform,
  type Transformer,
  type TransformState,
} from "./transformer.ts";
export { winsor, type WinsorOptions } from "./winsor.ts";
