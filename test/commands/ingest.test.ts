// ingest, lake, sql and import on the command line: results, and one clear error with its exit code for each bad input.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { runCli } from "../../src/cli.ts";
import { ManualClock } from "../../src/clock.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { useHome } from "../ingest/scratch.ts";

const now = "2024-06-28T20:00";
const home = useHome();
let app: FastifyInstance;
let baseUrl = "";

beforeAll(async () => {
  const market = await createMarket({
    seed: 3,
    stocks: 12,
    from: "2024-05-15",
    to: "2024-07-31",
    signal: "none",
  });
  const clock = new ManualClock(jstInstantMs(epochDay("2024-06-28"), "20:00"));
  app = createSimulator({ market, plan: "light", clock, rateLimits: false, apiKey: "good" });
  baseUrl = `${await app.listen({ port: 0, host: "127.0.0.1" })}/v2`;
});

afterAll(async () => {
  await app.close();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, with its output caught. */
async function gogooku3(argv: readonly string[], key = "good"): Promise<Outcome> {
  vi.stubEnv("JQUANTS_API_KEY", key);
  vi.stubEnv("JQUANTS_BASE_URL", baseUrl);
  vi.stubEnv("JQUANTS_PLAN", "light");
  vi.stubEnv("HOME", home());
  const stdout = catchOutput(process.stdout);
  const stderr = catchOutput(process.stderr);
  try {
    const code = await runCli(["--home", home(), ...argv]);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    vi.unstubAllEnvs();
  }
}

function catchOutput(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  let text = "";
  const spy = vi.spyOn(stream, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return { text: () => text, restore: () => spy.mockRestore() };
}

const ingestBars = [
  "ingest",
  "--now",
  now,
  "--from",
  "2024-05-15",
  "--endpoints",
  "/equities/bars/daily",
  "--no-limits",
];

describe("the way from the service to a table", () => {
  it("goes ingest, lake status, lake verify, sql, a second ingest without requests, purge", async () => {
    const plan = await gogooku3([...ingestBars, "--dry-run"]);
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain("/equities/bars/daily");
    expect(plan.stdout).toMatch(/bucket plan: \d+ requests/);
    const done = await gogooku3(ingestBars);
    expect(done.stderr).not.toContain("gogooku3:");
    expect(done.code).toBe(0);
    expect((await gogooku3(["lake", "status"])).stdout).toMatch(/equities_bars_daily .*24:/);
    expect((await gogooku3(["lake", "verify"])).stdout).toContain("0 problems, 0 gaps");
    const counted = await gogooku3([
      "--json",
      "sql",
      "SELECT count(*) AS n FROM equities_bars_daily",
    ]);
    expect(Number(JSON.parse(counted.stdout)[0].n)).toBeGreaterThan(200);
    const csv = await gogooku3([
      "sql",
      'SELECT "Code" FROM equities_bars_daily LIMIT 1',
      "-f",
      "csv",
    ]);
    expect(csv.stdout).toMatch(/^Code\n[0-9A-Z]{5}\n$/);
    const file = join(home(), "bars.parquet");
    expect((await gogooku3(["sql", "FROM equities_bars_daily", "--out", file])).stdout).toMatch(
      /rows in/,
    );
    expect((await readFile(file)).subarray(0, 4).toString()).toBe("PAR1");
    const again = JSON.parse((await gogooku3(["--json", ...ingestBars])).stdout);
    expect(again.statistics.requests).toEqual({});
    const purged = await gogooku3(["lake", "purge", "--all"]);
    expect(purged.stdout).toMatch(/equities_bars_daily: \d+ rows deleted/);
    expect((await gogooku3(["lake", "status"])).code).toBe(0);
  });
});

describe("bad input", () => {
  it("ends with 3 for a wrong key, an endpoint beyond the real plan, and a service that is not there", async () => {
    const key = await gogooku3(ingestBars, "invalid");
    expect(key.code).toBe(3);
    expect(key.stderr).toMatch(/^(?!.*invalid\b.*key=).*api key is invalid or expired.*way out/m);
    const plan = await gogooku3([
      "ingest",
      "--now",
      now,
      "--from",
      "2024-06-01",
      "--plan",
      "standard",
      "--no-bulk",
      "--endpoints",
      "/markets/short-ratio",
    ]);
    expect(plan.code).toBe(3);
    expect(plan.stderr).toContain("JQUANTS_PLAN");
  });

  it("ends with 2 for dates outside the window, a wrong span, an unknown endpoint and no key", async () => {
    const early = await gogooku3(["ingest", "--now", now, "--to", "2010-01-05"]);
    expect(early.code).toBe(2);
    expect(early.stderr).toContain("begins on 2019-06-28");
    expect((await gogooku3(["ingest", "--from", "2024-02-01", "--to", "2024-01-01"])).code).toBe(2);
    expect((await gogooku3(["ingest", "--endpoints", "/nothing"])).code).toBe(2);
    expect((await gogooku3(["ingest", "--from", "2024-02-30"])).code).toBe(2);
    const none = await gogooku3(["ingest", "--now", now], "");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("JQUANTS_API_KEY");
    expect((await gogooku3(["lake", "purge"])).code).toBe(2);
    expect((await gogooku3(["sql", "SELECT nonsense"])).code).toBe(2);
  });

  it("ends with 4 for malformed CSV, a lake of a newer version and a file that was changed", async () => {
    const csv = join(home(), "bad.csv");
    await writeFile(csv, 'date,code,open,high,low,close,volume\n2024-01-04,7203,"1,2\n1\n');
    const malformed = await gogooku3(["import", "ohlcv", csv]);
    expect(malformed.code).toBe(4);
    expect(malformed.stderr).toContain("bad.csv not readable");
    const folder = join(home(), "lake", "equities_bars_daily");
    await mkdir(folder, { recursive: true });
    const manifest = { version: 99, table: "equities_bars_daily", partitions: {}, days: {} };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    const newer = await gogooku3(["lake", "status"]);
    expect(newer.code).toBe(4);
    expect(newer.stderr).toContain("has version 99");
    const partition = { rows: 1, bytes: 1, sha256: "0", columns: "0" };
    const broken = { ...manifest, version: 1, partitions: { "2024-01": partition } };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(broken));
    expect((await gogooku3(["lake", "verify"])).code).toBe(4);
  });
});
