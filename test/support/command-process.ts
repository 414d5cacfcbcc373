// The command line as a process of its own: run to its end, or killed on the way.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

export interface ProcessOutcome {
  /** Exit code; null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the process (SIGKILL) after so many seconds, unless it has ended. */
  readonly killAfter?: number | undefined;
}

/** Runs `gogooku3 ...argv`. */
export async function commandProcess(
  argv: readonly string[],
  { env = {}, killAfter }: ProcessOptions = {},
): Promise<ProcessOutcome> {
  const start = performance.now();
  const child = spawn(process.execPath, [cli, ...argv], { env: { ...process.env, ...env } });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.on("error", reject);
  child.on("close", (code) => resolve(code));
  const timer =
    killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter * 1000);
  const code = await promise;
  clearTimeout(timer);
  return { code, stdout, stderr, seconds: (performance.now() - start) / 1000 };
}
