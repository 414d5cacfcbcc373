// The checks that a dataset passed before it was published, as they lie beside it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import type { Check } from "./quality.ts";

/** Name of the file in a dataset's folder. */
export const qualityFile = "quality.json";

const schema: z.ZodType<Check[]> = z.array(
  z.object({ name: z.string(), passed: z.boolean(), detail: z.string() }),
);

/** Undefined where the folder has no such file. Throws ArtifactError for one that is not ours. */
export function readQuality(folder: string): readonly Check[] | undefined {
  const path = join(folder, qualityFile);
  if (!existsSync(path)) return undefined;
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${path}: ${z.prettifyError(parsed.error)}`);
}
