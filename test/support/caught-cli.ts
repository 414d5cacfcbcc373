// The command line in this process, with what it writes caught.

import { vi } from "vitest";
import { runCli } from "../../src/cli.ts";

export interface CaughtOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `gogooku3 ...argv`; nothing reaches the terminal. */
export async function caughtCli(...argv: readonly string[]): Promise<CaughtOutcome> {
  const [stdout, stderr] = [catchWrites(process.stdout), catchWrites(process.stderr)];
  try {
    const code = await runCli(argv);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
  }
}

function catchWrites(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  let text = "";
  const spy = vi.spyOn(stream, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return { text: () => text, restore: () => spy.mockRestore() };
}
