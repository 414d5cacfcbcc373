// Splits and concats of many parts as trees of narrow ones: a WebGPU shader binds a limited number of buffers.

import type { Emitter, Instruction, Value } from "./emitter.ts";
import type { Program } from "./encode.ts";

/** WebGPU guarantees 8 storage buffers a shader stage (maxStorageBuffersPerShaderStage): one whole and its parts. */
const mostParts = 7;

/** The program with every Split and Concat of at most 7 parts. */
export function narrow(program: Program, emitter: Emitter): Program {
  const instructions = program.instructions.flatMap((instruction) => {
    const { type, inputs, outputs } = instruction;
    if (type === "Split" && outputs.length > mostParts) return narrowSplit(instruction, emitter);
    if (type === "Concat" && inputs.length > mostParts) return narrowConcat(instruction, emitter);
    return [instruction];
  });
  return { ...program, instructions };
}

function narrowSplit(split: Instruction, emitter: Emitter): readonly Instruction[] {
  const axis = Number(split.attributes["axis"]);
  const groups = grouped(split.outputs);
  const wholes = groups.map((group) => joined(group, axis, emitter));
  const sizes = (parts: readonly Value[]): Value =>
    emitter.integers(parts.map(({ shape }) => shape[axis]));
  const first = { ...split, inputs: [split.inputs[0], sizes(wholes)], outputs: wholes };
  const rest = groups.flatMap((group, i) =>
    group.length === 1
      ? []
      : narrowed({ ...split, inputs: [wholes[i], sizes(group)], outputs: group }, emitter),
  );
  return [first, ...rest];
}

function narrowConcat(concat: Instruction, emitter: Emitter): readonly Instruction[] {
  const axis = Number(concat.attributes["axis"]);
  const groups = grouped(concat.inputs.filter((value) => value !== undefined));
  const wholes = groups.map((group) => joined(group, axis, emitter));
  const parts = groups.flatMap((group, i) =>
    group.length === 1 ? [] : narrowed({ ...concat, inputs: group, outputs: [wholes[i]] }, emitter),
  );
  return [...parts, { ...concat, inputs: wholes }];
}

function narrowed(instruction: Instruction, emitter: Emitter): readonly Instruction[] {
  return narrow({ instructions: [instruction], inputs: [], outputs: [] }, emitter).instructions;
}

/** At most 7 runs of nearly equal length. */
function grouped(parts: readonly Value[]): readonly (readonly Value[])[] {
  const length = Math.ceil(parts.length / mostParts);
  const count = Math.ceil(parts.length / length);
  return Array.from({ length: count }, (_, i) => parts.slice(i * length, (i + 1) * length));
}

/** The value of a run: itself where it is alone. */
function joined(group: readonly Value[], axis: number, emitter: Emitter): Value {
  const [first] = group;
  if (group.length === 1) return first;
  const length = group.reduce((sum, { shape }) => sum + shape[axis], 0);
  return emitter.value({ shape: first.shape.with(axis, length), dtype: first.dtype });
}
