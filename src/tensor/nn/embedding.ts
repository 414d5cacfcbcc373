// Rows of a table by category, as a product with one-hot rows: its gradient is a product too, the same on every run.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { oneHot } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { reshape } from "../ops/shape-ops.ts";
import { normal } from "./initializers.ts";

export type Embedding = { readonly table: Tensor };

export interface EmbeddingConfig {
  /** Categories; indices are 0 to count - 1. */
  readonly count: number;
  readonly width: number;
}

export function initEmbedding(rng: Rng, { count, width }: EmbeddingConfig): Embedding {
  return { table: normal(rng, [count, width], 1 / Math.sqrt(width)) };
}

/** Indices of any shape to indices.shape + (width). Meant for tables of some hundred rows. */
export function embedding({ table }: Embedding, indices: Tensor): Tensor {
  const [count, width] = table.shape;
  const rows = oneHot(reshape(indices, [-1]), count);
  return reshape(matmul(rows, table), [...indices.shape, width]);
}
