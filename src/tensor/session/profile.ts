// ONNX Runtime's profiler as a table: time and count by op, and the device that ran it.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactError } from "../../errors.ts";

export interface ProfileRow {
  readonly op: string;
  readonly device: string;
  /** Times the op was run. */
  readonly count: number;
  /** Sum over all runs, in milliseconds; on a GPU the time to hand the work over. */
  readonly totalMs: number;
}

/** A folder for one profile; `prefix` goes to the session. */
export interface ProfileFolder {
  readonly folder: string;
  readonly prefix: string;
}

export function createProfileFolder(): ProfileFolder {
  const folder = mkdtempSync(join(tmpdir(), "gogooku3-profile-"));
  return { folder, prefix: join(folder, "ort") };
}

/** Reads the profile that a session wrote, longest first, and removes the folder. */
export function takeProfile({ folder }: ProfileFolder): readonly ProfileRow[] {
  const [file] = readdirSync(folder);
  if (file === undefined) {
    throw new ArtifactError(`profile: ONNX Runtime wrote nothing to ${folder}; run a step first`);
  }
  const events: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
  rmSync(folder, { recursive: true });
  if (!Array.isArray(events)) {
    throw new ArtifactError(
      `profile: expected a list of events in ${file}, found ${typeof events}`,
    );
  }
  const rows = new Map<string, ProfileRow>();
  for (const event of events) addEvent(rows, event);
  return [...rows.values()].sort((a, b) => b.totalMs - a.totalMs);
}

function addEvent(rows: Map<string, ProfileRow>, event: unknown): void {
  if (!hasKeys(event, ["cat", "name", "dur", "args"]) || event["cat"] !== "Node") return;
  const { args } = event;
  if (!String(event["name"]).endsWith("_kernel_time") || !hasKeys(args, ["op_name"])) return;
  const op = String(args["op_name"]);
  const device = deviceOf(String(args["provider"]));
  const key = `${op} ${device}`;
  const row = rows.get(key);
  rows.set(key, {
    op,
    device,
    count: (row?.count ?? 0) + 1,
    totalMs: (row?.totalMs ?? 0) + Number(event["dur"]) / 1000,
  });
}

function deviceOf(provider: string): string {
  return provider.replace("ExecutionProvider", "").toLowerCase();
}

function hasKeys<K extends string>(
  value: unknown,
  keys: readonly K[],
): value is Record<K | "args", unknown> & Record<string, unknown> {
  return typeof value === "object" && value !== null && keys.every((key) => key in value);
}

/** Ops that ran on the CPU though the session was opened on another device. */
export function fallbacks(rows: readonly ProfileRow[]): readonly string[] {
  return [...new Set(rows.filter(({ device }) => device === "cpu").map(({ op }) => op))].sort();
}
