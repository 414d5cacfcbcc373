// Compiles a step function into a session that holds its state in two sets of buffers: one is read while the other is written.

import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { ConfigError, PipelineError, ShapeError } from "../../errors.ts";
import type { TensorData } from "../graph/dtype.ts";
import { allocate, dtypeOf, isFloat } from "../graph/dtype.ts";
import { formatShape, sizeOf } from "../graph/shape.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { Device } from "../lowering/emitter.ts";
import { encodeModel } from "../lowering/encode.ts";
import { drawMask } from "./masks.ts";
import type { ProfileFolder, ProfileRow } from "./profile.ts";
import { createProfileFolder, takeProfile } from "./profile.ts";
import type { OpenSession } from "./runtime.ts";
import { openSession } from "./runtime.ts";
import type { StepDefinition, TracedStep } from "./trace.ts";
import { fedName, nextName, stateName, traceStep } from "./trace.ts";

export interface CompileOptions {
  readonly device?: Device;
  /** Threads within an op; 0 takes one a physical core. */
  readonly threads?: number;
  /** Steps in one run: saves the overhead of small steps and, on a GPU, the way of the weights. */
  readonly minibatches?: number;
  /** Runs ONNX Runtime's profiler: see `CompiledStep.profile`. */
  readonly isProfiled?: boolean;
}

/** Typed data by input name. */
export type Batch<I> = { readonly [K in keyof I]: TensorData };

/** Typed data by output name. */
export type Outputs = Readonly<Record<string, TensorData>>;

/** The value of one leaf of the state. */
export interface StateValue {
  readonly path: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Compiles `definition` for a device. Errors of shape appear here, before anything runs. */
export async function compile<S, I extends Readonly<Record<string, TensorType>>>(
  definition: StepDefinition<S, I>,
  options: CompileOptions = {},
): Promise<CompiledStep<I>> {
  const { device = "cpu", threads = 0, minibatches = 1, isProfiled = false } = options;
  const traced = traceStep(definition, { target: device, minibatches, isFrozen: false });
  const folder = isProfiled ? createProfileFolder() : undefined;
  const opened = await openSession(encodeModel(traced.program), {
    device,
    threads,
    ...(folder === undefined ? {} : { profilePrefix: folder.prefix }),
  });
  return new CompiledStep(opened, traced, { inputs: definition.inputs, minibatches, folder });
}

interface Plan<I> {
  readonly inputs: I;
  readonly minibatches: number;
  readonly folder: ProfileFolder | undefined;
}

interface Slot {
  readonly path: string;
  readonly shape: readonly number[];
  readonly isWritten: boolean;
  /** Read by the next run, then written by the one after it. */
  front: OrtTensor;
  back: OrtTensor;
}

/** A compiled step with its state. One run at a time. */
export class CompiledStep<I extends Readonly<Record<string, TensorType>>> {
  readonly #session: InferenceSession;
  readonly #wrap: OpenSession["wrap"];
  readonly #traced: TracedStep;
  readonly #plan: Plan<I>;
  readonly #slots: readonly Slot[];
  readonly #masks: ReadonlyMap<string, Float32Array>;
  readonly #fed: ReadonlySet<string>;
  #steps = 0;

  constructor({ session, wrap }: OpenSession, traced: TracedStep, plan: Plan<I>) {
    this.#session = session;
    this.#wrap = wrap;
    this.#traced = traced;
    this.#plan = plan;
    const written = new Set(traced.written);
    this.#slots = traced.state.map(({ path, tensor }) =>
      slotOf(path, tensor, written.has(path), wrap),
    );
    this.#masks = new Map(
      traced.masks.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]),
    );
    this.#fed = new Set(session.inputNames);
  }

  /** Steps done: the counter of the dropout masks, part of a checkpoint. */
  get steps(): number {
    return this.#steps;
  }

  /** Runs one step. Throws PipelineError where a scalar output is not finite; the state then stays as it was. */
  async run(batch: Batch<I>): Promise<Outputs> {
    return (await this.runMany([batch]))[0];
  }

  /** Runs as many steps as were compiled into one run, each on its own batch. */
  async runMany(batches: readonly Batch<I>[]): Promise<readonly Outputs[]> {
    if (batches.length !== this.#plan.minibatches) {
      throw new ShapeError(
        `run: compiled for ${this.#plan.minibatches} batches in a run, found ${batches.length}`,
      );
    }
    const feeds: Record<string, OrtTensor> = {};
    for (const { path, front } of this.#slots) this.#feed(feeds, stateName(path), front);
    batches.forEach((batch, k) => {
      for (const [name, type] of Object.entries(this.#plan.inputs)) {
        this.#feed(
          feeds,
          fedName(name, k),
          this.#wrap(checked(name, type, batch[name]), type.shape),
        );
      }
    });
    this.#drawMasks(feeds);
    const outputs = this.#prepareOutputs();
    const fetches: Record<string, OrtTensor> = { ...outputs };
    for (const slot of this.#slots) if (slot.isWritten) fetches[nextName(slot.path)] = slot.back;
    await this.#session.run(feeds, fetches);
    const results = batches.map((_, k) => this.#resultOf(outputs, k));
    results.forEach((result, k) => {
      checkFinite(result, this.#steps + k);
    });
    for (const slot of this.#slots) {
      if (slot.isWritten) [slot.front, slot.back] = [slot.back, slot.front];
    }
    this.#steps += batches.length;
    return results;
  }

  /** The state as views of the buffers: valid until the next run; copy what is kept. */
  state(): readonly StateValue[] {
    return this.#slots.map(({ path, shape, front }) => ({ path, shape, data: dataOf(front) }));
  }

  /** Copies values into the state, by path; all paths must be there. Sets the step counter. */
  load(values: readonly StateValue[], steps = 0): void {
    const byPath = new Map(values.map((value) => [value.path, value]));
    for (const { path, shape, front } of this.#slots) {
      const value = byPath.get(path);
      const target = dataOf(front);
      if (value === undefined || value.data.length !== target.length) {
        throw new ShapeError(
          `load: expected ${path} ${formatShape(shape)}, found ${value === undefined ? "nothing" : formatShape(value.shape)}`,
        );
      }
      copyInto(target, value.data, path);
    }
    this.#steps = steps;
  }

  /** Ends profiling and gives time by op and device. Throws ConfigError where `isProfiled` was not set. */
  profile(): readonly ProfileRow[] {
    const { folder } = this.#plan;
    if (folder === undefined) {
      throw new ConfigError("profile: the step was compiled without isProfiled: true");
    }
    this.#session.endProfiling();
    return takeProfile(folder);
  }

  /** Closes the session and frees its memory. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  #feed(feeds: Record<string, OrtTensor>, name: string, tensor: OrtTensor): void {
    if (this.#fed.has(name)) feeds[name] = tensor;
  }

  #drawMasks(feeds: Record<string, OrtTensor>): void {
    for (const mask of this.#traced.masks) {
      const data = this.#masks.get(mask.name);
      if (data === undefined || !this.#fed.has(mask.name)) continue;
      drawMask(mask, this.#steps + mask.minibatch, data);
      feeds[mask.name] = this.#wrap(data, mask.shape);
    }
  }

  #prepareOutputs(): Record<string, OrtTensor> {
    const outputs: Record<string, OrtTensor> = {};
    for (let k = 0; k < this.#plan.minibatches; k += 1) {
      for (const { name, type } of this.#traced.outputs) {
        outputs[fedName(name, k)] = this.#wrap(
          allocate(type.dtype, sizeOf(type.shape)),
          type.shape,
        );
      }
    }
    return outputs;
  }

  #resultOf(outputs: Record<string, OrtTensor>, minibatch: number): Outputs {
    const entries = this.#traced.outputs.map(({ name }) => {
      return [name, dataOf(outputs[fedName(name, minibatch)])] as const;
    });
    return Object.fromEntries(entries);
  }
}

function slotOf(
  path: string,
  tensor: TensorType & { node: { data?: TensorData } },
  isWritten: boolean,
  wrap: OpenSession["wrap"],
): Slot {
  const { shape, dtype } = tensor;
  const { data } = tensor.node;
  if (data === undefined) {
    throw new ShapeError(`compile: state ${path} is no parameter; make it with parameter()`);
  }
  const front = wrap(data.slice(), shape);
  const back = isWritten ? wrap(allocate(dtype, data.length), shape) : front;
  return { path, shape, isWritten, front, back };
}

function checked(name: string, type: TensorType, data: TensorData | undefined): TensorData {
  const size = sizeOf(type.shape);
  const found = data === undefined ? "nothing" : `${data.length} of ${dtypeOf(data)}`;
  if (data === undefined || data.length !== size || dtypeOf(data) !== type.dtype) {
    throw new ShapeError(
      `run: input ${name} needs ${size} values of ${type.dtype}${formatShape(type.shape)}, found ${found}`,
    );
  }
  return data;
}

function checkFinite(outputs: Outputs, step: number): void {
  for (const [name, data] of Object.entries(outputs)) {
    if (data.length !== 1 || !isFloat(dtypeOf(data)) || Number.isFinite(Number(data[0]))) continue;
    throw new PipelineError(
      `run: output ${name} is ${String(data[0])} in step ${step}; the state is that before the step. ` +
        "Lower the learning rate, clip gradients, or look for NaN in the inputs",
    );
  }
}

function dataOf(tensor: OrtTensor): TensorData {
  const { data } = tensor;
  if (
    data instanceof Float32Array ||
    data instanceof Float16Array ||
    data instanceof Int32Array ||
    data instanceof BigInt64Array ||
    data instanceof Uint8Array
  ) {
    return data;
  }
  throw new ShapeError(`run: a tensor of ${tensor.type} has no typed array`);
}

function copyInto(target: TensorData, source: TensorData, path: string): void {
  if (target instanceof BigInt64Array && source instanceof BigInt64Array) target.set(source);
  else if (!(target instanceof BigInt64Array) && !(source instanceof BigInt64Array)) {
    target.set(source);
  } else throw new ShapeError(`load: ${path} is ${dtypeOf(target)}, found ${dtypeOf(source)}`);
}
