// Static covariates (sector, section, size) to the four context vectors of the Temporal Fusion Transformer.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../../tensor/index.ts";
import { add, at, broadcastTo, reshape } from "../../tensor/index.ts";
import type { Embedding, GatedResidual } from "../../tensor/nn/index.ts";
import {
  embedding,
  filled,
  gatedResidual,
  initEmbedding,
  initGatedResidual,
} from "../../tensor/nn/index.ts";
import type { StaticColumn } from "./config.ts";

export type StaticEncoder = {
  /** (H) the state of a stock of which nothing is known. */
  readonly base: Tensor;
  readonly columns: readonly Embedding[];
  readonly selection: GatedResidual;
  readonly hidden: GatedResidual;
  readonly cell: GatedResidual;
  readonly enrichment: GatedResidual;
};

/** Each (S, H). */
export interface StaticContexts {
  readonly selection: Tensor;
  readonly hidden: Tensor;
  readonly cell: Tensor;
  readonly enrichment: Tensor;
}

export function initStaticEncoder(
  rng: Rng,
  columns: readonly StaticColumn[],
  width: number,
): StaticEncoder {
  const residual = (name: string): GatedResidual =>
    initGatedResidual(rng.split(name), { inputs: width, hidden: width, outputs: width });
  return {
    base: filled([width], 0),
    columns: columns.map(({ name, count }) => initEmbedding(rng.split(name), { count, width })),
    selection: residual("selection"),
    hidden: residual("hidden"),
    cell: residual("cell"),
    enrichment: residual("enrichment"),
  };
}

/** Codes (S, columns) int32 to four contexts (S, H). */
export function staticContexts(params: StaticEncoder, statics: Tensor): StaticContexts {
  const [stocks] = statics.shape;
  const start = broadcastTo(reshape(params.base, [1, -1]), [stocks, params.base.size]);
  const state = params.columns.reduce(
    (sum, column, i) => add(sum, embedding(column, at(statics, 1, i))),
    start,
  );
  return {
    selection: gatedResidual(params.selection, state),
    hidden: gatedResidual(params.hidden, state),
    cell: gatedResidual(params.cell, state),
    enrichment: gatedResidual(params.enrichment, state),
  };
}
