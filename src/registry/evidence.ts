// Evidence that a way of making models is honest: results of controls and leak audits, kept under evidence/ for the gates to find.
// It speaks for a pipeline, a version of the code and a set of features; a gate accepts no other.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { hashValue } from "../hash.ts";
import { publishFile } from "../publish.ts";

export const evidenceKinds = ["shuffled", "null", "planted", "audit"] as const;

export type EvidenceKind = (typeof evidenceKinds)[number];

export interface Evidence {
  readonly version: 1;
  readonly kind: EvidenceKind;
  /** Kind of model that was trained, "lightgbm" or "atft"; "features" for an audit. */
  readonly pipeline: string;
  readonly codeVersion: string;
  /** Columns that were seen, in order of name. */
  readonly features: readonly string[];
  readonly passed: boolean;
  /** What was found, for people. */
  readonly detail: string;
  /** The run that it was found in; empty for an audit. */
  readonly run: string;
  /** Instant, ISO 8601. */
  readonly at: string;
}

const evidenceSchema: z.ZodType<Evidence> = z.strictObject({
  version: z.literal(1),
  kind: z.enum(evidenceKinds),
  pipeline: z.string(),
  codeVersion: z.string(),
  features: z.array(z.string()),
  passed: z.boolean(),
  detail: z.string(),
  run: z.string(),
  at: z.string(),
});

/** Publishes evidence; what was found before for the same kind, pipeline, code and features is replaced. */
export async function writeEvidence(
  home: string,
  found: Omit<Evidence, "version">,
): Promise<Evidence> {
  const evidence: Evidence = { version: 1, ...found, features: found.features.toSorted() };
  const { kind, pipeline, codeVersion, features } = evidence;
  const name = `${kind}-${pipeline}-${hashValue({ codeVersion, features }).slice(0, 12)}.json`;
  await publishFile(join(home, "evidence", name), `${JSON.stringify(evidence, null, 1)}\n`);
  return evidence;
}

/** All evidence under `home`, newest first. Throws ArtifactError for a file that is not ours. */
export function readEvidence(home: string): Evidence[] {
  const folder = join(home, "evidence");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .map((name) => parseEvidence(join(folder, name)))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
}

function parseEvidence(file: string): Evidence {
  const parsed = evidenceSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${file}: ${z.prettifyError(parsed.error)}`);
}
