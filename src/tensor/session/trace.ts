// Runs a step function on symbols: state, inputs and masks become fed values; the result is a program with named outputs.

import { ShapeError } from "../../errors.ts";
import { sameShape } from "../graph/shape.ts";
import type { Node, Tensor, TensorType } from "../graph/tensor.ts";
import { input, topologicalOrder } from "../graph/tensor.ts";
import type { Leaf } from "../graph/tree.ts";
import { leavesOf } from "../graph/tree.ts";
import type { Target } from "../lowering/emitter.ts";
import type { Program } from "../lowering/encode.ts";
import type { Output } from "../lowering/lower.ts";
import { lower } from "../lowering/lower.ts";

export interface StepResult<S> {
  /** The state after the step, a tree of the same form; absent: the state does not change. */
  readonly state?: S;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

export interface StepDefinition<S, I extends Readonly<Record<string, TensorType>>> {
  /** Trees of parameters: what lives between runs. */
  readonly state: S;
  /** Shape and dtype of what each run is given. */
  readonly inputs: I;
  readonly step: (state: S, inputs: { readonly [K in keyof I]: Tensor }) => StepResult<S>;
}

/** A mask that is drawn before each run. */
export interface MaskInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rate: number;
  readonly key: number;
  /** Which minibatch of the run it belongs to. */
  readonly minibatch: number;
}

export interface TracedStep {
  readonly program: Program;
  readonly state: readonly Leaf[];
  /** Paths of the state that the program writes. */
  readonly written: readonly string[];
  readonly masks: readonly MaskInput[];
  /** Output names and types of one minibatch. */
  readonly outputs: readonly { readonly name: string; readonly type: TensorType }[];
}

export interface TraceOptions {
  readonly target: Target;
  /** Steps in one run, each on its own inputs, the state passed on. */
  readonly minibatches: number;
  /** True makes parameters initialisers of the program: inference. */
  readonly isFrozen: boolean;
  /** True where the program will run on one thread. */
  readonly isSerial?: boolean;
}

export const stateName = (path: string): string => `state:${path}`;
export const nextName = (path: string): string => `next:${path}`;
export const fedName = (name: string, minibatch: number): string => `${name}@${minibatch}`;

/** Traces a step function. Throws ShapeError where the state it returns has another form than the state it got. */
export function traceStep<S, I extends Readonly<Record<string, TensorType>>>(
  definition: StepDefinition<S, I>,
  { target, minibatches, isFrozen, isSerial = false }: TraceOptions,
): TracedStep {
  const state = leavesOf(definition.state);
  checkDistinct(state);
  const names = new Map<Node, string>(
    isFrozen ? [] : state.map(({ path, tensor }) => [tensor.node, stateName(path)]),
  );
  const outputs: Output[] = [];
  const masks: MaskInput[] = [];
  let current = definition.state;
  for (let minibatch = 0; minibatch < minibatches; minibatch += 1) {
    const result = definition.step(current, symbols(definition.inputs, minibatch, names));
    current = result.state ?? current;
    const named = Object.entries(result.outputs).map(([name, tensor]) => ({
      name: isFrozen ? name : fedName(name, minibatch),
      tensor,
    }));
    outputs.push(...named);
    const roots = [...named.map(({ tensor }) => tensor), ...leavesOf(current).map((l) => l.tensor)];
    nameMasks(roots, minibatch, names, masks);
  }
  const next = changedLeaves(state, current);
  const program = lower(
    [...outputs, ...next.map(({ path, tensor }) => ({ name: nextName(path), tensor }))],
    { target, isSerial, nameOf: (node) => names.get(node) ?? inputName(node, isFrozen) },
  );
  const written = next.map(({ path }) => path);
  if (isFrozen && masks.length > 0) {
    throw new ShapeError("export: the step has dropout; build it without an rng for inference");
  }
  const first = outputs.slice(0, outputs.length / minibatches);
  return { program, state, written, masks, outputs: first.map(describe) };
}

function checkDistinct(state: readonly Leaf[]): void {
  const paths = new Map<Tensor, string>();
  for (const { path, tensor } of state) {
    const other = paths.get(tensor);
    if (other !== undefined) {
      throw new ShapeError(
        `compile: state ${other} and ${path} are one tensor; give each its own parameter()`,
      );
    }
    paths.set(tensor, path);
  }
}

function describe({ name, tensor }: Output): TracedStep["outputs"][number] {
  return { name: name.replace(/@0$/, ""), type: { shape: tensor.shape, dtype: tensor.dtype } };
}

function inputName(node: Node, isFrozen: boolean): string | undefined {
  if (node.op !== "input") return undefined;
  const name = String(node.attributes["name"]);
  return isFrozen ? name.replace(/@0$/, "") : name;
}

function symbols<I extends Readonly<Record<string, TensorType>>>(
  types: I,
  minibatch: number,
  names: Map<Node, string>,
): { readonly [K in keyof I]: Tensor } {
  const entries = Object.entries(types).map(([name, { shape, dtype }]) => {
    const tensor = input(fedName(name, minibatch), shape, dtype);
    if (minibatch > 0) names.set(tensor.node, fedName(name, minibatch));
    return [name, tensor] as const;
  });
  // Object.fromEntries forgets the keys that `types` has.
  return Object.fromEntries(entries) as { readonly [K in keyof I]: Tensor };
}

/** A mask first reached in minibatch k is drawn for minibatch k. */
function nameMasks(
  roots: readonly Tensor[],
  minibatch: number,
  names: Map<Node, string>,
  masks: MaskInput[],
): void {
  for (const node of topologicalOrder(roots)) {
    if (node.op !== "mask" || names.has(node)) continue;
    const key = Number(node.attributes["key"]);
    const rate = Number(node.attributes["rate"]);
    const { shape } = node.outputs[0];
    const name = `mask:${key}:${rate}:${shape.join("x")}@${minibatch}`;
    names.set(node, name);
    if (masks.some((mask) => mask.name === name)) continue;
    masks.push({ name, shape, rate, key, minibatch });
  }
}

function changedLeaves(before: readonly Leaf[], state: unknown): readonly Leaf[] {
  const after = leavesOf(state);
  const kept = new Map(before.map(({ path, tensor }) => [path, tensor]));
  if (after.length !== before.length || !after.every(({ path }) => kept.has(path))) {
    const list = (leaves: readonly Leaf[]): string => leaves.map(({ path }) => path).join(", ");
    throw new ShapeError(
      `compile: the step returned the state [${list(after)}], expected [${list(before)}]`,
    );
  }
  for (const { path, tensor } of after) {
    const old = kept.get(path);
    if (old === undefined || old.dtype !== tensor.dtype || !sameShape(old.shape, tensor.shape)) {
      throw new ShapeError(
        `compile: state ${path} was ${String(old)} and became ${tensor.toString()}`,
      );
    }
  }
  return after.filter(({ path, tensor }) => kept.get(path) !== tensor);
}
