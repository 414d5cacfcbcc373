// Optimisers: `init(params) => state`, `update(params, gradients, state, options) => { params, state }`, all inside the graph.

export { adam, type AdamOptions, type AdamState, adamW, initAdam } from "./adam.ts";
export { ema, type EmaState, initEma, initSwa, swa, type SwaState } from "./average.ts";
export { clipByGlobalNorm, globalNorm } from "./clip.ts";
export {
  decayWeightsOnly,
  layerGroups,
  type OptimizerOptions,
  type ParameterRule,
  type RuleOf,
  type Updated,
} from "./groups.ts";
export {
  initLossScale,
  keepUnless,
  type LossScale,
  scaleLoss,
  type Unscaled,
  unscale,
} from "./loss-scale.ts";
export { pack, packedFactors, type PackedLeaf, packedLayout, unpack } from "./packed.ts";
export {
  cosine,
  initialPlateau,
  oneCycle,
  plateau,
  type PlateauOptions,
  type PlateauState,
  type Schedule,
  warmUp,
} from "./schedule.ts";
export { initSgd, sgd, type SgdOptions, type SgdState, zerosLike } from "./sgd.ts";
