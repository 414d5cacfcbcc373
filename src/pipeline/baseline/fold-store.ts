// Trained horizons of an unfinished run on disk, so that a run that was stopped goes on where it was.

import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../../errors.ts";
import type { RankIcPoint } from "../../model/lightgbm/index.ts";
import { publishFile } from "../../publish.ts";

/** What training one fold for one horizon gave. */
export interface HorizonResult {
  readonly modelText: string;
  readonly parameters: string;
  readonly rounds: number;
  /** Validation RankIC after each round. */
  readonly history: readonly RankIcPoint[];
  /** (features) total gain; null where it was not asked for, or not finite. */
  readonly gain: readonly (number | null)[];
  readonly permutation: readonly (number | null)[] | null;
  readonly shap: readonly (number | null)[] | null;
  /** (test rows) */
  readonly scores: Float64Array;
}

const schema: z.ZodType<Omit<HorizonResult, "scores">> = z.strictObject({
  modelText: z.string(),
  parameters: z.string(),
  rounds: z.int(),
  history: z.array(z.strictObject({ round: z.int(), rankIc: z.number() })),
  gain: z.array(z.number().nullable()),
  permutation: z.array(z.number().nullable()).nullable(),
  shap: z.array(z.number().nullable()).nullable(),
});

export class FoldStore {
  readonly #folder: string;

  /** `folder` is the run's. */
  constructor(folder: string) {
    this.#folder = join(folder, "unfinished");
  }

  /** Scores first: where the JSON file is, the part is whole. */
  async write(fold: number, horizon: number, { scores, ...rest }: HorizonResult): Promise<void> {
    const path = this.#path(fold, horizon);
    const bytes = new Uint8Array(Float64Array.from(scores).buffer);
    await publishFile(`${path}.scores`, bytes);
    await publishFile(`${path}.json`, JSON.stringify(rest));
  }

  /** Undefined when this part was not trained. Throws ArtifactError when it is broken. */
  read(fold: number, horizon: number): HorizonResult | undefined {
    const path = this.#path(fold, horizon);
    if (!existsSync(`${path}.json`)) return undefined;
    const parsed = schema.safeParse(JSON.parse(readFileSync(`${path}.json`, "utf8")));
    if (!parsed.success) {
      throw new ArtifactError(
        `${path}.json: ${z.prettifyError(parsed.error)}; delete it, or run with --again`,
      );
    }
    const bytes = Uint8Array.from(readFileSync(`${path}.scores`));
    return { ...parsed.data, scores: new Float64Array(bytes.buffer) };
  }

  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #path(fold: number, horizon: number): string {
    return join(this.#folder, `fold${fold}-${horizon}d`);
  }
}
