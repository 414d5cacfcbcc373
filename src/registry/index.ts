// The model registry: stages with their history, the gates before each, and the evidence that gates accept.

export {
  type Evidence,
  type EvidenceKind,
  evidenceKinds,
  readEvidence,
  writeEvidence,
} from "./evidence.ts";
export { incumbentGate, ownGates } from "./gates.ts";
export { promoteModel, type PromoteOptions, type Promotion } from "./promote.ts";
export {
  type GateResult,
  moveModel,
  type MoveOptions,
  type ModelStage,
  modelStages,
  productionModel,
  readMoves,
  requireProductionModel,
  rollback,
  type StageMove,
  stageOf,
} from "./stages.ts";
