// Static shapes: sizes, broadcasting (NumPy's rule), axes; every error prints the call and what it was given.

import { ShapeError } from "../../errors.ts";

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The shape both broadcast to; `call` names the operation in the error. */
export function broadcastShapes(call: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis += 1) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `${call}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast ` +
          `(axis ${axis - rank} has ${left} and ${right})`,
      );
    }
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** `axis` counted from the front; negative axes count from the back. */
export function normalizeAxis(call: string, axis: number, shape: Shape): number {
  const normal = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= shape.length) {
    throw new ShapeError(
      `${call}: axis ${axis} is not an axis of shape ${formatShape(shape)} (rank ${shape.length})`,
    );
  }
  return normal;
}

/** Sorted distinct axes counted from the front; undefined means all of them. */
export function normalizeAxes(
  call: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
): readonly number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const normal = list.map((axis) => normalizeAxis(call, axis, shape)).sort((a, b) => a - b);
  if (new Set(normal).size !== normal.length) {
    throw new ShapeError(`${call}: axes [${list.join(", ")}] name an axis twice`);
  }
  return normal;
}

/** Throws unless every length is a positive integer. */
export function checkShape(call: string, shape: Shape): void {
  if (!shape.every((length) => Number.isInteger(length) && length > 0)) {
    throw new ShapeError(
      `${call}: a shape is static and has lengths of at least 1, found ${formatShape(shape)}`,
    );
  }
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}
