// LightGBM for the main thread: one worker that holds the native library, asked for one thing after another.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { PipelineError } from "../../errors.ts";
import type {
  Answers,
  DatasetRequest,
  PermutationRequest,
  PredictRequest,
  Reply,
  Request,
  TrainedBooster,
  TrainRequest,
} from "./messages.ts";

type OnRound = (round: number, rankIc: number) => void;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onRound: OnRound | undefined;
}

/** Datasets live in the worker until they are freed or the engine is closed. */
export class LightGbm implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (reply: Reply) => this.#receive(reply));
    worker.on("error", (error) => this.#fail(error instanceof Error ? error : undefined));
    worker.on("exit", (code) =>
      this.#fail(new PipelineError(`lightgbm: the worker ended (${code})`)),
    );
  }

  /** Bins a matrix; the answer is the dataset's number. */
  createDataset(request: Omit<DatasetRequest, "op">): Promise<number> {
    return this.#ask("dataset", { op: "dataset", ...request });
  }

  train(
    request: Omit<TrainRequest, "op">,
    { onRound }: { readonly onRound?: OnRound | undefined } = {},
  ): Promise<TrainedBooster> {
    return this.#ask("train", { op: "train", ...request }, onRound);
  }

  /** (rows) scores, or (rows, features + 1) contributions, the last one the mean. */
  predict(request: Omit<PredictRequest, "op">): Promise<Float64Array> {
    return this.#ask("predict", { op: "predict", ...request });
  }

  /** (columns) fall of the mean RankIC when the column is shuffled within each session; NaN where RankIC is undefined. */
  permutation(request: Omit<PermutationRequest, "op">): Promise<Float64Array> {
    return this.#ask("permutation", { op: "permutation", ...request });
  }

  freeDataset(dataset: number): Promise<null> {
    return this.#ask("free", { op: "free", dataset });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #ask<Op extends keyof Answers>(
    _: Op,
    request: Request & { readonly op: Op },
    onRound?: OnRound,
  ): Promise<Answers[Op]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<Answers[Op]>((resolve, reject) => {
      const settle = (value: unknown): void => resolve(value as Answers[Op]);
      this.#pending.push({ resolve: settle, reject, onRound });
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  #receive(reply: Reply): void {
    if (reply.kind === "ready") return;
    if (reply.kind === "progress") {
      this.#pending[0]?.onRound?.(reply.round, reply.rankIc);
      return;
    }
    const request = this.#pending.shift();
    if (this.#pending.length === 0) this.#worker.unref();
    if (reply.kind === "answer") request?.resolve(reply.value);
    else request?.reject(new PipelineError(reply.message));
  }

  #fail(error = new PipelineError("lightgbm: the worker failed")): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
  }
}

/** Starts the worker on the library at `path`. Throws PipelineError when it cannot be loaded; aborting ends the worker. */
export async function openLightGbm(path: string, signal?: AbortSignal): Promise<LightGbm> {
  const file = import.meta.url.endsWith(".ts") ? "./booster.worker.ts" : "./booster.worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: path });
  try {
    await once(worker, "message");
  } catch (cause) {
    throw new PipelineError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const engine = new LightGbm(worker);
  signal?.addEventListener("abort", () => void engine.close(), { once: true });
  worker.unref();
  return engine;
}
