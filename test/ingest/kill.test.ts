// kill -9 at random moments, then one rerun: the lake is byte-identical to an undisturbed one. GOGOOKU3_KILLS sets how often.

import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fastify, type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { epochDay, jpxCalendar, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { hashFile } from "../../src/hash.ts";
import { openLake } from "../../src/lake/index.ts";
import { verifyLake } from "../../src/lake/status.ts";
import { createRng } from "../../src/rng.ts";
import { countingService } from "./counting-service.ts";
import { marketRows } from "./market-rows.ts";
import { useHome } from "./scratch.ts";

const kills = Number(process.env["GOGOOKU3_KILLS"] ?? 2);
const nowMs = jstInstantMs(epochDay("2024-07-20"), "12:00");
const script = fileURLToPath(new URL("killed-run.ts", import.meta.url));
const endpoints = "/equities/bars/daily,/fins/summary,/indices/bars/daily/topix";
const home = useHome();
let server: FastifyInstance;
let baseUrl = "";

beforeAll(async () => {
  const rows = marketRows(jpxCalendar(), epochDay("2023-07-01"), epochDay("2024-07-19"));
  const service = countingService({ clock: new ManualClock(nowMs), rows });
  server = fastify();
  server.get("/*", async (request, reply) => {
    const url = `http://${request.host}${request.url}`;
    const answer = await service.fetch(url, { headers: { "x-api-key": "key" } });
    return reply.code(answer.status).send(Buffer.from(await answer.arrayBuffer()));
  });
  baseUrl = `${await server.listen({ port: 0, host: "127.0.0.1" })}/v2`;
});

afterAll(async () => {
  await server.close();
});

/** Runs the ingest process; kills it after `killAfterMs`. Resolves true when it ended by itself with success. */
function run(
  folder: string,
  killAfterMs?: number,
): Promise<{ done: boolean; ms: number; error: string }> {
  const started = performance.now();
  const child = spawn(process.execPath, [
    script,
    folder,
    baseUrl,
    String(nowMs),
    "2023-07-01",
    endpoints,
  ]);
  let error = "";
  child.stderr.on("data", (data: Buffer) => (error += data.toString()));
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((settle) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      settle({ done: code === 0, ms: performance.now() - started, error });
    });
  });
}

async function contents(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) continue;
    found.set(name, await hashFile(path));
  }
  return found;
}

describe("a killed ingest", () => {
  it(
    `leaves a lake that one rerun makes byte-identical to an undisturbed one, after ${kills} kills`,
    async () => {
      const calm = join(home(), "calm");
      const first = await run(calm);
      expect(first.error).toBe("");
      const expected = await contents(join(calm, "lake"));
      const rng = createRng("kills");
      for (let kill = 0; kill < kills; kill += 1) {
        const folder = join(home(), `killed-${kill}`);
        const { done } = await run(folder, (0.15 + 0.85 * rng.uniform()) * first.ms);
        const again = await run(folder);
        expect(again.error, `after kill ${kill}, done before: ${done}`).toBe("");
        expect(await contents(join(folder, "lake"))).toEqual(expected);
      }
      const { problems, rows } = await verifyLake(await openLake(calm));
      expect(problems).toEqual([]);
      expect(rows).toBeGreaterThan(1000);
    },
    60_000 + kills * 20_000,
  );
});
