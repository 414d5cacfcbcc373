// Symbolic tensors: a node applies a rule to tensors and yields tensors; nothing is computed until the graph is compiled.

import { ShapeError } from "../../errors.ts";
import type { Emitter, Value } from "../lowering/emitter.ts";
import type { DType, TensorData } from "./dtype.ts";
import { dataFrom, dtypeOf } from "./dtype.ts";
import type { Shape } from "./shape.ts";
import { checkShape, formatShape, sizeOf } from "./shape.ts";

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What tells two applications of one op apart; part of the key that finds common subexpressions. */
export type Attributes = Readonly<
  Record<string, number | string | boolean | readonly number[] | readonly boolean[]>
>;

/**
 * How an op is differentiated and lowered. Rules see the node they are applied to and capture no tensors,
 * so that a node can be applied again to other inputs (`checkpoint`).
 */
export interface Rule {
  /** Gradients of the inputs from those of the outputs (undefined: zero). Absent: nothing flows through. */
  readonly gradient?: (
    node: Node,
    gradients: readonly (Tensor | undefined)[],
  ) => readonly (Tensor | undefined)[];
  /** Emits ONNX nodes and returns one value an output. */
  readonly lower: (node: Node, inputs: readonly Value[], emitter: Emitter) => readonly Value[];
}

export interface Node {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly rule: Rule;
  /** Values of a constant, first values of a parameter. */
  readonly data?: TensorData;
}

let created = 0;

/** A symbolic tensor with a static shape. Made by the ops only. */
export class Tensor implements TensorType {
  readonly id: number;
  readonly node: Node;
  /** Which output of `node` this is. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: Node, index: number, type: TensorType) {
    this.id = created++;
    this.node = node;
    this.index = index;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `${this.node.op} ${this.dtype}${formatShape(this.shape)}`;
  }
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly TensorType[];
  readonly rule: Rule;
  readonly attributes?: Attributes;
  readonly data?: TensorData;
}

/** Applies a rule: the one way to make tensors. Throws ShapeError on a length below 1. */
export function applyNode(spec: NodeSpec): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node = {
    id: created++,
    op: spec.op,
    inputs: spec.inputs,
    outputs,
    attributes: spec.attributes ?? {},
    rule: spec.rule,
    ...(spec.data === undefined ? {} : { data: spec.data }),
  };
  for (const type of spec.outputs) {
    checkShape(spec.op, type.shape);
    outputs.push(new Tensor(node, outputs.length, type));
  }
  return outputs;
}

/** `applyNode` for the usual case of one output. */
export function applyOp(spec: Omit<NodeSpec, "outputs"> & { readonly output: TensorType }): Tensor {
  const { output, ...rest } = spec;
  return applyNode({ ...rest, outputs: [output] })[0];
}

const leafRule: Rule = {
  lower: (node) => {
    throw new ShapeError(`${node.op}: a leaf has no lowering of its own`);
  },
};

/** A value that each run is given under `name`. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  const output = { shape, dtype };
  return applyOp({ op: "input", inputs: [], output, rule: leafRule, attributes: { name } });
}

/** A value that lives between runs (weights, optimiser state); `data` is its first value and is not copied. */
export function parameter(data: TensorData, shape: Shape): Tensor {
  checkLength("parameter", data, shape);
  const output = { shape, dtype: dtypeOf(data) };
  return applyOp({ op: "parameter", inputs: [], output, rule: leafRule, data });
}

/** A fixed value: a number, or typed data with its shape. */
export function constant(value: number | TensorData, shape: Shape = [], dtype?: DType): Tensor {
  const data = typeof value === "number" ? dataFrom(dtype ?? "float32", [value]) : value;
  checkLength("constant", data, shape);
  const output = { shape, dtype: dtypeOf(data) };
  return applyOp({ op: "constant", inputs: [], output, rule: leafRule, data });
}

/**
 * The factors of a dropout mask: 0 with probability `rate`, else 1 / (1 - rate). The executor draws them before each run
 * from a hash of (key, step, element), so they are the same on every device.
 */
export function mask(shape: Shape, rate: number, key: number): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new ShapeError(`dropout: rate must be in [0, 1), found ${rate}`);
  }
  const output: TensorType = { shape, dtype: "float32" };
  return applyOp({ op: "mask", inputs: [], output, rule: leafRule, attributes: { rate, key } });
}

function checkLength(call: string, data: TensorData, shape: Shape): void {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `${call}: shape ${formatShape(shape)} needs ${sizeOf(shape)} values, found ${data.length}`,
    );
  }
}

/** Nodes that the roots depend on, inputs before users. */
export function topologicalOrder(roots: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const entered = new Set<Node>();
  const stack: { readonly node: Node; next: number }[] = [];
  const enter = (node: Node): void => {
    if (entered.has(node)) return;
    entered.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root.node);
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      if (frame.next < frame.node.inputs.length) {
        enter(frame.node.inputs[frame.next++].node);
      } else {
        order.push(frame.node);
        stack.pop();
      }
    }
  }
  return order;
}
