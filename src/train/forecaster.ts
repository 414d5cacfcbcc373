// Forecasts of whole spans with given weights: compiled once a padded size, rows filled in place.

import { ArtifactError } from "../errors.ts";
import type { AtftParams, Blocks } from "../model/atft/index.ts";
import type { Rng } from "../rng.ts";
import type { CompiledStep, Outputs, StateValue } from "../tensor/index.ts";
import { compile } from "../tensor/index.ts";
import { packedLayout } from "../tensor/optim/index.ts";
import type { Block, SessionSpan } from "./blocks.ts";
import { coveringBlocks, padSizes } from "./blocks.ts";
import type { Feed, PeersOn } from "./feed.ts";
import { allocateFeed, fillFeed } from "./feed.ts";
import { isOutOfMemory, stepError } from "./guards.ts";
import type { Samples } from "./samples.ts";
import type { ForwardInputs } from "./step.ts";
import { predictStep } from "./step.ts";

export interface ForecasterOptions {
  readonly params: AtftParams;
  readonly blocks: Blocks;
  /** Sessions at once; halved where memory does not suffice. */
  readonly days: number;
  readonly threads: number;
  readonly device: "cpu" | "webgpu" | "cuda";
  readonly peersOn?: PeersOn | undefined;
  /** Gives the weights of selection, attention and peers too. */
  readonly isExplained?: boolean;
  /** Keeps dropout on. */
  readonly rng?: Rng;
  /** Told when fewer sessions are forecast at once. */
  readonly onBackOff?: (days: number) => void;
}

interface Compiled {
  readonly step: CompiledStep<ForwardInputs>;
  readonly feed: Feed;
}

/** What one block's forecast gave, and for which stocks. */
export interface BlockForecast {
  readonly block: Block;
  /** Sessions forecast, from the start of the block. */
  readonly days: number;
  /** Padded number of stocks. */
  readonly stocks: number;
  readonly outputs: Outputs;
}

/** Forecasts with one set of weights after another. */
export class Forecaster {
  readonly #samples: Samples;
  readonly #options: ForecasterOptions;
  readonly #compiled = new Map<number, Compiled>();
  #weights: readonly StateValue[] = [];
  /** Sessions at once: as many as given until memory says otherwise. */
  #days: number;

  constructor(samples: Samples, options: ForecasterOptions) {
    this.#samples = samples;
    this.#options = options;
    this.#days = options.days;
  }

  /** Weights by path under `params.`, as `weightsOf` gives them. */
  load(weights: readonly StateValue[]): void {
    this.#weights = weights;
    for (const { step } of this.#compiled.values()) step.load(weights);
  }

  /** (rows, K, Q) of the whole dataset's rows; NaN outside the spans. */
  async quantiles(spans: readonly SessionSpan[]): Promise<Float32Array> {
    const { spec, rowOf, codeNames, values } = this.#samples;
    const width = spec.config.horizons.length * spec.config.quantiles.length;
    const rows = values.length / spec.features.length;
    const result = new Float32Array(rows * width).fill(Number.NaN);
    await this.forEachBlock(spans, ({ block, days, stocks, outputs }) => {
      const quantiles = outputs["quantiles"];
      if (!(quantiles instanceof Float32Array)) return;
      for (let day = 0; day < days; day += 1) {
        const session = block.start + day;
        if (!spans.some(({ start, end }) => session >= start && session < end)) continue;
        block.stocks.forEach((code, slot) => {
          const row = rowOf[session * codeNames.length + code];
          if (row < 0) return;
          const at = (day * stocks + slot) * width;
          result.set(quantiles.subarray(at, at + width), row * width);
        });
      }
    });
    return result;
  }

  /** Runs every block that covers the spans. */
  async forEachBlock(
    spans: readonly SessionSpan[],
    visit: (forecast: BlockForecast) => void,
  ): Promise<void> {
    const { days } = this.#options;
    const blocks = coveringBlocks(this.#samples, spans, days);
    const sizes = padSizes(blocks.map(({ stocks }) => stocks.length));
    for (const block of blocks) {
      const stocks = sizes.find((size) => size >= block.stocks.length) ?? block.stocks.length;
      for (let done = 0; done < days;) {
        const own = { ...block, start: block.start + done };
        const outputs = await this.#forecast(own, stocks);
        visit({ block: own, days: this.#days, stocks, outputs });
        done += this.#days;
      }
    }
  }

  /** The first sessions of a block; fewer at once from here on where memory does not suffice. */
  async #forecast(block: Block, stocks: number): Promise<Outputs> {
    for (;;) {
      try {
        const { step, feed } = await this.#stepOf(stocks);
        const shape = { days: this.#days, stocks };
        fillFeed(this.#samples, block, feed, { shape, peersOn: this.#options.peersOn });
        return await step.run(feed);
      } catch (cause) {
        if (!isOutOfMemory(cause) || this.#days === 1) throw stepError(cause, 0);
        await this.close();
        this.#days = this.#days % 2 === 0 ? this.#days / 2 : 1;
        this.#options.onBackOff?.(this.#days);
      }
    }
  }

  async close(): Promise<void> {
    for (const { step } of this.#compiled.values()) await step.close();
    this.#compiled.clear();
  }

  async #stepOf(stocks: number): Promise<Compiled> {
    const found = this.#compiled.get(stocks);
    if (found !== undefined) return found;
    const { params, blocks, threads, device, isExplained = false, rng } = this.#options;
    const shape = { days: this.#days, stocks };
    const definition = predictStep(this.#samples.spec, params, {
      shape,
      blocks,
      isExplained,
      ...(rng && { rng }),
    });
    const made = {
      step: await compile(definition, { device, threads }),
      feed: allocateFeed(this.#samples, shape),
    };
    if (this.#weights.length > 0) made.step.load(this.#weights);
    this.#compiled.set(stocks, made);
    return made;
  }
}

/** The weights to forecast with, from a training state: the moving average, or the parameters themselves. */
export function weightsOf(
  state: readonly StateValue[],
  params: AtftParams,
  source: "ema" | "params" = "ema",
): readonly StateValue[] {
  const name = source === "ema" ? "ema.average" : "params";
  const packed = state.find(({ path }) => path === name)?.data;
  if (!(packed instanceof Float32Array)) {
    throw new ArtifactError(`weights: the training state has no float32 ${name}`);
  }
  return packedLayout(params).map(({ path, shape, offset, size }) => ({
    path: `params.${path}`,
    shape,
    data: packed.slice(offset, offset + size),
  }));
}
