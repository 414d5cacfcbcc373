// The nightly run against a simulator whose clock goes on: once a session, nothing published past a failed check, resumable.

import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ArtifactError, ConfigError, exitCodeOf, SourceError } from "../../src/errors.ts";
import { ingest } from "../../src/ingest/ingest.ts";
import { openLake, type RawRow } from "../../src/lake/index.ts";
import { readForecastManifest } from "../../src/pipeline/forecast/index.ts";
import { readNight, runNightly } from "../../src/pipeline/nightly/index.ts";
import { moveModel, readEvidence } from "../../src/registry/index.ts";
import { modelFolder } from "../../src/runs/index.ts";
import { commandProcess } from "../support/command-process.ts";
import { type SmallNight, smallNight } from "./small-night.ts";

let night: SmallNight;

const fiveMinutes = 300_000;

beforeAll(async () => {
  night = await smallNight();
}, fiveMinutes);

afterAll(async () => {
  await night.app.close();
  rmSync(night.home, { recursive: true, force: true });
});

function published(date: string): boolean {
  const { home, model } = night;
  return (
    readForecastManifest(home, model, date) !== undefined ||
    existsSync(join(home, "reports", `nightly-${date}.html`)) ||
    readNight(home, date) !== undefined
  );
}

describe("runNightly", { timeout: fiveMinutes }, () => {
  it("does the day's session, publishes forecasts and page, and keeps the quick audit as evidence", async () => {
    night.moveTo("2022-12-16", "20:00");
    const result = await runNightly(night.options());
    expect(result).toMatchObject({ session: "2022-12-16", isNew: true, notToday: null });
    expect(result.steps.map(({ step }) => step)).toEqual([
      "update",
      "dataset",
      "session",
      "audit",
      "forecast",
    ]);
    const manifest = readForecastManifest(night.home, night.model, "2022-12-16");
    expect(manifest).toMatchObject({ dataset: result.dataset, rows: 36, synthetic: true });
    expect(readFileSync(result.report, "utf8")).toContain("Forecasts of 2022-12-16");
    expect(readEvidence(night.home).map(({ kind, passed }) => [kind, passed])).toEqual([
      ["audit", true],
    ]);
  });

  it("does nothing the second time and asks the service nothing", async () => {
    const options = night.options();
    const result = await runNightly(options);
    expect(result).toMatchObject({ session: "2022-12-16", isNew: false });
    expect(options.client.statistics().requests).toEqual({});
  });

  it("finds on a Saturday, and before Monday's prices are final, that the last session is done", async () => {
    night.moveTo("2022-12-17", "20:00");
    expect(await runNightly(night.options())).toMatchObject({
      session: "2022-12-16",
      isNew: false,
      notToday: "2022-12-17 is not a trading day",
    });
    night.moveTo("2022-12-19", "17:29");
    expect(await runNightly(night.options())).toMatchObject({
      session: "2022-12-16",
      isNew: false,
      notToday: "prices of 2022-12-19 are final at 17:30 in Japan",
    });
  });

  it("goes on with the next session, and judges the night before by the return that came", async () => {
    night.moveTo("2022-12-19", "20:00");
    const result = await runNightly(night.options());
    expect(result).toMatchObject({ session: "2022-12-19", isNew: true });
    expect(readFileSync(result.report, "utf8")).toMatch(
      /1 d<\/td><td[^>]*>−?-?0\.\d{4}[^<]*<\/td><td[^>]*>1<\/td>/u,
    );
  });

  it("makes a night again when a file that it published is gone", async () => {
    rmSync(join(night.home, "reports", "nightly-2022-12-19.html"));
    const result = await runNightly(night.options());
    expect(result.isNew).toBe(true);
    expect(result.steps[0].detail).toBe("nothing was missing");
    expect(result.steps[1].detail).toContain("built before");
  });

  it("publishes nothing when a quality check fails, ends with 4, and goes on when it is mended", async () => {
    night.moveTo("2022-12-20", "20:00");
    const { client, clock, plan, home } = night.options();
    const lake = await openLake(home);
    const endpoints = ["/equities/bars/daily", "/equities/master", "/indices/bars/daily/topix"];
    await ingest({ plan, endpoints, from: "2022-12-01" }, { lake, client, clock });
    const bars = await barsOf("2022-12-20");
    const write = (rows: readonly RawRow[]) =>
      lake.write("equities_bars_daily", "2022-12", rows, {
        source: "simulated",
        fetchedAt: "2022-12-20T11:00:00Z",
      });
    await write(bars.map((bar) => ({ ...bar, H: Number(bar["L"]) / 2 })));
    const failure: unknown = await runNightly(night.options()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ArtifactError);
    expect(String(failure)).toMatch(/price order: \S+ on 2022-12-20/u);
    expect(exitCodeOf(failure)).toBe(4);
    expect(published("2022-12-20")).toBe(false);
    await write(bars);
    expect(await runNightly(night.options())).toMatchObject({ session: "2022-12-20", isNew: true });
  });

  it("ends with 3 while the service has no prices of the session", async () => {
    night.moveTo("2022-12-21", "12:00");
    const late = { ...night.options(), clock: night.clock };
    expect(await runNightly(late)).toMatchObject({ session: "2022-12-20", isNew: false });
    const ahead = { ...late, clock: { nowMs: () => night.clock.nowMs() + 8 * 3_600_000 } };
    const failure: unknown = await runNightly(ahead).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceError);
    expect(String(failure)).toMatch(/expected final prices of 2022-12-21, found .*run it again/u);
    expect(published("2022-12-21")).toBe(false);
  });

  it(
    "killed at any moment and started again publishes the same forecasts",
    { timeout: fiveMinutes },
    async () => {
      night.moveTo("2022-12-22", "20:00");
      const copy = `${night.home}-copy`;
      cpSync(night.home, copy, { recursive: true });
      const env = { JQUANTS_API_KEY: "simulated", JQUANTS_BASE_URL: night.baseUrl };
      const argv = ["--json", "nightly", "--no-limits", "--now", "2022-12-22T20:00"];
      const undisturbed = await commandProcess(["--home", night.home, ...argv], { env });
      expect(undisturbed.code, undisturbed.stderr).toBe(0);
      for (const moment of [0.4, 0.6, 0.8]) {
        const killAfter = moment * undisturbed.seconds;
        await commandProcess(["--home", copy, ...argv], { env, killAfter });
      }
      const again = await commandProcess(["--home", copy, ...argv], { env });
      expect(again.code, again.stderr).toBe(0);
      const [expected, found] = [undisturbed, again].map(({ stdout }) => JSON.parse(stdout));
      expect(found.dataset).toBe(expected.dataset);
      const csv = `forecasts/${night.model}/2022-12-22.csv`;
      expect(found.files[csv]).toBe(expected.files[csv]);
      rmSync(copy, { recursive: true, force: true });
    },
  );

  it("refuses a production model whose weights were changed", async () => {
    night.moveTo("2022-12-23", "20:00");
    const weights = join(modelFolder(night.home, night.model), "weights.safetensors");
    const content = readFileSync(weights);
    writeFileSync(weights, content.subarray(1));
    await expect(runNightly(night.options())).rejects.toThrow(/weights\.safetensors/u);
    writeFileSync(weights, content);
    expect(published("2022-12-23")).toBe(false);
  });

  it("says how to put a model into production when none is there", async () => {
    await moveModel(night.home, night.model, "archived", {
      who: "tester",
      reason: "test",
      clock: night.clock,
    });
    const failure: unknown = await runNightly(night.options()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain("models promote ID --to production");
    await moveModel(night.home, night.model, "production", {
      who: "tester",
      reason: "test",
      clock: night.clock,
    });
  });
});

async function barsOf(date: string): Promise<RawRow[]> {
  const lake = await openLake(night.home);
  const connection = await lake.connect({ threads: 1 });
  try {
    const reader = await connection.runAndReadAll(
      `SELECT * EXCLUDE (available_at, ingested_from, extra) REPLACE (CAST("Date" AS VARCHAR) AS "Date")
       FROM equities_bars_daily WHERE "Date" = DATE '${date}'`,
    );
    return reader
      .getRowObjectsJson()
      .map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
      );
  } finally {
    connection.closeSync();
  }
}

function plain(value: unknown): string | number | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}
