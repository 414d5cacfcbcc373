// Comparisons, boolean algebra and selection by a mask.

import { ShapeError } from "../../errors.ts";
import { broadcastShapes } from "../graph/shape.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyOp } from "../graph/tensor.ts";
import { full, unbroadcast } from "./broadcast.ts";
import type { Operand } from "./elementwise.ts";
import { operands } from "./elementwise.ts";

function ruleOf(onnx: string): Rule {
  return { lower: (node, inputs, emitter) => emitter.emit(onnx, inputs, node.outputs) };
}

const rules = {
  equal: ruleOf("Equal"),
  greater: ruleOf("Greater"),
  greaterOrEqual: ruleOf("GreaterOrEqual"),
  less: ruleOf("Less"),
  lessOrEqual: ruleOf("LessOrEqual"),
  and: ruleOf("And"),
  or: ruleOf("Or"),
  not: ruleOf("Not"),
  isNaN: ruleOf("IsNaN"),
};

function compare(op: keyof typeof rules, left: Operand, right: Operand): Tensor {
  const [a, b] = operands(op, left, right);
  const shape = broadcastShapes(op, a.shape, b.shape);
  return applyOp({ op, inputs: [a, b], output: { shape, dtype: "bool" }, rule: rules[op] });
}

/** a = b, as bool; NaN equals nothing. */
export function equal(a: Operand, b: Operand): Tensor {
  return compare("equal", a, b);
}

/** a > b, as bool. */
export function greater(a: Operand, b: Operand): Tensor {
  return compare("greater", a, b);
}

/** a ≥ b, as bool. */
export function greaterOrEqual(a: Operand, b: Operand): Tensor {
  return compare("greaterOrEqual", a, b);
}

/** a < b, as bool. */
export function less(a: Operand, b: Operand): Tensor {
  return compare("less", a, b);
}

/** a ≤ b, as bool. */
export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return compare("lessOrEqual", a, b);
}

/** Both masks. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return compare("and", checkBool("logicalAnd", a), checkBool("logicalAnd", b));
}

/** Either mask. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return compare("or", checkBool("logicalOr", a), checkBool("logicalOr", b));
}

/** The mask turned over. */
export function logicalNot(a: Tensor): Tensor {
  return applyOp({
    op: "not",
    inputs: [checkBool("logicalNot", a)],
    output: a,
    rule: rules.not,
  });
}

/** Where a float is NaN, as bool. */
export function isNaN(x: Tensor): Tensor {
  return applyOp({
    op: "isNaN",
    inputs: [x],
    output: { shape: x.shape, dtype: "bool" },
    rule: rules.isNaN,
  });
}

const whereRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const [condition, a, b] = node.inputs;
    const zero = full([], 0, g.dtype);
    return [
      undefined,
      unbroadcast(where(condition, g, zero), a.shape),
      unbroadcast(where(condition, zero, g), b.shape),
    ];
  },
  lower: (node, inputs, emitter) => emitter.emit("Where", inputs, node.outputs),
};

/**
 * `a` where `condition` is true, else `b`; all three broadcast. The branch not taken gets a gradient of exactly 0,
 * but 0 · Infinity is NaN further up: mask the input of a singular op, not its output.
 */
export function where(condition: Tensor, left: Operand, right: Operand): Tensor {
  checkBool("where", condition);
  const [a, b] = operands("where", left, right);
  const shape = broadcastShapes(
    "where",
    condition.shape,
    broadcastShapes("where", a.shape, b.shape),
  );
  const output = { shape, dtype: a.dtype };
  return applyOp({ op: "where", inputs: [condition, a, b], output, rule: whereRule });
}

function checkBool(call: string, x: Tensor): Tensor {
  if (x.dtype === "bool") return x;
  throw new ShapeError(`${call}: expected a bool tensor, found ${x.toString()}`);
}
