// The one configuration tree: every key with its unit and default, unknown keys refused.

import { z } from "zod";
import { type AtftConfig, atftConfig } from "./atft.ts";
import { type TrainConfig, trainConfig } from "./train.ts";

/** The synthetic market that `demo` and `simulate` make. */
export interface SimulateConfig {
  readonly stocks: number;
  readonly from: string;
  readonly to: string;
  readonly signal: "none" | "planted";
}

export interface Config {
  readonly seed: number;
  /** Worker threads; 0 takes every core. */
  readonly threads: number;
  readonly simulate: SimulateConfig;
  /** The network that `train` trains. */
  readonly model: AtftConfig;
  readonly train: TrainConfig;
}

const simulate: z.ZodType<SimulateConfig> = z.strictObject({
  stocks: z.int().min(5).max(6000).default(300),
  from: z.iso.date().default("2022-01-04"),
  to: z.iso.date().default("2025-12-30"),
  signal: z.enum(["none", "planted"]).default("planted"),
});

export const configTree: z.ZodType<Config> = z.strictObject({
  seed: z.int().default(7),
  threads: z.int().min(0).default(0),
  simulate: simulate.prefault({}),
  model: atftConfig.prefault({ preset: "small" }),
  train: trainConfig.prefault({}),
});
