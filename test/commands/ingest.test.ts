// ingest, lake, sql and import on the command line: results, and one clear error with its exit code for each bad input.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator } from "../../src/simulator/server/index.ts";
import { useHome } from "../ingest/scratch.ts";
import { type CaughtOutcome, caughtCli } from "../support/caught-cli.ts";

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

/** Runs one command line in this process, with its output caught. */
async function gogooku3(
  argv: readonly string[],
  key = "good",
  address = baseUrl,
): Promise<CaughtOutcome> {
  vi.stubEnv("JQUANTS_API_KEY", key);
  vi.stubEnv("JQUANTS_BASE_URL", address);
  vi.stubEnv("JQUANTS_PLAN", "light");
  vi.stubEnv("HOME", home());
  try {
    return await caughtCli("--home", home(), ...argv);
  } finally {
    vi.unstubAllEnvs();
  }
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
  /** The one line on standard error that a failure leaves, progress apart. */
  const errorOf = ({ stderr }: CaughtOutcome): string => {
    const lines = stderr.split("\n").filter((line) => /^(?:gogooku3|error):/u.test(line));
    expect(lines).toHaveLength(1);
    return lines[0];
  };

  it("ends with 3 for a wrong key, without showing it", async () => {
    const key = await gogooku3(ingestBars, "wrong-secret");
    expect(key.code).toBe(3);
    expect(errorOf(key)).toMatch(/api key is invalid or expired.*JQUANTS_API_KEY/u);
    expect(key.stdout + key.stderr).not.toContain("wrong-secret");
  });

  it("ends with 3 when the plan is another than is said, naming what it covers and the way out", async () => {
    const span = ["--now", now, "--from", "2024-06-01", "--no-bulk", "--no-limits"];
    const endpoints = ["--endpoints", "/markets/short-ratio"];
    const plan = await gogooku3(["ingest", ...span, "--plan", "standard", ...endpoints]);
    expect(plan.code).toBe(3);
    expect(errorOf(plan)).toMatch(/subscription covers.*2019-06-28.*JQUANTS_PLAN/u);
  });

  it("ends with 3 when the address is not that of the API", async () => {
    const elsewhere = await gogooku3(ingestBars, "good", baseUrl.replace("/v2", ""));
    expect(elsewhere.code).toBe(3);
    expect(errorOf(elsewhere)).toContain("JQUANTS_BASE_URL");
  });

  it.each([
    ["before the plan's window", ["--now", now, "--to", "2010-01-05"], "begins on 2019-06-28"],
    ["after today", ["--now", now, "--from", "2024-07-30"], "lies after 2024-06-28"],
    ["in the wrong order", ["--from", "2024-02-01", "--to", "2024-01-01"], "lies after --to"],
    ["that do not exist", ["--from", "2024-02-30"], "expected a date as YYYY-MM-DD"],
  ])("ends with 2 for dates %s", async (_what, options, text) => {
    const found = await gogooku3(["ingest", ...options]);
    expect(found.code).toBe(2);
    expect(errorOf(found)).toContain(text);
  });

  it("ends with 2 for an unknown endpoint, an unknown plan, no key, a purge of nothing and SQL that does not parse", async () => {
    const nothing = await gogooku3(["ingest", "--endpoints", "/nothing"]);
    expect(nothing.code).toBe(2);
    expect(errorOf(nothing)).toContain("/nothing");
    expect((await gogooku3(["ingest", "--plan", "gold"])).code).toBe(2);
    const none = await gogooku3(["ingest", "--now", now], "");
    expect(none.code).toBe(2);
    expect(errorOf(none)).toContain("JQUANTS_API_KEY");
    const purge = await gogooku3(["lake", "purge"]);
    expect(purge.code).toBe(2);
    expect(errorOf(purge)).toContain("--plan PLAN, --before DATE or --all");
    expect((await gogooku3(["sql", "SELECT nonsense"])).code).toBe(2);
  });

  it.each([
    [
      "malformed",
      "date,code,open,high,low,close,volume\n2024-01-04,7203,1,2,1\n",
      "line 2 has not",
    ],
    ["empty", "", "bad.csv is empty"],
    ["without rows", "date,code,open,high,low,close,volume\n", "have no rows"],
    // 銘柄 in Shift_JIS.
    ["in Shift_JIS", Buffer.from("date,\x96\xc1\x95\xbf\n1,2\n", "latin1"), "--encoding shift_jis"],
  ])("ends with 4 for a CSV file that is %s", async (_what, content, text) => {
    const csv = join(home(), "bad.csv");
    await writeFile(csv, content);
    const found = await gogooku3(["import", "ohlcv", csv]);
    expect(found.code).toBe(4);
    expect(errorOf(found)).toContain(text);
  });

  it("ends with 4 for a lake of a newer version and a file that was changed", async () => {
    const folder = join(home(), "lake", "equities_bars_daily");
    await mkdir(folder, { recursive: true });
    const manifest = { version: 99, table: "equities_bars_daily", partitions: {}, days: {} };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    for (const command of [
      ["lake", "status"],
      ["sql", "SELECT 1"],
      ingestBars,
      ["lake", "purge", "--all"],
    ]) {
      const newer = await gogooku3(command);
      expect(newer.code, command.join(" ")).toBe(4);
      expect(errorOf(newer)).toMatch(/has version 99.*install the newer gogooku3/u);
    }
    const partition = { rows: 1, bytes: 1, sha256: "0", columns: "0" };
    const broken = { ...manifest, version: 1, files: {}, partitions: { "2024-01": partition } };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(broken));
    const verified = await gogooku3(["lake", "verify"]);
    expect(verified.code).toBe(4);
    expect(errorOf(verified)).toContain("equities_bars_daily 2024-01");
  });
});
