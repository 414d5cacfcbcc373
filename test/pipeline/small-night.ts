// A home with a year of a small simulated market, a dataset, and a small network in production; and the server that goes on from there.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { resolveConfig } from "../../src/config.ts";
import { buildDataset, openDataset } from "../../src/dataset/index.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";
import type { NightlyOptions } from "../../src/pipeline/nightly/index.ts";
import { noProgress } from "../../src/progress.ts";
import { moveModel } from "../../src/registry/index.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { trainRun } from "../../src/train/index.ts";
import { scratchRoot } from "../ingest/scratch.ts";
import { twoPhases } from "../train/small-training.ts";

const endpoints = [
  "/markets/calendar",
  "/equities/master",
  "/equities/bars/daily",
  "/indices/bars/daily/topix",
];

export interface SmallNight {
  readonly home: string;
  readonly clock: ManualClock;
  readonly app: FastifyInstance;
  readonly baseUrl: string;
  readonly model: string;
  /** What a night at the clock's present is run with. */
  options(home?: string): NightlyOptions;
  /** Moves the present, in Japan's time. */
  moveTo(date: string, time: string): void;
}

/** Everything up to the evening of Thursday 2022-12-15. */
export async function smallNight(): Promise<SmallNight> {
  const home = mkdtempSync(join(scratchRoot, "nightly-"));
  const market = await createMarket({
    seed: 3,
    stocks: 24,
    from: "2022-01-04",
    to: "2022-12-30",
    signal: "planted",
  });
  const clock = new ManualClock(jstInstantMs(epochDay("2022-12-15"), "20:00"));
  const app = createSimulator({ market, plan: "standard", clock, rateLimits: false });
  const baseUrl = `${await app.listen({ port: 0, host: "127.0.0.1" })}/v2`;
  const options = (into = home): NightlyOptions => ({
    home: into,
    plan: "standard",
    clock,
    threads: 1,
    client: new JquantsClient({
      apiKey: "simulated",
      baseUrl,
      plan: "standard",
      bucketOf: limitOf("standard", true),
      clock,
    }),
  });
  const lake = await openLake(home);
  const { client, plan } = options();
  await ingest({ plan, from: "2022-01-04", endpoints }, { lake, client, clock });
  const { manifest } = await buildDataset(lake, {
    from: epochDay("2022-01-04"),
    to: epochDay("2022-12-15"),
    selection: "core62",
    allowEmpty: true,
    threads: 1,
  });
  const config = resolveConfig({ overrides: overrides() });
  const dataset = openDataset(home, manifest.id);
  const { model = "" } = await trainRun({ home, dataset, config, clock, onProgress: noProgress });
  await moveModel(home, model, "production", { who: "tester", reason: "rehearsal", clock });
  return {
    home,
    clock,
    app,
    baseUrl,
    model,
    options,
    moveTo: (date, time) => clock.set(jstInstantMs(epochDay(date), time)),
  };
}

function overrides(): string[] {
  return [
    "model.preset=smoke",
    "model.hidden=8",
    "model.time=5",
    "model.horizons=[1,5]",
    "model.normalisation.windows=[5]",
    "model.graph={neighbours: 3, heads: 2}",
    "train.features=[returns_1d,returns_5d,volatility_20d,rsi_14]",
    "train.folds={nSplits: 1, testSize: 20, validationSize: 20, purgeDays: 5}",
    "train.epochBatches=4",
    "threads=1",
    `train.phases=${JSON.stringify(twoPhases(1, 1))}`,
  ];
}
