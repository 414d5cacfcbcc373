import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/jquants/index.ts";
import { days, findPython, run, serveFor } from "./official-clients.ts";

const python = findPython();
const script = fileURLToPath(new URL("python_client.py", import.meta.url));

interface Outcome {
  readonly method?: string;
  readonly rows?: number;
  readonly error?: string;
}

/** Methods that may find nothing in a market of two hundred issues on these days. */
const maybeEmpty = new Set(["get_edinet_large_volume_shareholders", "get_mkt_margin_alert_range"]);

/** Methods of endpoints that begin with Premium. */
const premiumOnly = [
  "get_drv_bars_daily_fut",
  "get_drv_bars_daily_fut_range",
  "get_drv_bars_daily_opt",
  "get_drv_bars_daily_opt_range",
  "get_eq_bars_daily_am",
  "get_fin_details",
  "get_fin_details_cursor",
  "get_fin_details_range",
  "get_fin_dividend",
  "get_mkt_breakdown",
  "get_mkt_breakdown_range",
];

async function outcomesOn(plan: Plan): Promise<Outcome[]> {
  const { app, url, code } = await serveFor(plan);
  const args = [script, url, code, days.date, days.from, days.to];
  const { stdout } = await run(python ?? "", args, { maxBuffer: 1 << 24 }).catch(
    (failure: { stdout: string }) => failure,
  );
  await app.close();
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
}

describe.skipIf(python === undefined)(
  "the official Python client, its base URL apart unmodified",
  () => {
    it("completes on Premium every public method with rows, and its retries with faults", async () => {
      const outcomes = await outcomesOn("premium");
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
      const called = outcomes.filter(({ method }) => method !== undefined);
      expect(called.length).toBeGreaterThan(50);
      const empty = called.filter(
        ({ rows, method }) => rows === 0 && !maybeEmpty.has(method ?? ""),
      );
      expect(empty).toEqual([]);
    }, 120_000);

    it("is refused on Standard by what begins with Premium and by nothing else", async () => {
      const failed = (await outcomesOn("standard")).filter(({ error }) => error !== undefined);
      expect(failed.map(({ method }) => method)).toEqual(premiumOnly);
      for (const { error } of failed)
        expect(error).toMatch(/^HTTPError: 403 .*not available on your subscription/);
    }, 120_000);
  },
);
