// Overlapping windows of a time-major series; each position's gradient sums over the windows that hold it, as one product.

import { ShapeError } from "../../errors.ts";
import { withGradient } from "../grad/composite.ts";
import { formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant } from "../graph/tensor.ts";
import { gather } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { reshape } from "../ops/shape-ops.ts";

/**
 * The last `count` windows of length `time`: (L, S, D) gives (T, count·S, D), window c ending at position L - count + c.
 * Throws ShapeError where L is shorter than time + count - 1.
 */
export function windows(
  x: Tensor,
  { time, count }: { readonly time: number; readonly count: number },
): Tensor {
  const [length, stocks, width] = x.shape;
  const first = length - count - time + 1;
  if (x.rank !== 3 || first < 0) {
    throw new ShapeError(
      `windows: ${count} windows of ${time} need (at least ${time + count - 1}, S, D), found ${formatShape(x.shape)}`,
    );
  }
  if (count === 1 && first === 0) return x;
  const positions = new Int32Array(time * count);
  for (let t = 0; t < time; t += 1) {
    for (let c = 0; c < count; c += 1) positions[t * count + c] = first + t + c;
  }
  const taken = gather(x, constant(positions, [time, count])); // (T, count, S, D)
  return withGradient({
    op: "windows",
    inputs: [x],
    outputs: [reshape(taken, [time, count * stocks, width])],
    gradient: ({ gradients: [g] }) => {
      if (g === undefined) return [];
      const rows = reshape(g, [time * count, stocks * width]);
      return [reshape(matmul(selector(positions, length), rows), [length, stocks, width])];
    },
  })[0];
}

/** (L, T·count) with 1 where a row of the windows is a copy of a position. */
function selector(positions: Int32Array, length: number): Tensor {
  const data = new Float32Array(length * positions.length);
  positions.forEach((position, row) => {
    data[position * positions.length + row] = 1;
  });
  return constant(data, [length, positions.length]);
}
