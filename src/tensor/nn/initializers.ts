// Initialisers: random first values of parameters, drawn from the seeded rng in a fixed order.

import type { Rng } from "../../rng.ts";
import type { Shape } from "../graph/shape.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { parameter } from "../graph/tensor.ts";

/** All elements `value`. */
export function filled(shape: Shape, value: number): Tensor {
  return parameter(new Float32Array(sizeOf(shape)).fill(value), shape);
}

/** Uniform in [-bound, bound). */
export function uniform(rng: Rng, shape: Shape, bound: number): Tensor {
  const draw = (): number => (2 * rng.uniform() - 1) * bound;
  return parameter(Float32Array.from({ length: sizeOf(shape) }, draw), shape);
}

/** Normal with mean 0 and standard deviation `deviation`. */
export function normal(rng: Rng, shape: Shape, deviation: number): Tensor {
  const draw = (): number => rng.normal() * deviation;
  return parameter(Float32Array.from({ length: sizeOf(shape) }, draw), shape);
}

/** Glorot and Bengio (2010): uniform with bound sqrt(6 / (inputs + outputs)), the last two axes being (inputs, outputs). */
export function glorotUniform(rng: Rng, shape: Shape): Tensor {
  const [inputs, outputs] = shape.slice(-2);
  return uniform(rng, shape, Math.sqrt(6 / (inputs + outputs)));
}

/** He et al. (2015) for ReLU: normal with variance 2 / inputs. */
export function heNormal(rng: Rng, shape: Shape): Tensor {
  return normal(rng, shape, Math.sqrt(2 / shape[shape.length - 2]));
}

/** PyTorch's default for linear layers: uniform with bound 1 / sqrt(inputs). */
export function fanInUniform(rng: Rng, shape: Shape): Tensor {
  return uniform(rng, shape, 1 / Math.sqrt(shape[shape.length - 2]));
}

/** A square orthogonal matrix (Saxe et al. 2014): Gram-Schmidt on normal rows. */
export function orthogonal(rng: Rng, width: number): Tensor {
  const rows: Float64Array[] = [];
  while (rows.length < width) {
    const row = Float64Array.from({ length: width }, () => rng.normal());
    for (const other of [...rows, ...rows]) {
      const overlap = row.reduce((sum, value, i) => sum + value * other[i], 0);
      for (let i = 0; i < width; i += 1) row[i] -= overlap * other[i];
    }
    const length = Math.hypot(...row);
    if (length > 1e-6) rows.push(row.map((value) => value / length));
  }
  return parameter(Float32Array.from(rows.flatMap((row) => [...row])), [width, width]);
}
