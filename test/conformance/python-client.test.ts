import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { days, findPython, run, serveFor, type Served } from "./official-clients.ts";

const python = findPython();
const script = fileURLToPath(new URL("python_client.py", import.meta.url));

interface Outcome {
  readonly method?: string;
  readonly rows?: number;
  readonly error?: string;
}

/** Methods that may find nothing in a market of two hundred issues on these days. */
const maybeEmpty = new Set(["get_edinet_large_volume_shareholders", "get_mkt_margin_alert_range"]);

describe.skipIf(python === undefined)(
  "the official Python client, its base URL apart unmodified",
  () => {
    let served: Served;

    beforeAll(async () => {
      served = await serveFor("premium");
    });

    afterAll(() => served.app.close());

    it("completes every public method with rows, and its retries with faults", async () => {
      const args = [script, served.url, served.code, days.date, days.from, days.to];
      const { stdout } = await run(python ?? "", args, { maxBuffer: 1 << 24 }).catch(
        (failure: { stdout: string }) => failure,
      );
      const outcomes = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Outcome);
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
      const called = outcomes.filter(({ method }) => method !== undefined);
      expect(called.length).toBeGreaterThan(50);
      const empty = called.filter(
        ({ rows, method }) => rows === 0 && !maybeEmpty.has(method ?? ""),
      );
      expect(empty).toEqual([]);
    }, 120_000);
  },
);
