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
import type { Buffer, OpenSession, Wrap } from "./runtime.ts";
import { dataOf, openSession } from "./runtime.ts";
import { DeviceState } from "./device-state.ts";
import type { StateValue, StepState } from "./state.ts";
import { StateBuffers } from "./state.ts";
import type { MaskInput, StepDefinition, TracedStep } from "./trace.ts";
import { fedName, nextName, stateName, traceStep } from "./trace.ts";

export interface CompileOptions {
  readonly device?: Device;
  /** Threads within an op; 0 takes one a physical core. */
  readonly threads?: number;
  /** Steps in one run: saves the overhead of small steps and, on a GPU, the way of the weights. */
  readonly minibatches?: number;
  /** Keeps the state in the memory of the device between runs (webgpu): read it with `download`. */
  readonly isStateOnDevice?: boolean;
  /** Runs ONNX Runtime's profiler: see `CompiledStep.profile`. */
  readonly isProfiled?: boolean;
}

/** Typed data by input name. */
export type Batch<I> = { readonly [K in keyof I]: TensorData };

/** Typed data by output name. */
export type Outputs = Readonly<Record<string, TensorData>>;

/** Compiles `definition` for a device. Errors of shape appear here, before anything runs. */
export async function compile<S, I extends Readonly<Record<string, TensorType>>>(
  definition: StepDefinition<S, I>,
  options: CompileOptions = {},
): Promise<CompiledStep<I>> {
  const { device = "cpu", threads = 0, minibatches = 1, isProfiled = false } = options;
  const { program, ...traced } = traceStep(definition, {
    target: device,
    minibatches,
    isFrozen: false,
    isSerial: threads === 1,
  });
  const isOnDevice = options.isStateOnDevice === true && device !== "cpu";
  const folder = isProfiled ? createProfileFolder() : undefined;
  const opened = await openSession(encodeModel(program), {
    device,
    threads,
    kept: isOnDevice ? traced.written.map(nextName) : [],
    ...(folder === undefined ? {} : { profilePrefix: folder.prefix }),
  });
  const state = isOnDevice
    ? new DeviceState(traced.state, opened.wrap, device)
    : new StateBuffers(traced.state, traced.written, opened.wrap);
  return new CompiledStep(opened, traced, {
    state,
    inputs: definition.inputs,
    nodeCount: program.instructions.length,
    minibatches,
    folder,
  });
}

/** What is known of a traced step once its program, with all constants, has been handed over. */
type Traced = Omit<TracedStep, "program">;

interface DrawnMask {
  readonly mask: MaskInput;
  readonly buffer: Buffer;
}

interface Plan<I> {
  readonly state: StepState;
  readonly inputs: I;
  readonly nodeCount: number;
  readonly minibatches: number;
  readonly folder: ProfileFolder | undefined;
}

/** A compiled step with its state. One run at a time. */
export class CompiledStep<I extends Readonly<Record<string, TensorType>>> {
  readonly #session: InferenceSession;
  readonly #wrap: Wrap;
  readonly #traced: Traced;
  readonly #plan: Plan<I>;
  readonly #state: StepState;
  readonly #masks: readonly DrawnMask[];
  readonly #fed: ReadonlySet<string>;
  #steps = 0;
  #runtimeMs = 0;

  constructor({ session, wrap }: OpenSession, traced: Traced, plan: Plan<I>) {
    this.#session = session;
    this.#wrap = wrap;
    this.#traced = traced;
    this.#plan = plan;
    this.#state = plan.state;
    this.#masks = traced.masks.map((mask) => {
      return { mask, buffer: wrap(new Float32Array(sizeOf(mask.shape)), mask.shape) };
    });
    this.#fed = new Set(session.inputNames);
  }

  /** Steps done: the counter of the dropout masks, part of a checkpoint. */
  get steps(): number {
    return this.#steps;
  }

  /** Milliseconds inside ONNX Runtime so far. */
  get runtimeMs(): number {
    return this.#runtimeMs;
  }

  /** Nodes of the lowered program, before ONNX Runtime's own passes. */
  get nodeCount(): number {
    return this.#plan.nodeCount;
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
    const ran = await this.#execute(batches);
    const results = batches.map((_, k) => this.#resultOf(ran, k));
    const written = new Map(
      this.#traced.written.map((path) => [path, ran[nextName(path)]] as const),
    );
    try {
      results.forEach((result, k) => {
        checkFinite(result, this.#steps + k);
      });
    } catch (error) {
      this.#state.discard(written);
      throw error;
    }
    this.#state.advance(written);
    this.#steps += batches.length;
    return results;
  }

  async #execute(batches: readonly Batch<I>[]): Promise<InferenceSession.ReturnType> {
    const feeds = this.#feeds(batches);
    const fetches = this.#fetches();
    const started = performance.now();
    try {
      const ran = await this.#session.run(feeds, ...fetches);
      this.#runtimeMs += performance.now() - started;
      return ran;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
      throw new PipelineError(`run: step ${this.#steps} failed in ONNX Runtime: ${reason}`, {
        cause,
      });
    }
  }

  /** The state as views of the buffers: valid until the next run; copy what is kept. Throws ConfigError for state on the device. */
  state(): readonly StateValue[] {
    return this.#state.values();
  }

  /** A copy of the state, from wherever it is. */
  async download(): Promise<readonly StateValue[]> {
    return this.#state.download();
  }

  /** Copies values into the state, by path; all paths must be there. Sets the step counter. */
  load(values: readonly StateValue[], steps = 0): void {
    this.#state.load(values);
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
    await this.#state.release();
    await this.#session.release();
  }

  /** All that the program reads. */
  #feeds(batches: readonly Batch<I>[]): Record<string, OrtTensor> {
    const feeds: Record<string, OrtTensor> = {};
    const feed = (name: string, tensor: OrtTensor): void => {
      if (this.#fed.has(name)) feeds[name] = tensor;
    };
    for (const [path, tensor] of this.#state.readable()) feed(stateName(path), tensor);
    batches.forEach((batch, k) => {
      for (const [name, type] of Object.entries(this.#plan.inputs)) {
        feed(fedName(name, k), this.#wrap(checked(name, type, batch[name]), type.shape).tensor);
      }
    });
    for (const { mask, buffer } of this.#masks) {
      if (!this.#fed.has(mask.name)) continue;
      drawMask(mask, this.#steps + mask.minibatch, buffer.data);
      feed(mask.name, buffer.tensor);
    }
    return feeds;
  }

  /** All that the program writes, preallocated; nothing where the device allocates. */
  #fetches(): [] | [Record<string, OrtTensor>] {
    const writable = this.#state.writable();
    if (writable === undefined) return [];
    const fetches: Record<string, OrtTensor> = {};
    for (let k = 0; k < this.#plan.minibatches; k += 1) {
      for (const { name, type } of this.#traced.outputs) {
        const data = allocate(type.dtype, sizeOf(type.shape));
        fetches[fedName(name, k)] = this.#wrap(data, type.shape).tensor;
      }
    }
    for (const [path, tensor] of writable) fetches[nextName(path)] = tensor;
    return [fetches];
  }

  #resultOf(ran: Readonly<Record<string, OrtTensor>>, minibatch: number): Outputs {
    const entries = this.#traced.outputs.map(({ name, type }) => {
      return [name, dataOf(ran[fedName(name, minibatch)], type.dtype)] as const;
    });
    return Object.fromEntries(entries);
  }
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
