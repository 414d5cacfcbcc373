// A forecast and a training step of the smoke preset on the device named on the command line, printed as numbers.

import { trainConfig } from "../../../src/config/train.ts";
import type { Device } from "../../../src/tensor/index.ts";
import { compile, fallbacks } from "../../../src/tensor/index.ts";
import { allBlocks } from "../../../src/model/atft/index.ts";
import { createRng } from "../../../src/rng.ts";
import { allocateFeed, fillFeed } from "../../../src/train/feed.ts";
import { predictStep, trainingStep } from "../../../src/train/step.ts";
import { nextStocks, plantedSamples } from "../../train/planted.ts";
import { randomParams } from "./forecast.ts";

export interface DeviceRun {
  readonly quantiles: readonly number[];
  /** Loss and norm of the gradient of the step. */
  readonly loss: number;
  readonly norm: number;
  /** First moment of the optimiser: a tenth of the gradient. */
  readonly moment: readonly number[];
  /** Ops that ran on the CPU though another device was asked for. */
  readonly fallbacks: readonly string[];
}

/** The same on any device: data, masks and weights come from seeds. */
export async function deviceRun(device: Device): Promise<DeviceRun> {
  const samples = plantedSamples({
    sessions: 45,
    stocks: 6,
    features: 6,
    config: {
      time: 8,
      hidden: 8,
      normalisation: { windows: [5, 10, 20], topK: 0, slices: 0, isReversible: false },
    },
  });
  const shape = { days: 2, stocks: 6 };
  const params = randomParams(samples);
  const feed = allocateFeed(samples, shape);
  const block = { start: 40, stocks: Int32Array.from(samples.codeNames.keys()) };
  fillFeed(samples, block, feed, { shape, peersOn: nextStocks(samples) });
  const forward = await compile(predictStep(samples.spec, params, { shape, blocks: allBlocks }), {
    device,
    threads: 1,
  });
  const { quantiles } = await forward.run(feed);
  await forward.close();
  const config = trainConfig.parse({});
  const phase = config.phases[3];
  const definition = trainingStep(samples.spec, params, {
    ...config,
    shape,
    blocks: allBlocks,
    weights: phase.weights,
    horizonWeights: [1],
    clipNorm: 1,
    accumulate: 1,
    rng: createRng(2),
  });
  const step = await compile(definition, { device, threads: 1, isProfiled: true });
  const { loss, norm } = await step.run({
    ...feed,
    rate: Float32Array.of(1e-3),
    apply: Float32Array.of(1),
  });
  const moment = step.state().find(({ path }) => path === "adam.first");
  const found = device === "cpu" ? [] : fallbacks(step.profile());
  const result = {
    quantiles: Array.from(quantiles, Number),
    loss: Number(loss[0]),
    norm: Number(norm[0]),
    moment: Array.from(moment?.data ?? [], Number),
    fallbacks: found,
  };
  await step.close();
  return result;
}

if (import.meta.main) {
  const device = process.argv[2] === "webgpu" ? "webgpu" : "cpu";
  process.stdout.write(`${JSON.stringify(await deviceRun(device))}\n`);
}
