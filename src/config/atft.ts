// The configuration of ATFT-GAT-FAN: a strict schema with defaults, and the four presets.

import { z } from "zod";
import { ConfigError } from "../errors.ts";

export interface NormalisationConfig {
  /** Trailing windows in sessions whose z-scores are blended with the raw values; empty: none. */
  readonly windows: readonly number[];
  /** Strongest frequencies split off each series; 0: none. */
  readonly topK: number;
  /** Overlapping slices whose statistics are taken out; 0: none. */
  readonly slices: number;
  /** Takes each window's mean and deviation out and hands them to the heads. */
  readonly isReversible: boolean;
}

export interface GraphConfig {
  /** Neighbours of a stock. */
  readonly neighbours: number;
  readonly heads: number;
  /** Dropout of attention weights. */
  readonly dropout: number;
  /** Sessions of returns that a correlation is over. */
  readonly window: number;
  /** Sessions after which a return weighs half. */
  readonly halfLife: number;
  /** Least correlation of two peers, after shrinkage. */
  readonly threshold: number;
  /** Returns as they are, or less the session's mean over all stocks: what is left when the market is taken out. */
  readonly returns: "total" | "excess";
}

export interface AtftConfig {
  /** Sessions of a sequence, T. */
  readonly time: number;
  /** Width H. */
  readonly hidden: number;
  /** Heads of the attention over time. */
  readonly heads: number;
  /** One gated residual network a feature family, or one a feature. */
  readonly selection: "grouped" | "full";
  readonly normalisation: NormalisationConfig;
  readonly graph: GraphConfig;
  readonly dropout: number;
  /** Forecast horizons in sessions. */
  readonly horizons: readonly number[];
  /** Levels of the forecast quantiles, ascending, 0.5 among them: the ranking score is the median. */
  readonly quantiles: readonly number[];
  /** Experts mixed in each head; 1: a plain head. */
  readonly experts: number;
  /** A linear path from the last session's inputs around the temporal encoder, to peers and heads. */
  readonly skip: boolean;
  /** Beside the network stands a ridge regression on today's inputs and the peers' mean of them, fitted once before training. */
  readonly linear: boolean;
  /** Families of features that are the state of the market, which gates all features; empty: no gate. */
  readonly marketGate: readonly string[];
}

const levels = z
  .array(z.number().gt(0).lt(1))
  .min(1)
  .refine((list) => list.every((level, i) => i === 0 || list[i - 1] < level), "must ascend")
  .refine((list) => list.includes(0.5), "must hold 0.5, the ranking score");

const normalisation: z.ZodType<NormalisationConfig> = z.strictObject({
  windows: z.array(z.int().min(2).max(250)).default([5, 10, 20]),
  topK: z.int().min(0).default(0),
  slices: z.int().min(0).max(9).default(0),
  isReversible: z.boolean().default(false),
});

const graph: z.ZodType<GraphConfig> = z.strictObject({
  neighbours: z.int().min(1).max(50).default(15),
  heads: z.int().min(1).default(4),
  dropout: z.number().min(0).lt(1).default(0.1),
  window: z.int().min(20).max(750).default(60),
  halfLife: z.number().gt(0).default(30),
  threshold: z.number().min(0).lt(1).default(0.3),
  returns: z.enum(["total", "excess"]).default("excess"),
});

const flatAtft = z
  .strictObject({
    /** Sets T, H and the selection; keys beside it win. */
    preset: z.enum(["smoke", "small", "standard", "production"]).optional(),
    time: z.int().min(2).max(250).default(20),
    hidden: z.int().min(4).max(1024).default(64),
    heads: z.int().min(1).default(4),
    selection: z.enum(["grouped", "full"]).default("grouped"),
    normalisation: normalisation.prefault({}),
    graph: graph.prefault({}),
    dropout: z.number().min(0).lt(1).default(0.1),
    horizons: z.array(z.int().min(1)).min(1).default([1, 5, 10, 20]),
    quantiles: levels.default([0.1, 0.25, 0.5, 0.75, 0.9]),
    experts: z.int().min(1).max(16).default(1),
    skip: z.boolean().default(true),
    linear: z.boolean().default(false),
    marketGate: z.array(z.string().min(1)).default([]),
  })
  .refine(({ hidden, heads }) => hidden % heads === 0, "hidden must be a multiple of heads")
  .refine(
    ({ hidden, graph: { heads } }) => hidden % heads === 0,
    "hidden must be a multiple of graph.heads",
  )
  .transform((config): AtftConfig => {
    const { preset, ...rest } = config;
    return preset === undefined ? config : rest;
  });

/** What each preset changes of the defaults. */
export const atftPresets: ReadonlyMap<string, Partial<AtftConfig>> = new Map([
  ["smoke", { time: 20, hidden: 16, selection: "grouped" }],
  ["small", { time: 20, hidden: 64, selection: "grouped" }],
  ["standard", { time: 60, hidden: 64, selection: "full" }],
  ["production", { time: 60, hidden: 256, selection: "full" }],
]);

/** The `model` section of a configuration: a preset, and what is changed of it. */
export const atftConfig: z.ZodType<AtftConfig> = z.preprocess(withPreset, flatAtft);

function withPreset(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("preset" in value)) return value;
  return { ...atftPresets.get(String(value.preset)), ...value };
}

/** A preset with its defaults filled in. Throws ConfigError for an unknown name. */
export function atftPreset(name: string, changes: Partial<AtftConfig> = {}): AtftConfig {
  if (atftPresets.has(name)) return atftConfig.parse({ preset: name, ...changes });
  throw new ConfigError(
    `model: no preset "${name}"; there are ${[...atftPresets.keys()].join(", ")}`,
  );
}
