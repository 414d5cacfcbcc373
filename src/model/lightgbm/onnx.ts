// A LightGBM model as ONNX: a TreeEnsembleRegressor (ai.onnx.ml 3) over features and category sets, which any ONNX Runtime serves without the native library.

import { ArtifactError } from "../../errors.ts";
import { modelProto } from "../../tensor/lowering/onnx-proto.ts";
import { categoryColumns, type CategoryColumns } from "./onnx-categories.ts";
import { parseModelText, type Tree, type TreeModel, type TreeSplit } from "./model-text.ts";

export interface OnnxExportOptions {
  /** Becomes metadata_props of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX file: input `features` (rows, F) float32 with NaN for missing, output `score` (rows, 1) float32.
 * Scores equal the library's within float32 rounding of the sum over trees. Throws ArtifactError for models that treat zero
 * as missing.
 */
export function exportOnnx(
  modelText: string,
  { metadata = {} }: OnnxExportOptions = {},
): Uint8Array {
  const model = parseModelText(modelText);
  const columns = new NodeColumns();
  const categories = categoryColumns(model, "features");
  model.trees.forEach((tree, id) => addTree(columns, tree, id, categories));
  const properties = { ...metadata, features: JSON.stringify(model.features) };
  return modelProto
    .encode({
      ir_version: 10,
      producer_name: "gogooku3",
      opset_import: [
        { domain: "", version: 21 },
        { domain: "ai.onnx.ml", version: 3 },
      ],
      metadata_props: Object.entries(properties).map(([key, value]) => ({ key, value })),
      graph: {
        name: "lightgbm",
        node: [...categories.nodes, ensembleNode(model, columns, categories.output)],
        initializer: categories.initializers,
        input: [valueInfo("features", model.features.length)],
        output: [valueInfo("score", 1)],
      },
    })
    .finish();
}

/** The attributes of the operator: one entry a node, one a leaf. */
class NodeColumns {
  readonly treeIds: number[] = [];
  readonly nodeIds: number[] = [];
  readonly featureIds: number[] = [];
  readonly modes: string[] = [];
  readonly values: number[] = [];
  readonly trueIds: number[] = [];
  readonly falseIds: number[] = [];
  readonly missingTrue: number[] = [];
  readonly targetTreeIds: number[] = [];
  readonly targetNodeIds: number[] = [];
  readonly weights: number[] = [];

  addBranch(tree: number, node: BranchNode): void {
    this.treeIds.push(tree);
    this.nodeIds.push(node.id);
    this.featureIds.push(node.feature);
    this.modes.push(node.mode);
    this.values.push(node.value);
    this.trueIds.push(node.onTrue);
    this.falseIds.push(node.onFalse);
    this.missingTrue.push(Number(node.missingIsTrue));
  }

  addLeaf(tree: number, id: number, weight: number): void {
    this.addBranch(tree, {
      id,
      feature: 0,
      mode: "LEAF",
      value: 0,
      onTrue: 0,
      onFalse: 0,
      missingIsTrue: false,
    });
    this.targetTreeIds.push(tree);
    this.targetNodeIds.push(id);
    this.weights.push(weight);
  }
}

interface BranchNode {
  readonly id: number;
  readonly feature: number;
  readonly mode: string;
  readonly value: number;
  readonly onTrue: number;
  readonly onFalse: number;
  readonly missingIsTrue: boolean;
}

/** Ids: splits first, then leaves. */
function addTree(
  columns: NodeColumns,
  { splits, leaves }: Tree,
  tree: number,
  sets: CategoryColumns,
): void {
  const idOf = (child: number): number => (child >= 0 ? child : splits.length - child - 1);
  splits.forEach((split, id) => {
    const { feature, categories, left, right } = split;
    const link = { id, onTrue: idOf(left), onFalse: idOf(right) };
    const test =
      categories === null
        ? {
            feature,
            mode: "BRANCH_LEQ",
            value: atMost(split.threshold),
            missingIsTrue: missingGoesLeft(split),
          }
        : {
            feature: sets.columnOf(feature, categories),
            mode: "BRANCH_GT",
            value: 0.5,
            missingIsTrue: false,
          };
    columns.addBranch(tree, { ...link, ...test });
  });
  leaves.forEach((weight, leaf) => columns.addLeaf(tree, splits.length + leaf, weight));
}

/** Where NaN goes: to the declared side, or, in a feature without missing values in training, where 0 goes. */
function missingGoesLeft({ missing, defaultLeft, threshold }: TreeSplit): boolean {
  if (missing === "zero") {
    throw new ArtifactError("exportOnnx: the model treats zero as missing, which ONNX cannot");
  }
  return missing === "nan" ? defaultLeft : threshold >= 0;
}

const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

/** The greatest float32 at or below a float64 threshold: float32 values compare with both alike. */
function atMost(threshold: number): number {
  word[0] = threshold;
  if (word[0] <= threshold) return word[0];
  if (word[0] === 0) return -1.401298464324817e-45;
  bits[0] += word[0] > 0 ? -1 : 1;
  return word[0];
}

// AttributeType of onnx.proto: FLOATS 6, INTS 7, STRING 3, STRINGS 8, INT 2.
function ensembleNode(model: TreeModel, columns: NodeColumns, input: string): object {
  const ints = (name: string, values: readonly number[]): object => ({
    name,
    type: 7,
    ints: values,
  });
  const floats = (name: string, values: readonly number[]): object => ({
    name,
    type: 6,
    floats: values,
  });
  const isBinary = model.objective.startsWith("binary");
  return {
    op_type: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    name: "trees",
    input: [input],
    output: ["score"],
    attribute: [
      { name: "n_targets", type: 2, i: 1 },
      { name: "post_transform", type: 3, s: Buffer.from(isBinary ? "LOGISTIC" : "NONE") },
      ints("nodes_treeids", columns.treeIds),
      ints("nodes_nodeids", columns.nodeIds),
      ints("nodes_featureids", columns.featureIds),
      {
        name: "nodes_modes",
        type: 8,
        strings: columns.modes.map((mode) => Buffer.from(mode)),
      },
      floats("nodes_values", columns.values),
      ints("nodes_truenodeids", columns.trueIds),
      ints("nodes_falsenodeids", columns.falseIds),
      ints("nodes_missing_value_tracks_true", columns.missingTrue),
      ints("target_treeids", columns.targetTreeIds),
      ints("target_nodeids", columns.targetNodeIds),
      ints(
        "target_ids",
        columns.targetTreeIds.map(() => 0),
      ),
      floats("target_weights", columns.weights),
    ],
  };
}

/** (rows, width) float32, rows free. */
function valueInfo(name: string, width: number): object {
  const shape = { dim: [{}, { dim_value: width }] };
  return { name, type: { tensor_type: { elem_type: 1, shape } } };
}
