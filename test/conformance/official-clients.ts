// Where the official clients are, and a simulator for them to talk to.

import { execFile, spawnSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { FastifyInstance } from "fastify";
import { ManualClock } from "../../src/clock.ts";
import type { Plan } from "../../src/jquants/index.ts";
import { createMarket, type Market } from "../../src/simulator/market/index.ts";
import { createSimulator, parseInstant } from "../../src/simulator/server/index.ts";

export const run: (
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly maxBuffer?: number },
) => Promise<{ stdout: string; stderr: string }> = promisify(execFile);

/** The days that the clients ask for lie in the season of third-quarter results and hold a week's margin balances. */
export const days = { date: "2026-02-12", from: "2026-02-06", to: "2026-02-12" } as const;

/** The day after, when the options of the last day are out and so is the morning. */
const now = "2026-02-13T12:30";

/** The Python that has the official client, from GOGOOKU3_CONFORMANCE_PYTHON or the path; undefined when there is none. */
export function findPython(): string | undefined {
  const python = process.env["GOGOOKU3_CONFORMANCE_PYTHON"] ?? "python3";
  const { status } = spawnSync(python, ["-c", "import jquantsapi; jquantsapi.ClientV2"]);
  return present(status, "the official Python client (pip install jquants-api-client)", python);
}

/** The official Rust CLI, from GOGOOKU3_CONFORMANCE_CLI or the path; undefined when there is none. */
export function findCli(): string | undefined {
  const cli = process.env["GOGOOKU3_CONFORMANCE_CLI"] ?? "jquants";
  const { status } = spawnSync(cli, ["schema"]);
  return present(status, "the official Rust CLI (J-Quants/jquants-cli)", cli);
}

function present(status: number | null, name: string, file: string): string | undefined {
  if (status === 0) return file;
  console.warn(`conformance: skipped, ${name} is not installed as ${file}`);
  return undefined;
}

export interface Served {
  readonly app: FastifyInstance;
  readonly market: Market;
  /** `http://127.0.0.1:PORT/v2` */
  readonly url: string;
  /** An ordinary share that is listed all the time. */
  readonly code: string;
}

/** A simulator on a free port. */
export async function serveFor(plan: Plan): Promise<Served> {
  const market = await createMarket({
    seed: 7,
    stocks: 200,
    from: "2025-04-01",
    to: "2026-02-27",
    signal: "none",
  });
  const clock = new ManualClock(parseInstant(now));
  const app = createSimulator({ market, plan, clock, rateLimits: false });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const issue = market.issues.find(
    ({ kind, listed, delisted }) =>
      kind === "stock" && listed === 0 && delisted === market.sessions.count,
  );
  if (issue === undefined) throw new Error("the market has no issue that is listed all the time");
  return { app, market, url: `http://127.0.0.1:${port}/v2`, code: issue.code };
}
