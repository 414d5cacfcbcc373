// A run that is there already: what it cost and found, read from its folder instead of trained again.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { epochDay } from "../../calendar/index.ts";
import { ArtifactError } from "../../errors.ts";
import { readRun, runFolder, type RunManifest } from "../../runs/index.ts";
import type { FoldGraph } from "./fold-graph.ts";
import type { StepCost } from "./steps.ts";

export interface FinishedRun {
  readonly run: RunManifest;
  readonly steps: readonly StepCost[];
  readonly graphs: readonly FoldGraph[];
}

const kindSchema = z.object({ kind: z.string() });

const stepSchema: z.ZodType<StepCost> = z.object({
  step: z.string(),
  seconds: z.number(),
  rows: z.number(),
  peakBytes: z.number(),
});

const graphSchema: z.ZodType<FoldGraph> = z.object({
  fold: z.int(),
  date: z.iso.date().transform((date) => epochDay(date)),
  nodes: z.int(),
  edges: z.int(),
  meanAbsCorrelation: z.number().nullable(),
  sameSectorShare: z.number().nullable(),
});

/** The finished run `id` under `home`; undefined when there is none. */
export async function finishedRun(home: string, id: string): Promise<FinishedRun | undefined> {
  const folder = runFolder(home, id);
  if (!existsSync(join(folder, "run.json"))) return undefined;
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
  const metrics: unknown[] = lines.map((line): unknown => JSON.parse(line));
  const ofKind = <T>(kind: string, schema: z.ZodType<T>): T[] =>
    metrics
      .filter((metric) => kindSchema.safeParse(metric).data?.kind === kind)
      .map((metric) => parsed(folder, schema.safeParse(metric)));
  return {
    run: await readRun(home, id),
    steps: ofKind("step", stepSchema),
    graphs: ofKind("graph", graphSchema),
  };
}

function parsed<T>(folder: string, result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  throw new ArtifactError(
    `${folder}/metrics.jsonl: ${z.prettifyError(result.error)}; run with --again`,
  );
}
