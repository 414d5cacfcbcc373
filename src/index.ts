// The public API, a namespace a stage; each is also a subpath: `import { rollingMean } from "gogooku3/stats"`.

export { type Clock, ManualClock, systemClock } from "./clock.ts";
export { type Config, configHash, resolveConfig, resolveRuns } from "./config.ts";
export {
  ArtifactError,
  ConfigError,
  DegenerateTrainingError,
  exitCodeOf,
  LeakageError,
  PipelineError,
  SchemaError,
  ShapeError,
  SourceError,
} from "./errors.ts";
export { hashBytes, hashFile, hashValue } from "./hash.ts";
export { noProgress, type OnProgress, type ProgressEvent } from "./progress.ts";
export { createRng, Rng, type RngState } from "./rng.ts";

export * as calendar from "./calendar/index.ts";
export * as panel from "./panel/index.ts";
export * as stats from "./stats/index.ts";
export * as tensor from "./tensor/index.ts";
export * as workers from "./workers/index.ts";

export * as jquants from "./jquants/index.ts";
export * as lake from "./lake/index.ts";
export * as features from "./features/index.ts";
export * as runs from "./runs/index.ts";
export * as evaluate from "./evaluate/index.ts";
