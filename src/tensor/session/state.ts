// The state of a compiled step in two sets of buffers: a run reads one and writes the other, then they change places.

import { ShapeError } from "../../errors.ts";
import type { TensorData } from "../graph/dtype.ts";
import { allocate, dtypeOf } from "../graph/dtype.ts";
import { formatShape } from "../graph/shape.ts";
import type { Leaf } from "../graph/tree.ts";
import type { Buffer, Wrap } from "./runtime.ts";

/** The value of one leaf of the state. */
export interface StateValue {
  readonly path: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

interface Slot {
  readonly path: string;
  readonly shape: readonly number[];
  readonly isWritten: boolean;
  /** Read by the next run, then written by the one after it. */
  front: Buffer;
  back: Buffer;
}

/** Preallocated buffers of all leaves; those that no step writes have one buffer. */
export class StateBuffers {
  readonly #slots: readonly Slot[];

  constructor(leaves: readonly Leaf[], written: readonly string[], wrap: Wrap) {
    const paths = new Set(written);
    this.#slots = leaves.map((leaf) => slotOf(leaf, paths.has(leaf.path), wrap));
  }

  /** What the next run reads, by path. */
  readable(): readonly (readonly [string, Buffer])[] {
    return this.#slots.map(({ path, front }) => [path, front]);
  }

  /** What the next run writes, by path. */
  writable(): readonly (readonly [string, Buffer])[] {
    return this.#slots.filter(({ isWritten }) => isWritten).map(({ path, back }) => [path, back]);
  }

  /** Makes what was written what is read. */
  swap(): void {
    for (const slot of this.#slots) [slot.front, slot.back] = [slot.back, slot.front];
  }

  /** The values as views of the buffers. */
  values(): readonly StateValue[] {
    return this.#slots.map(({ path, shape, front }) => ({ path, shape, data: front.data }));
  }

  /** Copies values in, by path. Throws ShapeError where a path is missing or has another length or dtype. */
  load(values: readonly StateValue[]): void {
    const byPath = new Map(values.map((value) => [value.path, value]));
    for (const { path, shape, front } of this.#slots) {
      const value = byPath.get(path);
      const found = value === undefined ? "nothing" : formatShape(value.shape);
      if (value === undefined || value.data.length !== front.data.length) {
        throw new ShapeError(`load: expected ${path} ${formatShape(shape)}, found ${found}`);
      }
      copyInto(front.data, value.data, path);
    }
  }
}

function slotOf({ path, tensor }: Leaf, isWritten: boolean, wrap: Wrap): Slot {
  const { shape, dtype } = tensor;
  const { data } = tensor.node;
  if (data === undefined) {
    throw new ShapeError(`compile: state ${path} is no parameter; make it with parameter()`);
  }
  const front = wrap(data.slice(), shape);
  const back = isWritten ? wrap(allocate(dtype, data.length), shape) : front;
  return { path, shape, isWritten, front, back };
}

function copyInto(target: TensorData, source: TensorData, path: string): void {
  if (dtypeOf(target) !== dtypeOf(source)) {
    throw new ShapeError(`load: ${path} is ${dtypeOf(target)}, found ${dtypeOf(source)}`);
  }
  if (target instanceof BigInt64Array) {
    if (source instanceof BigInt64Array) target.set(source);
  } else if (!(source instanceof BigInt64Array)) target.set(source);
}
