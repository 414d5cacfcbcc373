// Faults that strike a whole run: one endpoint that stays broken beside others, late rows, corrections, pages without end.

import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SourceError } from "../../src/errors.ts";
import { openLake, type Lake } from "../../src/lake/index.ts";
import type { Fault } from "../../src/simulator/server/index.ts";
import { contentOf, FaultySimulator, japan } from "./faulty-simulator.ts";
import { useHome } from "./scratch.ts";

const home = useHome();
const bars = "/equities/bars/daily";
const endpoints = [bars, "/fins/summary", "/indices/bars/daily/topix", "/markets/short-ratio"];
const evening = japan("2024-06-28", "20:00");
let simulator: FaultySimulator;

beforeAll(async () => {
  simulator = await FaultySimulator.start(evening);
});

afterEach(async () => {
  await simulator.calm();
  simulator.clock.set(evening);
});

afterAll(async () => {
  await simulator.close();
});

const lakeOfTest = (): Promise<Lake> => openLake(home());

describe("faults", () => {
  it.each(["server-error", "too-large"] as const)(
    "of one endpoint (%s) leave its days missing, the others are stored, and the next run brings the rest",
    async (kind) => {
      const request = { endpoints, bulk: false, from: "2024-05-01", to: "2024-05-10" };
      await simulator.arm({ kind, path: "/fins/summary", count: 1000 });
      const error: unknown = await simulator.run(home(), request).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(SourceError);
      expect(String(error)).toMatch(/\/fins\/summary.*(?:run it again|shorter range)/su);
      const lake = await lakeOfTest();
      expect(lake.has("equities_bars_daily")).toBe(true);
      expect(lake.has("fins_summary")).toBe(false);
      await simulator.calm();
      await simulator.run(home(), request);
      const calm = join(home(), "calm");
      await simulator.run(calm, request);
      expect(lake.hash()).toBe((await openLake(calm)).hash());
    },
  );

  it("of the calendar end the run with its name, since nothing can be planned without it", async () => {
    await simulator.arm({ kind: "unavailable", path: "/markets/calendar", count: 1000 });
    const run = simulator.run(home(), { endpoints: [bars], from: "2024-06-24" });
    await expect(run).rejects.toThrow(/\/markets\/calendar.*503.*run it again/su);
  });

  it("pages that stay empty are an error, not an endless run", async () => {
    await simulator.arm({ kind: "empty-page", path: bars, count: 100_000 });
    const request = { endpoints: [bars], from: "2024-06-28", bulk: false };
    await expect(simulator.run(home(), request)).rejects.toThrow(/page key twice.*run it again/u);
  });

  it("a late publication leaves its day open until the rows are there", async () => {
    const request = { endpoints: [bars], from: "2024-06-24" };
    await simulator.arm({ kind: "late", path: bars, minutes: 600 });
    await simulator.run(home(), request);
    const stateOf = async (): Promise<string | undefined> =>
      (await lakeOfTest()).manifest("equities_bars_daily").days["2024-06-28"]?.state;
    expect(await stateOf()).toBe("open");
    simulator.clock.set(japan("2024-06-29", "12:00"));
    await simulator.run(home(), request);
    expect(await stateOf()).toBe("complete");
  });

  it("a correction of the last five sessions comes with the next publication, an older one with a sweep", async () => {
    const request = { endpoints: [bars] };
    await simulator.run(home(), request);
    const lake = await lakeOfTest();
    const rowsWhere = async (where: string): Promise<string[]> => {
      const connection = await lake.connect({ threads: 1 });
      const reader = await connection.runAndReadAll(
        `SELECT CAST("Date" AS VARCHAR) FROM equities_bars_daily WHERE ${where} ORDER BY 1`,
      );
      connection.closeSync();
      return reader.getRows().map(([date]) => String(date));
    };
    const correct = (date: string): Fault => ({
      kind: "correct",
      path: bars,
      where: { Date: date },
      set: { Vo: 77_700 },
    });
    simulator.clock.set(japan("2024-07-01", "10:00"));
    await simulator.arm(correct("2024-06-27"), correct("2024-05-10"));
    simulator.clock.set(japan("2024-07-01", "20:00"));
    const corrected = `"Vo" = 77700 GROUP BY 1`;
    await simulator.run(home(), request);
    expect(await rowsWhere(corrected)).toEqual(["2024-06-27"]);
    await simulator.run(home(), { ...request, sweep: true });
    expect(await rowsWhere(corrected)).toEqual(["2024-05-10", "2024-06-27"]);
    const content = await contentOf(home(), bars);
    const again = await simulator.run(home(), request);
    expect(again.plan.batches).toEqual([]);
    expect(await contentOf(home(), bars)).toBe(content);
  });
});
