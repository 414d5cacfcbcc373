// Peephole passes over a program: an addition becomes Gemm's C, a factor its alpha, an activation its epilogue; dead nodes go.

import type { Shape } from "../graph/shape.ts";
import { sameShape, sizeOf } from "../graph/shape.ts";
import { toNumbers } from "../graph/dtype.ts";
import type { Emitter, Instruction, OnnxAttribute, Value } from "./emitter.ts";
import type { Program } from "./encode.ts";

/** Runs all passes; `emitter` makes the values of new instructions. */
export function fuse(program: Program, emitter: Emitter): Program {
  const live = withoutDead(program);
  const fused = new Fusion(live, emitter).run();
  return withoutIdentities(withoutDead({ ...live, instructions: fused }));
}

/** Keeps only what the outputs need. */
function withoutDead({ instructions, inputs, outputs }: Program): Program {
  const needed = new Set<Value>(outputs);
  const kept: Instruction[] = [];
  for (const instruction of instructions.toReversed()) {
    if (!instruction.outputs.some((value) => needed.has(value))) continue;
    kept.push(instruction);
    for (const value of instruction.inputs) if (value !== undefined) needed.add(value);
  }
  return {
    instructions: kept.reverse(),
    inputs: inputs.filter((value) => needed.has(value)),
    outputs,
  };
}

/** Lets the node that computes an output write it under the output's name, where no other name claims the value. */
function withoutIdentities({ instructions, inputs, outputs }: Program): Program {
  const renamed = new Map<Value, Value>();
  const computed = new Set(instructions.flatMap((instruction) => instruction.outputs));
  const kept = instructions.filter(({ type, inputs: [source], outputs: [target] }) => {
    if (type !== "Identity" || source === undefined) return true;
    if (!computed.has(source) || renamed.has(source) || outputs.includes(source)) return true;
    renamed.set(source, target);
    return false;
  });
  const get = (value: Value): Value => renamed.get(value) ?? value;
  const changed = kept.map((instruction) => ({
    ...instruction,
    inputs: instruction.inputs.map((value) => value && get(value)),
    outputs: instruction.outputs.map(get),
  }));
  return { instructions: changed, inputs, outputs };
}

/** A 2-D product found behind an operand, possibly through a reshape that nothing else reads. */
interface Found {
  readonly gemm: Instruction;
  readonly chain: readonly Instruction[];
}

const products: readonly string[] = ["Gemm", "MatMul", "FusedMatMul"];

const activations: readonly string[] = ["Relu", "Sigmoid", "Tanh"];

class Fusion {
  readonly #program: Program;
  readonly #emitter: Emitter;
  readonly #producer = new Map<Value, Instruction>();
  readonly #uses = new Map<Value, number>();
  readonly #removed = new Set<Instruction>();
  readonly #result: Instruction[] = [];

  constructor(program: Program, emitter: Emitter) {
    this.#program = program;
    this.#emitter = emitter;
    const count = (value: Value): void => {
      this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
    };
    for (const { inputs } of program.instructions) {
      for (const value of inputs) if (value !== undefined) count(value);
    }
    program.outputs.forEach(count);
  }

  run(): readonly Instruction[] {
    for (const instruction of this.#program.instructions) {
      if (!this.#fuseOne(instruction)) this.#push(instruction);
    }
    return this.#result.filter((instruction) => !this.#removed.has(instruction));
  }

  #fuseOne(instruction: Instruction): boolean {
    const { type } = instruction;
    if (type === "Add") return this.#fuseAdd(instruction);
    if (type === "Mul") return this.#fuseScale(instruction);
    if (this.#emitter.target === "cpu" && activations.includes(type)) {
      return this.#fuseActivation(instruction);
    }
    return false;
  }

  #fuseAdd({ inputs: [a, b], outputs: [sum] }: Instruction): boolean {
    if (a === undefined || b === undefined) return false;
    for (const [product, addend] of [
      [b, a],
      [a, b],
    ]) {
      const found = sameShape(product.shape, sum.shape) ? this.#findGemm(product) : undefined;
      if (found === undefined || found.gemm.inputs.length > 2) continue;
      const matrix = found.gemm.outputs[0].shape;
      const c = this.#asAddend(addend, matrix, sum.shape);
      if (c === undefined) continue;
      this.#replace(found, { ...found.gemm, inputs: [...found.gemm.inputs, c] }, sum);
      return true;
    }
    return false;
  }

  /** The addend in a shape that Gemm broadcasts: (N) for a bias, (M, N) for a whole matrix. */
  #asAddend(addend: Value, [rows, columns]: Shape, sum: Shape): Value | undefined {
    const size = sizeOf(addend.shape);
    if (size === columns && (addend.shape.at(-1) ?? 0) === columns) {
      return this.#reshaped(addend, [columns]);
    }
    if (size === rows * columns && sameShape(addend.shape, sum)) {
      return this.#reshaped(addend, [rows, columns]);
    }
    return undefined;
  }

  #fuseScale({ inputs: [a, b], outputs: [scaled] }: Instruction): boolean {
    if (a === undefined || b === undefined || !this.#emitter.hasFusedMatMul) return false;
    for (const [product, factor] of [
      [a, b],
      [b, a],
    ]) {
      if (factor.data === undefined || sizeOf(factor.shape) !== 1) continue;
      const found = this.#findProduct(product);
      if (found === undefined) continue;
      const { gemm } = found;
      if (gemm.inputs.length > 2) continue;
      const alpha = { float: alphaOf(gemm.attributes["alpha"]) * toNumbers(factor.data)[0] };
      const attributes = { ...gemm.attributes, alpha };
      const isPlain = gemm.type === "MatMul";
      const scaledProduct: Instruction = isPlain
        ? { ...gemm, type: "FusedMatMul", domain: "com.microsoft", attributes }
        : { ...gemm, attributes };
      this.#replace(found, scaledProduct, scaled);
      return true;
    }
    return false;
  }

  #fuseActivation({ type, inputs: [x], outputs: [y] }: Instruction): boolean {
    const found = x && this.#findGemm(x);
    if (found === undefined) return false;
    const { gemm } = found;
    const attributes = { ...gemm.attributes, activation: type };
    this.#replace(found, { ...gemm, type: "FusedGemm", domain: "com.microsoft", attributes }, y);
    return true;
  }

  #findGemm(value: Value): Found | undefined {
    const found = this.#findProduct(value);
    return found !== undefined && found.gemm.type === "Gemm" ? found : undefined;
  }

  #findProduct(value: Value): Found | undefined {
    const chain: Instruction[] = [];
    let instruction = this.#producer.get(value);
    let read = value;
    while (instruction !== undefined && this.#uses.get(read) === 1) {
      chain.push(instruction);
      const { type, inputs } = instruction;
      if (products.includes(type)) return { gemm: instruction, chain };
      if (type !== "Reshape" || inputs[0] === undefined) return undefined;
      [read] = inputs;
      instruction = this.#producer.get(read);
    }
    return undefined;
  }

  /** Puts `gemm` in the place of a found chain and of the instruction that made `target`. */
  #replace({ gemm: old, chain }: Found, gemm: Instruction, target: Value): void {
    for (const instruction of chain) this.#removed.add(instruction);
    const matrix = old.outputs[0].shape;
    if (sameShape(matrix, target.shape)) {
      this.#push({ ...gemm, outputs: [target] });
      return;
    }
    const output = this.#emitter.value({ shape: matrix, dtype: target.dtype });
    this.#uses.set(output, 1);
    this.#push({ ...gemm, outputs: [output] });
    this.#push(reshapeTo(output, target, this.#emitter));
  }

  #reshaped(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value;
    if (value.data !== undefined) return this.#emitter.initializer(value.data, shape, value.dtype);
    const output = this.#emitter.value({ shape, dtype: value.dtype });
    this.#uses.set(output, 1);
    this.#push(reshapeTo(value, output, this.#emitter));
    return output;
  }

  #push(instruction: Instruction): void {
    this.#result.push(instruction);
    for (const value of instruction.outputs) this.#producer.set(value, instruction);
  }
}

function reshapeTo(from: Value, to: Value, emitter: Emitter): Instruction {
  return {
    type: "Reshape",
    domain: "",
    inputs: [from, emitter.integers(to.shape)],
    outputs: [to],
    attributes: {},
  };
}

function alphaOf(attribute: OnnxAttribute | undefined): number {
  return typeof attribute === "object" && "float" in attribute ? attribute.float : 1;
}
