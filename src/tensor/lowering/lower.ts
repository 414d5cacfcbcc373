// Graph to program: every node that the outputs need is lowered once, then the peephole passes run.

import { ShapeError } from "../../errors.ts";
import type { Node, Tensor } from "../graph/tensor.ts";
import { topologicalOrder } from "../graph/tensor.ts";
import type { Target, Value } from "./emitter.ts";
import { Emitter } from "./emitter.ts";
import type { Program } from "./encode.ts";
import { fuse } from "./fuse.ts";
import { narrow } from "./narrow.ts";

export interface Output {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface LowerOptions {
  readonly target: Target;
  /** True where the program will run on one thread. */
  readonly isSerial?: boolean;
  /** The name a leaf (input, parameter, mask) is fed under; undefined makes a parameter an initialiser. */
  readonly nameOf: (leaf: Node) => string | undefined;
}

/** Lowers `outputs` and all they need. Inputs of the program are the leaves reached, each name once. */
export function lower(
  outputs: readonly Output[],
  { target, isSerial, nameOf }: LowerOptions,
): Program {
  const emitter = new Emitter(target, isSerial);
  const inputs = new Map<string, Value>();
  for (const node of topologicalOrder(outputs.map(({ tensor }) => tensor))) {
    const values =
      node.inputs.length === 0
        ? [lowerLeaf(node, nameOf, inputs, emitter)]
        : node.rule.lower(
            node,
            node.inputs.map((tensor) => emitter.lowered(tensor)),
            emitter,
          );
    node.outputs.forEach((tensor, i) => {
      emitter.define(tensor, values[i]);
    });
  }
  const results = outputs.map(({ name, tensor }) => named(name, emitter.lowered(tensor), emitter));
  const { instructions } = emitter;
  const fused = fuse({ instructions, inputs: [...inputs.values()], outputs: results }, emitter);
  return target === "webgpu" ? narrow(fused, emitter) : fused;
}

function lowerLeaf(
  node: Node,
  nameOf: LowerOptions["nameOf"],
  inputs: Map<string, Value>,
  emitter: Emitter,
): Value {
  const [{ shape, dtype }] = node.outputs;
  const name = node.op === "constant" ? undefined : nameOf(node);
  if (name === undefined) {
    if (node.data === undefined) {
      throw new ShapeError(`lowering: ${node.op} ${JSON.stringify(node.attributes)} is not fed`);
    }
    return emitter.initializer(node.data, shape, dtype);
  }
  const known = inputs.get(name);
  if (known !== undefined) return known;
  const value = emitter.value({ shape, dtype }, name);
  inputs.set(name, value);
  return value;
}

/** A graph output of its own name: two outputs may be one value, or an input. */
function named(name: string, value: Value, emitter: Emitter): Value {
  const output = emitter.value(value, name);
  emitter.instructions.push({
    type: "Identity",
    domain: "",
    inputs: [value],
    outputs: [output],
    attributes: {},
  });
  return output;
}
