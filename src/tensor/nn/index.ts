// Layers: `init(rng, config) => params`, `layer(params, x) => y`; all of them trees of tensors and functions over them.

export * from "./attention.ts";
export * from "./embedding.ts";
export * from "./gated-linear-unit.ts";
export * from "./gated-residual.ts";
export * from "./graph-attention.ts";
export * from "./gru.ts";
export * from "./initializers.ts";
export * from "./layer-norm.ts";
export * from "./linear.ts";
export * from "./lstm.ts";
export * from "./windows.ts";
