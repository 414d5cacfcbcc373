// Writes a lowered program as an ONNX file.

import { ArtifactError } from "../../errors.ts";
import type { TensorData } from "../graph/dtype.ts";
import { onnxType } from "../graph/dtype.ts";
import type { Instruction, OnnxAttribute, Value } from "./emitter.ts";
import { modelProto } from "./onnx-proto.ts";

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

export interface EncodeOptions {
  /** Becomes metadata_props of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** ONNX opset that the emitted nodes belong to. */
const opset = 21;

/** protobuf cannot hold more than 2 GiB in one file. */
const sizeLimit = 2 ** 31 - 2 ** 20;

/** The program as the bytes of an ONNX file. Throws ArtifactError beyond 2 GiB. */
export function encodeModel(program: Program, { metadata = {} }: EncodeOptions = {}): Uint8Array {
  const initializers = constantsOf(program);
  const bytes = initializers.reduce((sum, value) => sum + (value.data?.byteLength ?? 0), 0);
  if (bytes > sizeLimit) {
    throw new ArtifactError(
      `onnx: constants of ${bytes} bytes exceed the 2 GiB of one file; make them inputs or parameters`,
    );
  }
  return modelProto
    .encode({
      ir_version: 10,
      producer_name: "gogooku3",
      opset_import: [
        { domain: "", version: opset },
        { domain: "com.microsoft", version: 1 },
      ],
      metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: "gogooku3",
        node: program.instructions.map(nodeProto),
        initializer: initializers.map(tensorProto),
        input: program.inputs.map(valueInfo),
        output: program.outputs.map(valueInfo),
      },
    })
    .finish();
}

function constantsOf({ instructions, outputs }: Program): Value[] {
  const constants = new Set<Value>();
  const note = (value: Value | undefined): void => {
    if (value?.data !== undefined) constants.add(value);
  };
  for (const { inputs } of instructions) inputs.forEach(note);
  outputs.forEach(note);
  return [...constants];
}

function nodeProto(
  { type, domain, inputs, outputs, attributes }: Instruction,
  index: number,
): object {
  return {
    name: `${type}_${index}`,
    op_type: type,
    domain,
    input: inputs.map((value) => value?.name ?? ""),
    output: outputs.map((value) => value.name),
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

// AttributeType of onnx.proto: FLOAT 1, INT 2, STRING 3, INTS 7.
function attributeProto(name: string, value: OnnxAttribute): object {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: Buffer.from(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}

function tensorProto(value: Value): object {
  const { name, shape, dtype, data } = value;
  return { name, dims: shape, data_type: onnxType[dtype], raw_data: bytesOf(data) };
}

function bytesOf(data: TensorData | undefined): Uint8Array {
  return data === undefined
    ? new Uint8Array(0)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function valueInfo({ name, shape, dtype }: Value): object {
  const dim = shape.map((length) => ({ dim_value: length }));
  return { name, type: { tensor_type: { elem_type: onnxType[dtype], shape: { dim } } } };
}
