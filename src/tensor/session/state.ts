// The state of a compiled step in two sets of buffers: a run reads one and writes the other, then they change places.

import type { Tensor as OrtTensor } from "onnxruntime-node";
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

/** Where the state of a compiled step lives. */
export interface StepState {
  /** What the next run reads, by path. */
  readable(): readonly (readonly [string, OrtTensor])[];
  /** The preallocated memory that the next run writes, by path; undefined where the device allocates it. */
  writable(): readonly (readonly [string, OrtTensor])[] | undefined;
  /** Makes what a run wrote the state. */
  advance(written: ReadonlyMap<string, OrtTensor>): void;
  /** Gives back what a run wrote: the state stays as it was. */
  discard(written: ReadonlyMap<string, OrtTensor>): void;
  values(): readonly StateValue[];
  download(): Promise<readonly StateValue[]>;
  load(values: readonly StateValue[]): void;
  release(): Promise<void>;
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
export class StateBuffers implements StepState {
  readonly #leaves: readonly Leaf[];
  readonly #slots: readonly Slot[];

  constructor(leaves: readonly Leaf[], written: readonly string[], wrap: Wrap) {
    const paths = new Set(written);
    this.#leaves = leaves;
    this.#slots = leaves.map((leaf) => slotOf(leaf, paths.has(leaf.path), wrap));
  }

  readable(): readonly (readonly [string, OrtTensor])[] {
    return this.#slots.map(({ path, front }) => [path, front.tensor]);
  }

  writable(): readonly (readonly [string, OrtTensor])[] {
    const written = this.#slots.filter(({ isWritten }) => isWritten);
    return written.map(({ path, back }) => [path, back.tensor]);
  }

  advance(): void {
    for (const slot of this.#slots) [slot.front, slot.back] = [slot.back, slot.front];
  }

  discard(): void {
    // The next run writes over it.
  }

  values(): readonly StateValue[] {
    return this.#slots.map(({ path, shape, front }) => ({ path, shape, data: front.data }));
  }

  async download(): Promise<readonly StateValue[]> {
    return this.values().map((value) => ({ ...value, data: value.data.slice() }));
  }

  load(values: readonly StateValue[]): void {
    const loaded = checkedValues(this.#leaves, values);
    this.#slots.forEach(({ front }, i) => {
      copyInto(front.data, loaded[i]);
    });
  }

  async release(): Promise<void> {
    // Typed arrays are the garbage collector's.
  }
}

function slotOf(leaf: Leaf, isWritten: boolean, wrap: Wrap): Slot {
  const { path, tensor } = leaf;
  const { shape, dtype, size } = tensor;
  const front = wrap(firstValue(leaf), shape);
  const back = isWritten ? wrap(allocate(dtype, size), shape) : front;
  return { path, shape, isWritten, front, back };
}

/** A copy of a parameter's first value. Throws ShapeError where a leaf of the state is no parameter. */
export function firstValue({ path, tensor }: Leaf): TensorData {
  const { data } = tensor.node;
  if (data === undefined) {
    throw new ShapeError(`compile: state ${path} is no parameter; make it with parameter()`);
  }
  return data.slice();
}

/** The values in the order of `leaves`. Throws ShapeError where a path is missing or has another length or dtype. */
export function checkedValues(
  leaves: readonly Leaf[],
  values: readonly StateValue[],
): readonly TensorData[] {
  const byPath = new Map(values.map((value) => [value.path, value]));
  return leaves.map(({ path, tensor }) => {
    const value = byPath.get(path);
    const found = value === undefined ? "nothing" : formatShape(value.shape);
    if (value === undefined || value.data.length !== tensor.size) {
      throw new ShapeError(`load: expected ${path} ${formatShape(tensor.shape)}, found ${found}`);
    }
    if (dtypeOf(value.data) !== tensor.dtype) {
      throw new ShapeError(`load: ${path} is ${tensor.dtype}, found ${dtypeOf(value.data)}`);
    }
    return value.data;
  });
}

function copyInto(target: TensorData, source: TensorData): void {
  if (target instanceof BigInt64Array) {
    if (source instanceof BigInt64Array) target.set(source);
  } else if (!(source instanceof BigInt64Array)) target.set(source);
}
