// LightGBM's text format (version v4) as trees: what an exporter needs of it.

import { ArtifactError } from "../../errors.ts";

export type MissingType = "none" | "zero" | "nan";

/** A split: rows that fulfil it go left. Children at or above 0 are splits, below 0 leaf −child − 1. */
export interface TreeSplit {
  readonly feature: number;
  /** Go left when value ≤ threshold; of a categorical split, when the value is among `categories`. */
  readonly threshold: number;
  readonly categories: readonly number[] | null;
  readonly defaultLeft: boolean;
  readonly missing: MissingType;
  readonly left: number;
  readonly right: number;
}

export interface Tree {
  readonly splits: readonly TreeSplit[];
  readonly leaves: readonly number[];
}

export interface TreeModel {
  readonly features: readonly string[];
  /** "regression", "binary sigmoid:1", "lambdarank" ... */
  readonly objective: string;
  readonly trees: readonly Tree[];
}

const categoricalBit = 1;
const defaultLeftBit = 2;
const missingTypes: readonly MissingType[] = ["none", "zero", "nan"];

/** Reads a model. Throws ArtifactError for another version, linear trees or several outputs. */
export function parseModelText(text: string): TreeModel {
  const [head, ...blocks] = text.split(/^Tree=\d+$/mu);
  const fields = fieldsOf(head);
  requireField(fields, "version", "v4");
  requireField(fields, "num_tree_per_iteration", "1");
  return {
    features: (fields.get("feature_names") ?? "").split(" "),
    objective: fields.get("objective") ?? "",
    trees: blocks.map((block) => treeOf(fieldsOf(block.split("end of trees")[0]))),
  };
}

function treeOf(fields: ReadonlyMap<string, string>): Tree {
  requireField(fields, "is_linear", "0");
  const numbers = (name: string): number[] =>
    (fields.get(name) ?? "").split(" ").filter(Boolean).map(numberOf);
  const leaves = numbers("leaf_value");
  if (leaves.length < 2) return { splits: [], leaves };
  const thresholds = numbers("threshold");
  const decisions = numbers("decision_type");
  const lefts = numbers("left_child");
  const rights = numbers("right_child");
  const boundaries = numbers("cat_boundaries");
  const words = numbers("cat_threshold");
  const splits = numbers("split_feature").map((feature, i): TreeSplit => {
    const isCategorical = (decisions[i] & categoricalBit) !== 0;
    const [from, to] = [boundaries[thresholds[i]], boundaries[thresholds[i] + 1]];
    return {
      feature,
      threshold: thresholds[i],
      categories: isCategorical ? setBits(words.slice(from, to)) : null,
      defaultLeft: (decisions[i] & defaultLeftBit) !== 0,
      missing: missingTypes[(decisions[i] >> 2) & 3],
      left: lefts[i],
      right: rights[i],
    };
  });
  return { splits, leaves };
}

/** C++ prints infinities as `inf`: a split that parts known from missing values has such a threshold. */
function numberOf(text: string): number {
  return Number(text.replace("inf", "Infinity"));
}

function setBits(words: readonly number[]): number[] {
  return words.flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => i * 32 + bit),
  );
}

function fieldsOf(block: string): Map<string, string> {
  return new Map(
    block.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

function requireField(fields: ReadonlyMap<string, string>, name: string, expected: string): void {
  const found = fields.get(name) ?? "nothing";
  if (found === expected) return;
  throw new ArtifactError(`LightGBM model: ${name}: expected ${expected}, found ${found}`);
}
