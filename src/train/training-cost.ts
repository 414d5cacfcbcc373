// What a training cost, from the metrics that it wrote epoch by epoch.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export interface TrainingCost {
  /** Epochs of all folds. */
  readonly epochs: number;
  /** Minutes of updates, validation left out. */
  readonly minutes: number;
  /** (stock, session) pairs a second, null where nothing was trained. */
  readonly samplesPerSecond: number | null;
}

const line = z.object({ samples: z.number(), seconds: z.number() });

/** The cost of the run in `folder`, kills and resumes included; epochs that were lost and repeated count once. */
export function trainingCost(folder: string): TrainingCost {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const records = names
    .filter((name) => /^metrics-\d+\.jsonl$/u.test(name))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"))
    .map((text) => line.parse(JSON.parse(text)));
  const samples = records.reduce((sum, record) => sum + record.samples, 0);
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  return {
    epochs: records.length,
    minutes: seconds / 60,
    samplesPerSecond: seconds === 0 ? null : samples / seconds,
  };
}
