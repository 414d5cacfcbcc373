// The compiled steps of one phase: one a padded size, sharing one state; a batch that does not fit memory is halved.

import type { PhaseConfig, TrainConfig } from "../config/train.ts";
import type { Rng } from "../rng.ts";
import type { AtftParams } from "../model/atft/index.ts";
import type { CompiledStep, Outputs, StateValue } from "../tensor/index.ts";
import { compile } from "../tensor/index.ts";
import { augment } from "./augment.ts";
import type { Block } from "./blocks.ts";
import type { Feed, PeersOn } from "./feed.ts";
import { allocateFeed, fillFeed } from "./feed.ts";
import { DegenerateTrainingError } from "../errors.ts";
import { isOutOfMemory, stepError } from "./guards.ts";
import type { Samples } from "./samples.ts";
import type { TrainingInputs } from "./step.ts";
import { trainingStep } from "./step.ts";

export interface SessionOptions {
  readonly config: TrainConfig;
  readonly phase: PhaseConfig;
  /** Padded numbers of stocks, ascending. */
  readonly sizes: readonly number[];
  readonly params: AtftParams;
  readonly rng: Rng;
  readonly threads: number;
  readonly peersOn?: PeersOn | undefined;
  /** Sessions run at once where it is known that the whole batch does not fit; a divisor of `batchDays`. */
  readonly days?: number;
  /** Told when a batch is halved. */
  readonly onBackOff?: (days: number) => void;
}

interface Compiled {
  readonly step: CompiledStep<TrainingInputs>;
  readonly feed: Feed;
}

/** Trains batch after batch; the state stays with the step that ran last. */
export class TrainingSession {
  readonly #samples: Samples;
  readonly #options: SessionOptions;
  readonly #compiled = new Map<string, Compiled>();
  #current: Compiled | undefined;
  #start: { readonly values: readonly StateValue[]; readonly steps: number } | undefined;
  #days: number;
  /** Milliseconds inside ONNX Runtime. */
  insideMs = 0;

  constructor(samples: Samples, options: SessionOptions) {
    this.#samples = samples;
    this.#options = options;
    this.#days = options.days ?? options.config.batchDays;
  }

  /** The state that the next step starts from. */
  load(values: readonly StateValue[], steps: number): void {
    this.#start = { values: values.map(copied), steps };
    this.#current = undefined;
  }

  state(): readonly StateValue[] {
    return this.#current?.step.state() ?? this.#start?.values ?? [];
  }

  get steps(): number {
    return this.#current?.step.steps ?? this.#start?.steps ?? 0;
  }

  /** One update from a block. Out of memory halves the batch and adds up gradients, down to one day. */
  async update(block: Block, rate: number): Promise<Outputs> {
    for (;;) {
      try {
        return await this.#updateOnce(block, rate);
      } catch (cause) {
        if (!isOutOfMemory(cause) || this.#days % 2 === 1) throw stepError(cause, this.steps);
        await this.#halve();
      }
    }
  }

  async close(): Promise<void> {
    for (const { step } of this.#compiled.values()) await step.close();
    this.#compiled.clear();
  }

  async #updateOnce(block: Block, rate: number): Promise<Outputs> {
    const { config, phase, sizes, peersOn, rng } = this.#options;
    const parts = config.batchDays / this.#days;
    const stocks = sizes.find((size) => size >= block.stocks.length) ?? block.stocks.length;
    const shape = { days: this.#days, stocks };
    let outputs: Outputs = {};
    for (let part = 0; part < parts; part += 1) {
      const { step, feed } = await this.#stepOf(stocks);
      const own = { ...block, start: block.start + part * this.#days };
      fillFeed(this.#samples, own, feed, { shape, peersOn });
      checkLabels(feed, block);
      augment(feed, phase.augmentation, {
        shape,
        stocks: block.stocks.length,
        features: this.#samples.spec.features.length,
        rng: rng.split(`augment/${this.steps}`),
      });
      const isLast = part === parts - 1;
      const before = step.runtimeMs;
      outputs = await step.run({
        ...feed,
        rate: Float32Array.of(rate),
        apply: Float32Array.of(isLast ? 1 : 0),
      });
      this.insideMs += step.runtimeMs - before;
    }
    return outputs;
  }

  async #halve(): Promise<void> {
    // Parts of the batch that fitted have been added up already: they will run again.
    const values = this.state().map((value) =>
      value.path === "sum"
        ? { ...value, data: new Float32Array(value.data.length) }
        : copied(value),
    );
    const { steps } = this;
    await this.close();
    this.load(values, steps);
    this.#days /= 2;
    this.#options.onBackOff?.(this.#days);
  }

  async #stepOf(stocks: number): Promise<Compiled> {
    const key = `${stocks}x${this.#days}`;
    const found = this.#compiled.get(key) ?? (await this.#compile(stocks));
    if (this.#current === found) return found;
    const values = this.state();
    if (values.length > 0) found.step.load(values, this.steps);
    this.#compiled.set(key, found);
    this.#current = found;
    return found;
  }

  async #compile(stocks: number): Promise<Compiled> {
    const { config, phase, params, rng, threads } = this.#options;
    const shape = { days: this.#days, stocks };
    const definition = trainingStep(this.#samples.spec, params, {
      shape,
      blocks: phase,
      weights: phase.weights,
      horizonWeights: horizonWeights(this.#samples, phase.horizonWeights ?? config.horizonWeights),
      pairSample: config.pairSample,
      clipNorm: phase.clipNorm,
      weightDecay: config.weightDecay,
      emaDecay: config.emaDecay,
      accumulate: config.batchDays / this.#days,
      rng,
    });
    const step = await compile(definition, { device: config.device, threads });
    return { step, feed: allocateFeed(this.#samples, shape) };
  }
}

/** One weight a horizon: the last one given goes on where there are more horizons. */
function horizonWeights({ spec }: Samples, weights: readonly number[]): readonly number[] {
  return spec.config.horizons.map((_, k) => weights[Math.min(k, weights.length - 1)] ?? 1);
}

function checkLabels({ known }: Feed, { start }: Block): void {
  if (known.some((flag) => flag === 1)) return;
  throw new DegenerateTrainingError(
    "no-labels",
    `no label is known in the batch that starts at session ${start}; check train.label and the fold`,
  );
}

export function copied({ path, shape, data }: StateValue): StateValue {
  return { path, shape, data: data.slice() };
}
