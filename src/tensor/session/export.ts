// Inference export: an ONNX file with the weights inside, which any ONNX Runtime loads.

import { encodeModel } from "../lowering/encode.ts";
import type { TensorType } from "../graph/tensor.ts";
import { mapTree } from "../graph/tree.ts";
import { parameter } from "../graph/tensor.ts";
import { ShapeError } from "../../errors.ts";
import type { StateValue } from "./state.ts";
import type { StepDefinition } from "./trace.ts";
import { traceStep } from "./trace.ts";

export interface ExportOptions {
  /** The weights to write, by path; absent: the parameters' first values. */
  readonly values?: readonly StateValue[];
  /** Goes into the file's metadata_props: feature ABI, config hash, versions. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX file (opset 21) that computes the outputs of `definition.step` from its inputs, under their names.
 * Parameters become initialisers. Throws ShapeError for a state path without a value, or where dropout is left on.
 */
export function exportOnnx<S, I extends Readonly<Record<string, TensorType>>>(
  definition: StepDefinition<S, I>,
  { values, metadata = {} }: ExportOptions = {},
): Uint8Array {
  const state = values === undefined ? definition.state : withValues(definition.state, values);
  const traced = traceStep(
    { ...definition, state },
    { target: "portable", minibatches: 1, isFrozen: true },
  );
  return encodeModel(traced.program, { metadata });
}

function withValues<S>(state: S, values: readonly StateValue[]): S {
  const byPath = new Map(values.map((value) => [value.path, value]));
  return mapTree(state, (leaf, path) => {
    const value = byPath.get(path);
    if (value === undefined || value.data.length !== leaf.size) {
      throw new ShapeError(
        `export: expected a value for ${path}, ${leaf.toString()}, found ${value?.data.length ?? "none"}`,
      );
    }
    return parameter(value.data, leaf.shape);
  });
}
