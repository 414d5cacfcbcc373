// Elementwise arithmetic with NumPy broadcasting; a number stands for a scalar of the other operand's dtype.

import { ShapeError } from "../../errors.ts";
import { allocate, isFloat } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { broadcastShapes, sameShape, sizeOf, stridesOf } from "../graph/shape.ts";
import type { Node, Rule } from "../graph/tensor.ts";
import { applyOp, constant, Tensor } from "../graph/tensor.ts";
import { checkFloat, unbroadcast } from "./broadcast.ts";

export type Operand = Tensor | number;

interface Unary {
  readonly op: string;
  readonly apply: (x: number) => number;
  readonly rule: Rule;
}

interface Binary {
  readonly op: string;
  readonly apply: (a: number, b: number) => number;
  readonly rule: Rule;
}

/** Constants up to this many elements are folded while the graph is built. */
const foldLimit = 4096;

function unary(
  op: string,
  apply: (x: number) => number,
  derivative?: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
): Unary {
  const onnx = op[0].toUpperCase() + op.slice(1);
  const rule: Rule = {
    lower: (node, inputs, emitter) => emitter.emit(onnx, inputs, node.outputs),
    ...(derivative === undefined
      ? {}
      : {
          gradient: (node: Node, [g]: readonly (Tensor | undefined)[]) => [
            g && derivative(g, node.inputs[0], node.outputs[0]),
          ],
        }),
  };
  return { op, apply, rule };
}

function applyUnary({ op, apply, rule }: Unary, x: Tensor): Tensor {
  checkFloat(op, x);
  if (x.node.op === "constant" && x.size <= foldLimit) {
    return constant(Float32Array.from(numbersOf(x), apply), x.shape);
  }
  return applyOp({ op, inputs: [x], output: x, rule });
}

function binary(
  op: string,
  apply: (a: number, b: number) => number,
  derivatives?: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
): Binary {
  const onnx = op[0].toUpperCase() + op.slice(1);
  const rule: Rule = {
    lower: (node, inputs, emitter) => emitter.emit(onnx, inputs, node.outputs),
    ...(derivatives === undefined
      ? {}
      : {
          gradient: (node: Node, [g]: readonly (Tensor | undefined)[]) => {
            if (g === undefined) return [];
            const [a, b] = node.inputs;
            const [da, db] = derivatives(g, a, b, node.outputs[0]);
            return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
          },
        }),
  };
  return { op, apply, rule };
}

function applyBinary({ op, apply, rule }: Binary, left: Operand, right: Operand): Tensor {
  const [first, second] = operands(op, left, right);
  const shape = broadcastShapes(op, first.shape, second.shape);
  const [a, b] = withoutBroadcasts(first, second, shape);
  if (isFoldable(a) && isFoldable(b) && sizeOf(shape) <= foldLimit) {
    return foldBinary(apply, a, b, shape);
  }
  return applyOp({ op, inputs: [a, b], output: { shape, dtype: a.dtype }, rule });
}

/** Both operands as tensors of one dtype. */
export function operands(call: string, left: Operand, right: Operand): readonly [Tensor, Tensor] {
  if (typeof left === "number" && typeof right === "number") {
    return [constant(left), constant(right)];
  }
  const a = typeof left === "number" ? like(left, right) : left;
  const b = typeof right === "number" ? like(right, left) : right;
  if (a.dtype !== b.dtype) {
    throw new ShapeError(`${call}: dtypes ${a.dtype} and ${b.dtype} differ; use cast`);
  }
  return [a, b];
}

/** The operands before a `broadcastTo` that the op's own broadcasting makes needless. */
function withoutBroadcasts(a: Tensor, b: Tensor, shape: Shape): readonly [Tensor, Tensor] {
  const bare = (x: Tensor, other: Tensor): Tensor => {
    if (x.node.op !== "broadcastTo") return x;
    const [source] = x.node.inputs;
    return sameShape(broadcastShapes("", source.shape, other.shape), shape) ? source : x;
  };
  const first = bare(a, b);
  return [first, bare(b, first)];
}

function like(value: number, other: Operand): Tensor {
  return constant(value, [], typeof other === "number" ? "float32" : other.dtype);
}

function isFoldable(x: Tensor): boolean {
  return x.node.op === "constant" && x.dtype === "float32";
}

function numbersOf(x: Tensor): Float32Array {
  return Float32Array.from(x.node.data ?? [], Number);
}

/** The value of a scalar float constant, else undefined. */
export function scalarOf(x: Tensor): number | undefined {
  return isFoldable(x) && x.size === 1 ? numbersOf(x)[0] : undefined;
}

function foldBinary(
  apply: (a: number, b: number) => number,
  a: Tensor,
  b: Tensor,
  shape: Shape,
): Tensor {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const strides = stridesOf(shape);
  const offset = (x: Tensor, index: number): number => {
    const own = stridesOf(x.shape);
    const lead = shape.length - x.rank;
    let at = 0;
    for (let axis = lead; axis < shape.length; axis += 1) {
      const coordinate = Math.floor(index / strides[axis]) % shape[axis];
      if (x.shape[axis - lead] !== 1) at += coordinate * own[axis - lead];
    }
    return at;
  };
  const data = allocate("float32", sizeOf(shape));
  for (let i = 0; i < data.length; i += 1) data[i] = apply(left[offset(a, i)], right[offset(b, i)]);
  return constant(data, shape);
}

const addRule = binary(
  "add",
  (a, b) => a + b,
  (g) => [g, g],
);
const subRule = binary(
  "sub",
  (a, b) => a - b,
  (g) => [g, neg(g)],
);
const mulRule = binary(
  "mul",
  (a, b) => a * b,
  (g, a, b) => [mul(g, b), mul(g, a)],
);
const divRule = binary(
  "div",
  (a, b) => a / b,
  (g, _, b, y) => [div(g, b), neg(div(mul(g, y), b))],
);
const powRule = binary(
  "pow",
  (a, b) => a ** b,
  (g, a, b, y) => [mul(g, mul(b, pow(a, sub(b, 1)))), mul(g, mul(y, log(a)))],
);

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  const [minusA, minusB] = [negated(a), negated(b)];
  if (minusB !== undefined) return sub(a, minusB);
  if (minusA !== undefined) return sub(b, minusA);
  if (isScalar(a, 0) && b instanceof Tensor) return b;
  if (isScalar(b, 0) && a instanceof Tensor) return a;
  return applyBinary(addRule, a, b);
}

/** a - b. */
export function sub(a: Operand, b: Operand): Tensor {
  if (isScalar(b, 0) && a instanceof Tensor) return a;
  return applyBinary(subRule, a, b);
}

/** a · b, elementwise. */
export function mul(a: Operand, b: Operand): Tensor {
  if (isScalar(a, 1) && b instanceof Tensor) return b;
  if (isScalar(b, 1) && a instanceof Tensor) return a;
  return applyBinary(mulRule, a, b);
}

/** a / b; a division by zero gives an infinity or NaN. */
export function div(a: Operand, b: Operand): Tensor {
  if (typeof b === "number" && a instanceof Tensor && isFloat(a.dtype)) return mul(a, 1 / b);
  return applyBinary(divRule, a, b);
}

/** a^b; NaN for a negative base with a fractional exponent. An exponent of 2 is a product. */
export function pow(a: Tensor, b: Operand): Tensor {
  if (isScalar(b, 1)) return a;
  if (isScalar(b, 2)) return square(a);
  return applyBinary(powRule, a, b);
}

/** What `x` is the negation of. */
function negated(x: Operand): Tensor | undefined {
  return x instanceof Tensor && x.node.op === "neg" ? x.node.inputs[0] : undefined;
}

/** True where the operand is the scalar `value`: nothing to broadcast, nothing to do. */
function isScalar(x: Operand, value: number): boolean {
  if (typeof x === "number") return x === value;
  return x.rank === 0 && scalarOf(x) === value;
}

const maximumRule = selecting("maximum", "Max", Math.max, "GreaterOrEqual");
const minimumRule = selecting("minimum", "Min", Math.min, "LessOrEqual");

function selecting(
  op: string,
  onnx: string,
  apply: (a: number, b: number) => number,
  test: string,
): Binary {
  const rule: Rule = {
    lower: (node, inputs, emitter) => emitter.emit(onnx, inputs, node.outputs),
    gradient: (node, [g]) => {
      if (g === undefined) return [];
      const [a, b] = node.inputs;
      const first = flag(test, a, b);
      const da = mul(g, first);
      return [unbroadcast(da, a.shape), unbroadcast(sub(g, da), b.shape)];
    },
  };
  return { op, apply, rule };
}

/** The larger of both; where they are equal the gradient goes to the first. */
export function maximum(a: Operand, b: Operand): Tensor {
  return applyBinary(maximumRule, a, b);
}

/** The smaller of both; where they are equal the gradient goes to the first. */
export function minimum(a: Operand, b: Operand): Tensor {
  return applyBinary(minimumRule, a, b);
}

/** A comparison as 0 and 1 in the operands' dtype, without a gradient. */
export function flag(onnx: string, left: Operand, right: Operand): Tensor {
  const [a, b] = operands(onnx, left, right);
  const shape = broadcastShapes(onnx, a.shape, b.shape);
  const rule: Rule = {
    lower: (node, inputs, emitter) => {
      const test = emitter.emitOne(onnx, inputs, { shape, dtype: "bool" });
      const to = a.dtype === "float16" ? 10 : 1;
      return emitter.emit("Cast", [test], node.outputs, { attributes: { to } });
    },
  };
  return applyOp({
    op: `flag${onnx}`,
    inputs: [a, b],
    output: { shape, dtype: a.dtype },
    rule,
  });
}

const negRule = unary(
  "neg",
  (x) => -x,
  (g) => neg(g),
);
const absRule = unary("abs", Math.abs, (g, x) => mul(g, sign(x)));
const signRule = unary("sign", Math.sign);
const expRule = unary("exp", Math.exp, (g, _, y) => mul(g, y));
const logRule = unary("log", Math.log, (g, x) => div(g, x));
const sqrtRule = unary("sqrt", Math.sqrt, (g, _, y) => div(mul(g, 0.5), y));
const reciprocalRule = unary(
  "reciprocal",
  (x) => 1 / x,
  (g, _, y) => neg(mul(g, square(y))),
);
const sinRule = unary("sin", Math.sin, (g, x) => mul(g, cos(x)));
const cosRule = unary("cos", Math.cos, (g, x) => neg(mul(g, sin(x))));
const tanhRule = unary("tanh", Math.tanh, (g, _, y) => sub(g, mul(g, square(y))));
const sigmoidRule = unary(
  "sigmoid",
  (x) => 1 / (1 + Math.exp(-x)),
  (g, _, y) => mul(g, sub(y, square(y))),
);
const reluRule = unary(
  "relu",
  (x) => Math.max(x, 0),
  (g, _, y) => mul(g, flag("Greater", y, 0)),
);
const softplusRule = unary(
  "softplus",
  (x) => Math.log1p(Math.exp(x)),
  (g, x) => mul(g, sigmoid(x)),
);
const floorRule = unary("floor", Math.floor);
const roundRule = unary("round", halfToEven);

function halfToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** -x. */
export function neg(x: Tensor): Tensor {
  return x.node.op === "neg" ? x.node.inputs[0] : applyUnary(negRule, x);
}

/** |x|; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return applyUnary(absRule, x);
}

/** -1, 0 or 1; no gradient. */
export function sign(x: Tensor): Tensor {
  return applyUnary(signRule, x);
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return applyUnary(expRule, x);
}

/** Natural logarithm: -Infinity at 0, NaN below. */
export function log(x: Tensor): Tensor {
  return applyUnary(logRule, x);
}

/** Square root: NaN below 0, an infinite gradient at 0. */
export function sqrt(x: Tensor): Tensor {
  return applyUnary(sqrtRule, x);
}

/** 1 / x. */
export function reciprocal(x: Tensor): Tensor {
  return applyUnary(reciprocalRule, x);
}

/** x². */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** Sine of x in radians. */
export function sin(x: Tensor): Tensor {
  return applyUnary(sinRule, x);
}

/** Cosine of x in radians. */
export function cos(x: Tensor): Tensor {
  return applyUnary(cosRule, x);
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return applyUnary(tanhRule, x);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return applyUnary(sigmoidRule, x);
}

/** max(x, 0); the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return applyUnary(reluRule, x);
}

/** log(1 + e^x). */
export function softplus(x: Tensor): Tensor {
  return applyUnary(softplusRule, x);
}

/** The largest integer not above x; no gradient. */
export function floor(x: Tensor): Tensor {
  return applyUnary(floorRule, x);
}

/** The nearest integer, halves to even; no gradient. */
export function round(x: Tensor): Tensor {
  return applyUnary(roundRule, x);
}
