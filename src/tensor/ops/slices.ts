// Slice, split, concat, pad: gradients of slices that tile an axis come back as one concat (see grad/accumulate.ts).

import { ShapeError } from "../../errors.ts";
import { dataFrom } from "../graph/dtype.ts";
import { formatShape, normalizeAxis, sameShape } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyNode, applyOp } from "../graph/tensor.ts";
import { full } from "./broadcast.ts";
import { reshape } from "./shape-ops.ts";

const splitRule: Rule = {
  gradient: (node, gradients) => {
    const axis = Number(node.attributes["axis"]);
    const parts = node.outputs.map((part, i) => gradients[i] ?? full(part.shape, 0, part.dtype));
    return [concat(parts, axis)];
  },
  lower: (node, [x], emitter) => {
    const axis = Number(node.attributes["axis"]);
    const sizes = node.outputs.map((part) => part.shape[axis]);
    return emitter.emit("Split", [x, emitter.integers(sizes)], node.outputs, {
      attributes: { axis },
    });
  },
};

/** Cuts `x` along `axis` into parts of the given lengths, or into that many equal parts. */
export function split(
  x: Tensor,
  parts: number | readonly number[],
  axis: number,
): readonly Tensor[] {
  const at = normalizeAxis("split", axis, x.shape);
  const length = x.shape[at];
  const sizes =
    typeof parts === "number" ? new Array<number>(parts).fill(length / parts) : [...parts];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== length || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new ShapeError(
      `split: axis ${at} of ${formatShape(x.shape)} has length ${length}, parts are [${sizes.join(", ")}]`,
    );
  }
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({ shape: x.shape.with(at, size), dtype: x.dtype }));
  return applyNode({
    op: "split",
    inputs: [x],
    outputs,
    rule: splitRule,
    attributes: { axis: at },
  });
}

/** Takes the axis apart: T tensors without it. */
export function unstack(x: Tensor, axis = 0): readonly Tensor[] {
  const at = normalizeAxis("unstack", axis, x.shape);
  const shape = x.shape.toSpliced(at, 1);
  return split(x, x.shape[at], at).map((part) => reshape(part, shape));
}

const concatRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const axis = Number(node.attributes["axis"]);
    return split(
      g,
      node.inputs.map((part) => part.shape[axis]),
      axis,
    );
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("Concat", inputs, node.outputs, {
      attributes: { axis: Number(node.attributes["axis"]) },
    }),
};

/** Joins tensors along an existing axis; their other lengths must agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw new ShapeError("concat: expected at least one tensor, found none");
  const at = normalizeAxis("concat", axis, first.shape);
  let length = 0;
  for (const part of parts) {
    const fits =
      part.rank === first.rank && sameShape(part.shape.with(at, 1), first.shape.with(at, 1));
    if (!fits || part.dtype !== first.dtype) {
      throw new ShapeError(
        `concat: ${part.toString()} does not join ${first.toString()} along axis ${at}`,
      );
    }
    length += part.shape[at];
  }
  if (parts.length === 1) return first;
  return applyOp({
    op: "concat",
    inputs: parts,
    output: { shape: first.shape.with(at, length), dtype: first.dtype },
    rule: concatRule,
    attributes: { axis: at },
  });
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const [first] = parts;
  if (first === undefined) throw new ShapeError("stack: expected at least one tensor, found none");
  const at = axis < 0 ? axis + first.rank + 1 : axis;
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return concat(
    parts.map((part) => reshape(part, shape)),
    at,
  );
}

const sliceRule: Rule = {
  gradient: (node, [g]) => {
    const axis = Number(node.attributes["axis"]);
    const start = Number(node.attributes["start"]);
    const length = node.inputs[0].shape[axis];
    return [g && pad(g, axis, start, length - start - node.outputs[0].shape[axis])];
  },
  lower: (node, [x], emitter) => {
    const axis = Number(node.attributes["axis"]);
    const start = Number(node.attributes["start"]);
    const end = start + node.outputs[0].shape[axis];
    const bounds = [[start], [end], [axis]].map((values) => emitter.integers(values));
    return emitter.emit("Slice", [x, ...bounds], node.outputs);
  },
};

/** Elements `start` to `end` (exclusive, default the end) along `axis`; negative bounds count from the back. */
export function slice(x: Tensor, axis: number, start: number, end?: number): Tensor {
  const at = normalizeAxis("slice", axis, x.shape);
  const length = x.shape[at];
  const from = start < 0 ? start + length : start;
  const to = end === undefined ? length : end < 0 ? end + length : end;
  if (!(from >= 0 && from < to && to <= length)) {
    throw new ShapeError(
      `slice: ${start} to ${end ?? "the end"} is not a range of axis ${at} of ${formatShape(x.shape)}`,
    );
  }
  if (to - from === length) return x;
  const output = { shape: x.shape.with(at, to - from), dtype: x.dtype };
  const attributes = { axis: at, start: from };
  return applyOp({ op: "slice", inputs: [x], output, rule: sliceRule, attributes });
}

/** One position of an axis, which disappears. */
export function at(x: Tensor, axis: number, position: number): Tensor {
  const place = normalizeAxis("at", axis, x.shape);
  const from = position < 0 ? position + x.shape[place] : position;
  return reshape(slice(x, place, from, from + 1), x.shape.toSpliced(place, 1));
}

const padRule: Rule = {
  gradient: (node, [g]) => {
    const axis = Number(node.attributes["axis"]);
    const before = Number(node.attributes["before"]);
    return [g && slice(g, axis, before, before + node.inputs[0].shape[axis])];
  },
  lower: (node, [x], emitter) => {
    const axis = Number(node.attributes["axis"]);
    const pads = new Array<number>(2 * x.shape.length).fill(0);
    pads[axis] = Number(node.attributes["before"]);
    pads[axis + x.shape.length] = node.outputs[0].shape[axis] - x.shape[axis] - pads[axis];
    const value = emitter.initializer(
      dataFrom(x.dtype, [Number(node.attributes["value"])]),
      [],
      x.dtype,
    );
    return emitter.emit("Pad", [x, emitter.integers(pads), value], node.outputs);
  },
};

/** `before` and `after` elements of `value` (0) added along `axis`. */
export function pad(x: Tensor, axis: number, before: number, after: number, value = 0): Tensor {
  const at = normalizeAxis("pad", axis, x.shape);
  if (!(Number.isInteger(before) && Number.isInteger(after) && before >= 0 && after >= 0)) {
    throw new ShapeError(`pad: expected whole numbers of at least 0, found ${before} and ${after}`);
  }
  if (before + after === 0) return x;
  const output = { shape: x.shape.with(at, x.shape[at] + before + after), dtype: x.dtype };
  const attributes = { axis: at, before, value };
  return applyOp({ op: "pad", inputs: [x], output, rule: padRule, attributes });
}
