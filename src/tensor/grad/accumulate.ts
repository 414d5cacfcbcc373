// Sums the gradients that reach one tensor; slices of it that were padded back are joined by one concat first.

import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/elementwise.ts";
import { full } from "../ops/broadcast.ts";
import { concat } from "../ops/slices.ts";

interface Piece {
  readonly tensor: Tensor;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** The sum of `parts`, all of the shape of the tensor they belong to. */
export function accumulate(parts: readonly Tensor[]): Tensor {
  const merged = parts.length === 1 ? parts : mergePads(parts);
  return merged.reduce((sum, part) => add(sum, part));
}

function mergePads(parts: readonly Tensor[]): readonly Tensor[] {
  const pieces = parts.map(pieceOf).filter((piece) => piece !== undefined);
  if (pieces.length < 2) return parts;
  const { axis } = pieces[0];
  const sorted = pieces.filter((piece) => piece.axis === axis).sort((a, b) => a.start - b.start);
  const isDisjoint = sorted.every((piece, i) => i === 0 || sorted[i - 1].end <= piece.start);
  if (sorted.length < 2 || !isDisjoint) return parts;
  const taken = new Set(sorted.map(({ tensor }) => tensor));
  return [join(sorted, axis), ...parts.filter((part) => !taken.has(part))];
}

function pieceOf(tensor: Tensor): Piece | undefined {
  const { op, attributes, inputs } = tensor.node;
  if (op !== "pad" || attributes["value"] !== 0) return undefined;
  const axis = Number(attributes["axis"]);
  const start = Number(attributes["before"]);
  return { tensor, axis, start, end: start + inputs[0].shape[axis] };
}

function join(sorted: readonly Piece[], axis: number): Tensor {
  const { shape, dtype } = sorted[0].tensor;
  const parts: Tensor[] = [];
  let at = 0;
  const zerosUntil = (next: number): void => {
    if (next > at) parts.push(full(shape.with(axis, next - at), 0, dtype));
  };
  for (const { tensor, start, end } of sorted) {
    zerosUntil(start);
    parts.push(tensor.node.inputs[0]);
    at = end;
  }
  zerosUntil(shape[axis]);
  return concat(parts, axis);
}
