// From a lake to a published dataset and back as typed arrays.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochDay } from "../../src/calendar/index.ts";
import { buildDataset, openDataset, type BuildResult } from "../../src/dataset/index.ts";
import type { Lake } from "../../src/lake/index.ts";
import { simulatedLake } from "./simulated-lake.ts";

const paths = [
  "/equities/master",
  "/equities/bars/daily",
  "/indices/bars/daily/topix",
  "/markets/calendar",
];

let lake: Lake;
let built: BuildResult;

beforeAll(async () => {
  lake = await simulatedLake({ stocks: 24, from: "2021-01-04", to: "2021-12-30", paths });
  built = await buildDataset(lake, {
    from: epochDay("2021-06-01"),
    to: epochDay("2021-11-30"),
    selection: "price,volatility_20d",
  });
});
afterAll(() => rmSync(lake.home, { recursive: true }));

describe("buildDataset", () => {
  test("publishes months, manifest and the latest pointer, and leaves no draft", () => {
    expect(built.manifest.months.map(({ month }) => month)).toEqual([
      "2021-06",
      "2021-07",
      "2021-08",
      "2021-09",
      "2021-10",
      "2021-11",
    ]);
    const latest = readFileSync(join(lake.home, "datasets", "latest"), "utf8").trim();
    expect(latest).toBe(built.manifest.id);
    expect(existsSync(join(built.folder, "month=2021-06.parquet"))).toBe(true);
    expect(built.manifest.synthetic).toBe(true);
  });

  test("rows are unique, by session and then code", () => {
    const { rows } = openDataset(lake.home);
    expect(rows.count).toBe(built.manifest.rows);
    for (let row = 1; row < rows.count; row += 1) {
      const step = rows.sessionOfRow[row] - rows.sessionOfRow[row - 1];
      expect(step > 0 || rows.codeOfRow[row] > rows.codeOfRow[row - 1]).toBe(true);
    }
  });

  test("label_1d of a row is returns_1d of the code's next row", () => {
    const dataset = openDataset(lake.home);
    const { codeOfRow, count } = dataset.rows;
    const returns = dataset.features(["returns_1d"]).column("returns_1d");
    const labels = dataset.labels(["label_1d"]).label("label_1d");
    const before = new Map<number, number>();
    let compared = 0;
    for (let row = 0; row < count; row += 1) {
      const previous = before.get(codeOfRow[row]);
      if (previous !== undefined) {
        expect(labels[previous]).toBeCloseTo(returns[row], 7);
        compared += 1;
      }
      before.set(codeOfRow[row], row);
    }
    expect(compared).toBeGreaterThan(1000);
  });

  test("the last h rows of a code still listed have no label of h sessions", () => {
    const dataset = openDataset(lake.home);
    const { codeOfRow, codes } = dataset.rows;
    for (const h of [1, 5, 10, 20]) {
      const values = dataset.labels([`label_${h}d`]).label(`label_${h}d`);
      const last = [...codeOfRow.keys()].filter((row) => codes[codeOfRow[row]] === codes[0]);
      const missing = last.filter((row) => values[row] !== values[row]);
      expect(missing).toEqual(last.slice(-h));
    }
  });

  test("a row's label end is the session of its furthest known price", () => {
    const dataset = openDataset(lake.home);
    const { labelEnds, sessions, horizon } = dataset.labelledRows();
    expect(horizon).toBe(20);
    for (let row = 0; row < sessions.length; row += 1) {
      expect(labelEnds[row]).toBeGreaterThanOrEqual(sessions[row]);
    }
    expect(labelEnds[0]).toBe(20);
    expect(labelEnds.at(-1)).toBe(sessions.at(-1));
  });

  test("a label from the next open reaches a session further, and says so", () => {
    const dataset = openDataset(lake.home);
    const close = dataset.labelledRows(5);
    const open = dataset.labelledRows(5, "open");
    expect([close.horizon, open.horizon]).toEqual([5, 6]);
    expect([close.labelEnds[0], open.labelEnds[0]]).toEqual([5, 6]);
  });

  test("DuckDB opens the months together and finds nulls where we have NaN", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::INT, count(returns_120d)::INT FROM '${built.folder}/month=*.parquet'`,
    );
    const [rows, known] = reader.getRows()[0];
    const column = openDataset(lake.home).features(["returns_120d"]).column("returns_120d");
    expect(rows).toBe(built.manifest.rows);
    expect(known).toBe(column.filter((value) => value === value).length);
    expect(known).toBeLessThan(Number(rows));
  });
});

describe("what the lake lacks", () => {
  const span = { from: epochDay("2021-06-01"), to: epochDay("2021-11-30") } as const;

  test("columns of a source without data are left out, and the manifest lists them", async () => {
    const { manifest } = await buildDataset(lake, {
      ...span,
      selection: "returns_1d,margin_net,is_margin_valid,mkt_ret_1d",
      threads: 1,
    });
    expect(manifest.features.map(({ name }) => name)).toEqual(["returns_1d", "mkt_ret_1d"]);
    expect(manifest.absent).toEqual([
      { source: "markets_margin_interest", columns: ["margin_net", "is_margin_valid"] },
    ]);
    expect(manifest.market).toEqual(expect.arrayContaining(["margin_class", "scale_id"]));
  });

  test("a strict build names the sources that it lacks", async () => {
    const strict = buildDataset(lake, {
      ...span,
      selection: "returns_1d,margin_net",
      strict: true,
    });
    await expect(strict).rejects.toThrow(/nothing of markets_margin_interest \(1 columns\)/u);
  });

  test("classes of an issue are those of its own session", () => {
    const dataset = openDataset(lake.home, built.manifest.id);
    const market = dataset.market(["margin_class", "scale_id", "sector33_id"]);
    const classes = new Set(market.column("margin_class"));
    expect([...classes].every((value) => value >= 1 && value <= 3)).toBe(true);
    const scales = [...new Set(market.column("scale_id"))].filter((value) => value === value);
    expect(scales.length).toBeGreaterThan(1);
    expect(Math.max(...scales)).toBeLessThan(5);
    expect(market.column("sector33_id").every((value) => value >= 0 && value < 34)).toBe(true);
  });
});
