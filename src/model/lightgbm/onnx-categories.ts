// Categorical splits for ONNX: each set of categories that a split asks for becomes one column that is 1 inside the set.

import type { TreeModel } from "./model-text.ts";

export interface CategoryColumns {
  /** Nodes and constants that compute the columns, and the name of the matrix that holds all of them after the features. */
  readonly nodes: readonly object[];
  readonly initializers: readonly object[];
  readonly output: string;
  /** Column of a feature's set. */
  columnOf(feature: number, categories: readonly number[]): number;
}

/** Adds (rows, sets) after the (rows, F) matrix `input`: Equal against the categories, then a product with the sets. */
export function categoryColumns(model: TreeModel, input: string): CategoryColumns {
  const byFeature = new Map<number, Map<string, readonly number[]>>();
  for (const { splits } of model.trees) {
    for (const { feature, categories } of splits) {
      if (categories === null) continue;
      const sets = byFeature.get(feature) ?? new Map<string, readonly number[]>();
      byFeature.set(feature, sets.set(categories.join(","), categories));
    }
  }
  const columns = new Map<string, number>();
  const nodes: object[] = [];
  const initializers: object[] = [];
  const parts = [input];
  for (const [feature, sets] of byFeature) {
    for (const key of sets.keys()) {
      columns.set(`${feature}:${key}`, model.features.length + columns.size);
    }
    const membership = membershipOf(feature, [...sets.values()], input);
    nodes.push(...membership.nodes);
    initializers.push(...membership.initializers);
    parts.push(membership.output);
  }
  if (parts.length === 1) return { nodes, initializers, output: input, columnOf: () => -1 };
  nodes.push({
    op_type: "Concat",
    name: "columns",
    input: parts,
    output: ["columns"],
    attribute: [{ name: "axis", type: 2, i: 1 }],
  });
  return {
    nodes,
    initializers,
    output: "columns",
    columnOf: (feature, categories) => columns.get(`${feature}:${categories.join(",")}`) ?? -1,
  };
}

/** (rows, 1) values → (rows, C) equal to a category → (rows, sets). NaN and negative values are in no set. */
function membershipOf(
  feature: number,
  sets: readonly (readonly number[])[],
  input: string,
): { nodes: object[]; initializers: object[]; output: string } {
  const categories = [...new Set(sets.flat())].sort((a, b) => a - b);
  const inSet = categories.flatMap((category) => sets.map((set) => Number(set.includes(category))));
  const name = (part: string): string => `category_${feature}_${part}`;
  const node = (
    op: string,
    inputs: readonly string[],
    output: string,
    attribute: object[] = [],
  ) => ({
    op_type: op,
    name: name(output),
    input: inputs,
    output: [name(output)],
    attribute,
  });
  const float32 = 1;
  return {
    nodes: [
      node("Gather", [input, name("index")], "value", [{ name: "axis", type: 2, i: 1 }]),
      // The library truncates a category to a whole number.
      node("Floor", [name("value")], "code"),
      node("Equal", [name("code"), name("codes")], "equal"),
      node("Cast", [name("equal")], "onehot", [{ name: "to", type: 2, i: float32 }]),
      node("MatMul", [name("onehot"), name("sets")], "member"),
    ],
    initializers: [
      tensor(name("index"), [1], BigInt64Array.of(BigInt(feature))),
      tensor(name("codes"), [1, categories.length], Float32Array.from(categories)),
      tensor(name("sets"), [categories.length, sets.length], Float32Array.from(inSet)),
    ],
    output: name("member"),
  };
}

function tensor(name: string, dims: readonly number[], data: BigInt64Array | Float32Array): object {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims, data_type: data instanceof Float32Array ? 1 : 7, raw_data: raw };
}
