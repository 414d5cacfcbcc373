// Inverted dropout with masks that depend on the seed, the step and the element alone.

import type { Rng } from "../../rng.ts";
import type { Tensor } from "../graph/tensor.ts";
import { mask } from "../graph/tensor.ts";
import { mul } from "./elementwise.ts";
import { cast } from "./shape-ops.ts";

export interface DropoutOptions {
  /** Share of elements set to 0, in [0, 1). */
  readonly rate: number;
  /** Names the mask: one number is drawn while the graph is built. Absent: evaluation, `x` itself. */
  readonly rng: Rng | undefined;
}

/** Sets elements to 0 with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). */
export function dropout(x: Tensor, { rate, rng }: DropoutOptions): Tensor {
  if (rng === undefined || rate === 0) return x;
  return mul(x, cast(mask(x.shape, rate, rng.uint32()), x.dtype));
}
