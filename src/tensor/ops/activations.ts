// Activations composed of primitives, with hand-written gradients where the composed ones would be longer.

import { withGradient } from "../grad/composite.ts";
import type { Rule, Tensor } from "../graph/tensor.ts";
import { applyOp } from "../graph/tensor.ts";
import { checkFloat } from "./broadcast.ts";
import { add, exp, flag, minimum, mul, neg, sigmoid, square, sub } from "./elementwise.ts";
import { split } from "./slices.ts";

const erfRule: Rule = {
  gradient: (node, [g]) => [
    g && mul(g, mul(exp(neg(square(node.inputs[0]))), 2 / Math.sqrt(Math.PI))),
  ],
  lower: (node, inputs, emitter) => emitter.emit("Erf", inputs, node.outputs),
};

/** The error function 2/√π ∫₀ˣ e^(-t²) dt. */
export function erf(x: Tensor): Tensor {
  checkFloat("erf", x);
  return applyOp({ op: "erf", inputs: [x], output: x, rule: erfRule });
}

/** x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  return withGradient({
    op: "gelu",
    inputs: [x],
    outputs: [mul(x, cdf)],
    saved: [cdf],
    gradient: ({ inputs: [x0], saved: [cdf0], gradients: [g] }) => {
      if (g === undefined) return [];
      const density = mul(exp(mul(square(x0), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(g, add(cdf0, mul(x0, density)))];
    },
  })[0];
}

const eluRule: Rule = {
  gradient: (node, [g]) => [g && mul(g, add(minimum(node.outputs[0], 0), 1))],
  lower: (node, inputs, emitter) => emitter.emit("Elu", inputs, node.outputs),
};

/** x above 0, e^x - 1 below; its derivative is min(y, 0) + 1. */
export function elu(x: Tensor): Tensor {
  checkFloat("elu", x);
  return applyOp({ op: "elu", inputs: [x], output: x, rule: eluRule });
}

const leakyRule: Rule = {
  gradient: (node, [g]) => {
    if (g === undefined) return [];
    const slope = Number(node.attributes["slope"]);
    return [mul(g, add(mul(flag("Greater", node.inputs[0], 0), 1 - slope), slope))];
  },
  lower: (node, inputs, emitter) =>
    emitter.emit("LeakyRelu", inputs, node.outputs, {
      attributes: { alpha: { float: Number(node.attributes["slope"]) } },
    }),
};

/** x above 0, slope·x below. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkFloat("leakyRelu", x);
  return applyOp({
    op: "leakyRelu",
    inputs: [x],
    output: x,
    rule: leakyRule,
    attributes: { slope },
  });
}

/** x sigmoid(x). */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** a sigmoid(b), where a and b are the halves of the last axis (Dauphin et al. 2017): (…, 2D) gives (…, D). */
export function glu(x: Tensor): Tensor {
  const [value, gate] = split(x, 2, -1);
  return gated(value, gate);
}

/** value · sigmoid(gate): with y the result and s the gate, the gate's gradient is g (y - y s). */
export function gated(value: Tensor, gate: Tensor): Tensor {
  const open = sigmoid(gate);
  return withGradient({
    op: "gated",
    inputs: [value, gate],
    outputs: [mul(value, open)],
    saved: [open],
    gradient: ({ outputs: [y], saved: [s], gradients: [g] }) =>
      g === undefined ? [] : [mul(g, s), mul(g, sub(y, mul(y, s)))],
  })[0];
}
